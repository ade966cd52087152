// What the Problems view shows of a training configuration while somebody writes it.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { until } from "../../until.js";
import { ourExtension } from "../extension.js";

describe("the problems of a training configuration", () => {
  let uri: vscode.Uri;

  before(async () => {
    await ourExtension().activate();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    uri = vscode.Uri.joinPath(folder.uri, "training-problems.json");
  });
  after(() => vscode.workspace.fs.delete(uri));

  const problems = () =>
    vscode.languages
      .getDiagnostics(uri)
      .filter(({ source }) => source === "0G Compute")
      .map(({ code, range: { start, end } }) => [code, start.line, start.character, end.character]);

  it("stand at the value, go when it is mended, and are not shown for other JSON", async () => {
    const lines = [
      '{ "neftune_noise_alpha": 5, "num_train_epochs": 1,',
      '  "per_device_train_batch_size": 2, "learning_rate": 2e-4, "max_steps": -1 }',
    ];
    await vscode.workspace.fs.writeFile(uri, Buffer.from(lines.join("\n")));
    const document = await vscode.workspace.openTextDocument(uri);
    const start = lines[1]!.indexOf("2e-4");
    await until("the rate is marked", () => problems().some(([code]) => code === "OC03"));
    assert.deepEqual(
      problems().filter(([code]) => code === "OC03"),
      [["OC03", 1, start, start + 4]],
    );
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(1, start, 1, start + 4), "0.0002");
    await vscode.workspace.applyEdit(edit);
    await until("it is mended", () => !problems().some(([code]) => code === "OC03"));
    const other = new vscode.WorkspaceEdit();
    other.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), '{ "max_steps": 0 }');
    await vscode.workspace.applyEdit(other);
    await until("it is other JSON", () => problems().length === 0);
    await document.save();
  });
});

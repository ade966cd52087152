// Where the link of a picture goes in a Markdown file: a paragraph of its own behind the line, which it does not tear apart.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { insertLink, promptOf } from "../../../src/vscode/media/markdownPlace.js";
import { until } from "../../until.js";

describe("the link of a generated picture", () => {
  const opened: vscode.TextDocument[] = [];
  const folders: string[] = [];
  const linked = async (content: string, from: [number, number], to: [number, number]) => {
    const document = await vscode.workspace.openTextDocument({ content, language: "markdown" });
    opened.push(document);
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(...from, ...to);
    const place = promptOf(editor);
    assert.ok(place);
    await insertLink(place, "a fox", [vscode.Uri.file("/elsewhere/fox.png")]);
    const text = document.getText();
    assert.ok(editor.selection.isEmpty);
    assert.match(document.lineAt(editor.selection.end.line).text, /^!\[a fox\]/);
    return text.replace(/\(.*fox\.png\)/, "()");
  };

  after(async () => {
    for (const document of opened) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    }
    for (const folder of folders) await rm(folder, { recursive: true });
  });

  it("stands behind the line of which a part was selected", async () => {
    assert.equal(
      await linked("See a fox in the snow.\nIt is red.\n", [0, 4], [0, 9]),
      "See a fox in the snow.\n\n![a fox]()\n\nIt is red.\n",
    );
  });

  it("has one blank line on either side, where there are some already and at the end", async () => {
    const whole = "A fox.\n\n![a fox]()\n\nAn owl.\n";
    assert.equal(await linked("A fox.\n\nAn owl.\n", [0, 0], [0, 5]), whole);
    assert.equal(await linked("A fox.\n\nAn owl.\n", [0, 0], [1, 0]), whole);
    assert.equal(await linked("A fox.\nAn owl.\n", [0, 0], [1, 0]), whole);
    assert.equal(await linked("A fox.\n\nAn owl.\n", [0, 0], [2, 0]), whole);
    assert.equal(await linked("A fox.", [0, 0], [0, 5]), "A fox.\n\n![a fox]()");
  });

  it("keeps the line ends of its file", async () => {
    assert.equal(
      await linked("A fox.\r\nAn owl.\r\n", [0, 2], [0, 5]),
      "A fox.\r\n\r\n![a fox]()\r\n\r\nAn owl.\r\n",
    );
  });

  it("gets into a file that was closed meanwhile, and not where its words have changed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "closed-"));
    folders.push(folder);
    const linkedLater = async (now: string) => {
      const uri = vscode.Uri.file(join(folder, `${now}.md`));
      await writeFile(uri.fsPath, "A fox.\n");
      await vscode.commands.executeCommand("vscode.open", uri);
      const editor = vscode.window.activeTextEditor;
      assert.ok(editor);
      editor.selection = new vscode.Selection(0, 0, 0, 6);
      const place = promptOf(editor);
      assert.ok(place);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      await until("it is closed", () => place.document.isClosed);
      await writeFile(uri.fsPath, `${now}\n`);
      await insertLink(place, "a fox", [vscode.Uri.joinPath(uri, "../images/fox.png")]);
      const document = await vscode.workspace.openTextDocument(uri);
      opened.push(document);
      return document.getText();
    };
    assert.equal(await linkedLater("A fox."), "A fox.\n\n![a fox](images/fox.png)\n");
    assert.equal(await linkedLater("An owl."), "An owl.\n");
  });

  it("is asked for with the words of an item, a heading or a quotation alone", async () => {
    const promptFor = async (content: string) => {
      const document = await vscode.workspace.openTextDocument({ content, language: "markdown" });
      opened.push(document);
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(0, 0, document.lineCount, 0);
      return promptOf(editor)?.prompt;
    };
    assert.equal(await promptFor("- A fox\n  * in the snow\n1. - [x] An owl\n"), "A fox in the snow An owl");
    assert.equal(await promptFor("## A fox\n\n> > in\n>the snow\n"), "A fox in the snow");
    assert.equal(
      await promptFor("-1 degrees, 3.5 m, a red-brown fox #1"),
      "-1 degrees, 3.5 m, a red-brown fox #1",
    );
    assert.equal(await promptFor("- \n> \n"), undefined);
  });
});

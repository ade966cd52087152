// Where the link of a picture goes in a Markdown file: a paragraph of its own behind the line, which it does not tear apart.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { insertLink, promptOf } from "../../../src/vscode/media/markdownPlace.js";

describe("the link of a generated picture", () => {
  const opened: vscode.TextDocument[] = [];
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
});

// The receipt that a chat leaves: found in the list, as a page and as the text it is, and damaged on disk.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ChatPage } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";

const lens = (editor: Editor, text: string) =>
  editor.workbench.page.locator(".codelens-decoration").filter({ hasText: text });

/** The one receipt there is, wherever this VS Code keeps our files. */
function receiptFile(editor: Editor): string {
  const names = readdirSync(editor.dataFolder, { recursive: true, encoding: "utf8" });
  const name = names.find((one) => one.endsWith(".0greceipt.json"));
  assert.ok(name);
  return join(editor.dataFolder, name);
}

describe("a receipt", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  it("is listed, opened and checked again in every theme kind", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a ledger?", "Verified");
    await workbench.inEveryTheme(async (kind) => {
      await workbench.runCommand("0G Compute: Show receipts");
      await workbench.quickPickRows().filter({ hasText: "What is a ledger?" }).first().waitFor();
      await workbench.screenshot(`receipts-list-${kind}`);
      await workbench.quickPick("What is a ledger?");
      const page = await workbench.webviewFrame("main.proof");
      await page.locator(".sentence", { hasText: "signed exactly these bytes" }).waitFor();
      assert.equal(await page.locator(".step.is-failed").count(), 0);
      await workbench.screenshot(`receipts-report-${kind}`);
      await workbench.runCommand("View: Reopen Editor With...");
      await workbench.quickPick("Text Editor");
      await lens(editor, "Proven").waitFor();
      await workbench.screenshot(`receipts-open-${kind}`);
      await workbench.runCommand("View: Close All Editors");
    });
  });

  it("of a late signature is proven after the window was loaded anew, and so says the answer", async () => {
    const { workbench } = editor;
    const before = await ChatPage.inSandbox(editor);
    await before.control("DELETE", "/faults");
    await before.fault("late-signature", 8_000, 1);
    await before.askUntil("What comes late?", "Not proven");
    await workbench.screenshot("receipts-late-before");
    await workbench.reloadWindow();
    const after = await ChatPage.shown(editor);
    await after.badge("Verified");
    await workbench.screenshot("receipts-late-after");
    await workbench.runCommand("0G Compute: Show receipts");
    await workbench.quickPick("What comes late?");
    const page = await workbench.webviewFrame("main.proof");
    await page.locator(".sentence", { hasText: "signed exactly these bytes" }).waitFor();
  });

  it("that was damaged says so in its editor, and as a text above its first line", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a ledger?", "Verified");
    const copy = join(editor.workspace, "damaged.0greceipt.json");
    writeFileSync(copy, readFileSync(receiptFile(editor), "utf8").replace('"length": 1', '"length": 2'));
    await workbench.openFile("damaged.0greceipt.json");
    const page = await workbench.webviewFrame("main.proof");
    await page.locator(".summary.is-failed").waitFor();
    await workbench.runCommand("View: Reopen Editor With...");
    await workbench.quickPick("Text Editor");
    await lens(editor, "Failed").waitFor();
    await workbench.screenshot("receipts-damaged");
  });
});

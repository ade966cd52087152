// A receipt in the editor of its own: checked when it opens, when its file changes and after a reload, by keyboard too, and in every theme.
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { useEditor } from "./harness.js";
import { until } from "./until.js";

const receipt = "test/fixtures/receipts/v1-combined-streamed.0greceipt.json";
/** What a folder calls its files is no pattern. */
const name = "answer [1].0greceipt.json";

describe("a receipt in its editor", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();
  const path = () => join(editor.workspace, name);
  const pageWith = (text: RegExp): Promise<Frame> =>
    until(`the page says ${String(text)}`, async () => {
      const frame = await editor.workbench.webviewFrame("main.proof");
      return text.test((await frame.locator("main").textContent()) ?? "") ? frame : undefined;
    });

  /** By the editor's own dialog, which needs no row of a file that has just been written. */
  const opened = async (): Promise<Frame> => {
    const { workbench } = editor;
    cpSync(receipt, path());
    await workbench.runCommand("File: Open File...");
    await workbench.quickInput().getByText("Open File", { exact: true }).waitFor();
    await workbench.fileDialog(path());
    await workbench.editorTab(name).waitFor();
    return pageWith(/signed exactly these bytes/);
  };

  it("is a page with every check in every theme kind", async () => {
    const { workbench } = editor;
    await workbench.active();
    await opened();
    await workbench.inEveryTheme(async (kind) => {
      const page = await pageWith(/signed exactly these bytes/);
      assert.equal(await page.locator(".step.is-failed").count(), 0);
      await workbench.screenshot(`receipt-editor-${kind}`);
      assert.deepEqual(await workbench.axe(page), []);
    });
    assert.deepEqual(editor.policyViolations(), []);
  });

  it("is checked again when its file changes, is damaged, goes and comes back", async () => {
    const { workbench } = editor;
    await workbench.active();
    await opened();
    const whole = readFileSync(path(), "utf8");
    const failed = await until("the page notices that the file was changed", async () => {
      // Once more each time: the editor may not be watching yet.
      writeFileSync(path(), whole.replace(/"model": "[^"]*"/, '"model": "another"'));
      const frame = await workbench.webviewFrame("main.proof");
      return (await frame.locator(".summary.is-failed").isVisible()) ? frame : undefined;
    });
    assert.match((await failed.locator("main").textContent()) ?? "", /changed or damaged since it was made/);
    await workbench.screenshot("receipt-editor-changed");
    writeFileSync(path(), whole.slice(0, 200));
    const page = await pageWith(/By its name this is a receipt, and it cannot be read as one/);
    await workbench.screenshot("receipt-editor-damaged");
    assert.deepEqual(await workbench.axe(page), []);
    writeFileSync(path(), whole);
    await pageWith(/signed exactly these bytes/);
    rmSync(path());
    await pageWith(/is not there, or cannot be read/);
    writeFileSync(path(), whole);
    await pageWith(/signed exactly these bytes/);
  });

  it("is not read when it is large, until somebody asks", async () => {
    const { workbench } = editor;
    await workbench.active();
    await opened();
    const whole = readFileSync(path(), "utf8");
    const large = await until("the page notices that the file is large", async () => {
      writeFileSync(path(), `{${" ".repeat(5_000_000)}${whole.slice(1)}`);
      const frame = await workbench.webviewFrame("main.proof");
      return /large JSON file/.test((await frame.locator("main").textContent()) ?? "") ? frame : undefined;
    });
    assert.equal(await large.locator(".step").count(), 0);
    assert.equal(await large.locator(".problem").count(), 0, "nothing is wrong with it");
    await workbench.screenshot("receipt-editor-large");
    assert.deepEqual(await workbench.axe(large), []);
    await large.getByRole("button", { name: "Check this file", exact: true }).click();
    await pageWith(/was written in another way/);
    await workbench.screenshot("receipt-editor-large-asked");
  });

  it("is back after a reload, takes the keyboard, and can be read as the text it is", async () => {
    const { workbench } = editor;
    await workbench.active();
    await opened();
    await workbench.reloadWindow();
    const page = await pageWith(/signed exactly these bytes/);
    const again = page.getByRole("button", { name: "Check again", exact: true });
    await again.focus();
    await workbench.page.keyboard.press("Tab");
    await page
      .getByRole("button", { name: "Copy all", exact: true })
      .and(page.locator(":focus-within, :focus"))
      .waitFor();
    await workbench.page.keyboard.press("Enter");
    await until("the page is copied", async () =>
      /^# Verification of a file: Proven/.test(await workbench.clipboard()),
    );
    await workbench.runCommand("View: Reopen Editor With...");
    await workbench.quickPick("Text Editor");
    await workbench.page.locator(".codelens-decoration").filter({ hasText: "Proven" }).waitFor();
  });
});

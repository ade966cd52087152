// A file from anywhere, verified: a receipt from its answer, a report from the Explorer and against the chain, a model by the command, another
// file by its editor, and one that is dropped on a view.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { sealedModel } from "../support/fineTuningDesk.js";
import { ChatPage, sandboxReady } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";
import { until } from "./until.js";

const receiptFile = "test/fixtures/receipts/v1-combined-streamed.0greceipt.json";

/** The page in front, once it says that. */
async function pageWith(editor: Editor, text: RegExp): Promise<Frame> {
  return until(`a page says ${String(text)}`, async () => {
    const frame = await editor.workbench.webviewFrame("main.proof");
    const told = (await frame.locator("main").textContent()) ?? "";
    return text.test(told) ? frame : undefined;
  });
}

const withModel = (editor: Editor) =>
  writeFileSync(join(editor.workspace, "model.bin"), sealedModel(randomBytes(500_000)).bytes);

/** From the Explorer on a provider's row; held over it, the container opens. */
async function dropOnView({ workbench }: Editor, name: string): Promise<void> {
  const row = await workbench.revealFile(name);
  await row.waitFor();
  const container = workbench.page.getByRole("tab", { name: "0G Compute" });
  const [from, to] = [await row.boundingBox(), await container.boundingBox()];
  assert.ok(from && to);
  const { mouse } = workbench.page;
  await mouse.move(from.x + 40, from.y + from.height / 2);
  await mouse.down();
  await mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 10 });
  const provider = workbench.treeItem("Providers", /private/).first();
  await until("the container is open", async () => {
    await mouse.move(to.x + to.width / 2 + Math.random(), to.y + to.height / 2);
    return provider.isVisible();
  });
  const target = await provider.boundingBox();
  assert.ok(target);
  await mouse.move(target.x + 60, target.y + target.height / 2, { steps: 10 });
  await mouse.move(target.x + 62, target.y + target.height / 2 + 2, { steps: 5 });
  await mouse.up();
}

describe("a file", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  it("is verified from wherever somebody meets it", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a ledger?", "Verified");

    await chat.last().locator(".badge").click();
    await chat.last().getByRole("button", { name: "Show receipt" }).click();
    const receipt = await pageWith(editor, /signed exactly these bytes/);
    assert.match((await receipt.locator("main").textContent()) ?? "", /ReceiptKindAnswer|Receipt.*Answer/);
    assert.equal(await receipt.locator(".step.is-failed").count(), 0);
    await receipt.getByRole("button", { name: "Check against the chain" }).click();
    await pageWith(editor, /This provider names the key now/);
    await workbench.screenshot("verify-receipt");
    assert.deepEqual(await workbench.axe(receipt), []);
    await workbench.runCommand("View: Close All Editors");

    const { url } = sandboxReady(editor).providers.find(({ class: kind }) => kind === "combined")!;
    const report = await (await fetch(`${url}/v1/quote`)).text();
    writeFileSync(join(editor.workspace, "from a friend.txt"), report);
    await workbench.contextMenu(await workbench.revealFile("from a friend.txt"), /^Verify file/);
    const page = await pageWith(editor, /Attestation report of a provider/);
    const told = (await page.locator("main").textContent()) ?? "";
    assert.match(told, /Not proven/);
    assert.match(told, /Found\d+ bytes/);
    assert.doesNotMatch(told, /Intel/);
    await page.getByRole("button", { name: "Check against the chain" }).click();
    await pageWith(editor, /This provider names the key now/);
    await workbench.reloadWindow();
    await pageWith(editor, /without asking anyone/);
    await workbench.runCommand("View: Close All Editors");

    withModel(editor);
    await workbench.runCommand("0G Compute: Verify file with 0G…");
    await workbench.quickInput().getByText("Verify a file").waitFor();
    await workbench.fileDialog(join(editor.workspace, "model.bin"));
    await pageWith(editor, /has the form of an encrypted model/);
    await workbench.runCommand("View: Close All Editors");

    await workbench.openFile("README.md");
    await workbench.runCommand("0G Compute: Verify the file in this editor");
    await pageWith(editor, /This is a text, and neither a receipt nor a report/);
    await workbench.runCommand("View: Close All Editors");
    assert.deepEqual(editor.policyViolations(), []);
  });

  it("that is dropped on a view is verified: a receipt, a report, an encrypted model", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    await workbench
      .treeItem("Providers", /private/)
      .first()
      .waitFor();
    const { url } = sandboxReady(editor).providers.find(({ class: kind }) => kind === "combined")!;
    withModel(editor);
    writeFileSync(join(editor.workspace, "report.json"), await (await fetch(`${url}/v1/quote`)).text());
    cpSync(receiptFile, join(editor.workspace, "a.0greceipt.json"));
    for (const [name, told] of [
      ["model.bin", /has the form of an encrypted model/],
      ["report.json", /Attestation report of a provider/],
      ["a.0greceipt.json", /signed exactly these bytes/],
    ] as const) {
      await dropOnView(editor, name);
      await pageWith(editor, told);
      await workbench.runCommand("View: Close All Editors");
    }
  });

  it("is told what it is in every theme kind", async () => {
    const { workbench } = editor;
    withModel(editor);
    await workbench.reloadWindow(); // the Explorer may not be watching yet
    await workbench.inEveryTheme(async (kind) => {
      await workbench.contextMenu(await workbench.revealFile("model.bin"), /^Verify file/);
      const page = await pageWith(editor, /has the form of an encrypted model/);
      await workbench.screenshot(`verify-model-${kind}`);
      assert.deepEqual(await workbench.axe(page), []);
      await workbench.contextMenu(await workbench.revealFile("README.md"), /^Verify file/);
      await pageWith(editor, /This is a text/);
      await workbench.screenshot(`verify-text-${kind}`);
      await workbench.runCommand("View: Close All Editors");
    });
  });
});

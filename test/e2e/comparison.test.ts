// Answers side by side in the sandbox: from the chat's providers to verified answers, after one question, and in every theme kind.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ChatPage } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";
import { until } from "./until.js";

async function shown(editor: Editor) {
  const frame = await editor.workbench.webviewFrame(".comparison");
  await frame.locator("#model-0 option").nth(1).waitFor({ state: "attached", timeout: 60_000 });
  return frame;
}

/** At first only one provider has money in the sandbox: the others say what is missing, and leave it be. */
async function ask(editor: Editor, question: string) {
  const { workbench } = editor;
  await workbench.runCommand("0G Compute: Compare answers");
  const frame = await shown(editor);
  await frame.locator("#prompt").fill(question);
  await frame.getByText(/^about .* for all, at most /).waitFor();
  await frame.getByRole("button", { name: /^System prompt and parameters/ }).click();
  await frame.getByRole("textbox", { name: "System prompt" }).fill("Answer in one sentence.");
  await frame.getByRole("textbox", { name: "Top p" }).fill("0.9");
  await frame.getByRole("textbox", { name: "Top p" }).press("Escape");
  await frame.locator(".asking-line").getByText("system prompt · top p 0.9").waitFor();
  await frame.getByRole("button", { name: "Ask all" }).click();
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await dialog.getByText(/On Sandbox, (together )?up to 0\.\d+ 0G/).waitFor();
  return { frame, dialog };
}

describe("the comparison", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  it("asks after one question, shows a verified answer beside what keeps the others, and its receipt", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    const { frame, dialog } = await ask(editor, "What is a sub-account?");
    await workbench.screenshot("comparison-question");
    await dialog.getByRole("button", { name: "Ask", exact: true }).click();
    const columns = frame.getByRole("article");
    await columns.filter({ hasText: "Verified" }).first().waitFor({ timeout: 60_000 });
    await until(
      "every column has ended",
      async () => (await frame.getByRole("button", { name: "Ask all" }).count()) === 1,
    );
    assert.equal(await columns.count(), 3);
    assert.ok((await frame.locator(".error-row").count()) >= 1, "no money there");
    await workbench.screenshot("comparison-answered");
    const verified = columns.filter({ hasText: "Verified" }).first();
    assert.match((await verified.locator(".figures").textContent()) ?? "", /First token\d.*Cost/);
    await verified.locator("summary", { hasText: "Verified" }).click();
    await verified.getByRole("button", { name: "Show receipt" }).click();
    await workbench
      .editorTab(/receipt/i)
      .first()
      .waitFor();
    await workbench.editorTab("Answers compared").first().click();
    const shownAgain = await workbench.webviewFrame(".comparison");
    await shownAgain
      .getByText(/^Asked without: Top p\./)
      .first()
      .waitFor();
    await shownAgain.getByRole("button", { name: /^Go on with .* in a chat$/ }).click();
    const chat = await ChatPage.shown(editor);
    await chat.frame.getByText("What is a sub-account?").first().waitFor();
    await chat.frame
      .getByText(/^Verified/)
      .first()
      .waitFor();
    await workbench.screenshot("comparison-goes-on");
    assert.deepEqual(editor.policyViolations(), []);
  });

  it("sends nothing when the question is declined, and keeps what was written over a reload", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    const { frame, dialog } = await ask(editor, "Is this sent?");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await frame.getByText("Stopped before an answer came").first().waitFor();
    await workbench.reloadWindow();
    const again = await shown(editor);
    await until(
      "the question is back",
      async () => (await again.locator("#prompt").inputValue()) === "Is this sent?",
    );
    await again.locator(".asking-line").getByText("system prompt · top p 0.9").waitFor();
  });

  it("asks three that have money: each answers with figures, verdict and receipt, and the activity has their sum; it reads well in every theme kind", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    for (const index of [1, 2]) {
      const provider = workbench.treeItem("Providers", "sandbox-chat").nth(index);
      await workbench.contextMenu(provider, "Transfer to provider");
      await until("the amount is asked for", async () =>
        /^Transfer to/.test(await workbench.quickInputTitle()),
      );
      await workbench.inputBox("2");
      await workbench.clickDialog(/Deposit/);
      await workbench.clickDialog(/Transfer/);
      await workbench.notification("Usable with the provider now: 1 0G").waitFor();
      await workbench.runCommand("Notifications: Clear All Notifications");
    }
    const spent: bigint[] = [];
    await workbench.inEveryTheme(async (kind) => {
      await workbench.reloadWindow(); // to a page without the answers before
      await workbench.active();
      const { frame, dialog } = await ask(editor, "What is a ledger?");
      await dialog.getByText(/Ask these 3 providers\?/).waitFor();
      await dialog.getByRole("button", { name: "Ask", exact: true }).click();
      const columns = frame.getByRole("article");
      await until(
        "three are verified",
        async () => (await columns.locator(".badge-word", { hasText: /^Verified$/ }).count()) === 3,
        60_000,
      );
      await workbench.screenshot(`comparison-editor-${kind}`);
      assert.deepEqual(await workbench.axe(frame), []);
      for (const figures of await columns.locator(".figures").allTextContents())
        assert.match(figures, /^First token\d+(\.\d+)? m?sTokens\/s\d+(\.\d+)?Cost0\.\d+ 0G$/);
      const costs = columns.locator(".figures dd[title]");
      spent.push(
        ...(await costs.evaluateAll((all) => all.map((one) => (one as HTMLElement).title))).map(neuronOf),
      );
      await columns.first().locator("summary", { hasText: "Verified" }).click();
      await columns.first().getByRole("button", { name: "Show receipt" }).waitFor();
      assert.equal(spent.length, receipts(editor), "a receipt each");
    });
    assert.equal(spent.length, 12);
    await workbench.runCommand("0G Compute: Show activity");
    const activity = await workbench.webviewFrame(".activity");
    await activity.getByText(/^Read up to block/).waitFor({ timeout: 60_000 });
    await activity.getByLabel("Kind", { exact: true }).selectOption({ label: "Answer" });
    await activity.getByText("1–12 of 12").first().waitFor({ state: "attached" });
    const amounts = await activity
      .locator("td.column-amount")
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("title") || cell.textContent || ""));
    const sum = (all: readonly bigint[]) => all.reduce((total, one) => total + one, 0n);
    assert.equal(sum(amounts.map(neuronOf)), sum(spent));
    assert.deepEqual(editor.policyViolations(), []);
  });
});

/** Of an exact amount, such as "0.000321 0G". */
function neuronOf(text: string): bigint {
  const [, whole = "", fraction = ""] = /^(\d+)(?:\.(\d+))? 0G$/.exec(text) ?? [];
  assert.ok(whole, `${text} is an exact amount`);
  return BigInt(whole + fraction.padEnd(18, "0"));
}

const receipts = ({ dataFolder }: Editor) =>
  readdirSync(join(dataFolder, "data/User/globalStorage"), { recursive: true }).filter((name) =>
    String(name).endsWith(".0greceipt.json"),
  ).length;

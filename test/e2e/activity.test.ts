// The activity in the sandbox after a chat: the deposit, the transfer and the answer are there, in every theme kind, and after a reload.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ChatPage } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";
import { until } from "./until.js";

/** The kinds of the rows, as they are read once the chain is. */
async function kindsShown(editor: Editor): Promise<string[]> {
  const frame = await editor.workbench.webviewFrame(".activity");
  await frame.getByText(/^Read up to block/).waitFor({ timeout: 60_000 });
  return frame.locator(".movements .kind").allTextContents();
}

describe("the activity", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  it("lists the deposit, the transfer and the answer, opened from the accounts view, and again after a reload", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a sub-account?", "Verified");
    await workbench.openContainer("0G Compute");
    await workbench.clickViewAction("Accounts", "Show activity");
    await until("each has its row", async () => {
      const kinds = await kindsShown(editor);
      return ["Deposit", "Transfer", "Answer"].every(
        (kind) => kinds.filter((one) => one === kind).length === 1,
      );
    });
    const frame = await workbench.webviewFrame(".activity");
    await frame.locator("summary", { hasText: "Totals per provider" }).click();
    await workbench.screenshot("activity");
    await frame.locator("summary", { hasText: "Totals per day" }).click();
    await workbench.screenshot("activity-days");
    const kinds = await kindsShown(editor);
    assert.equal(kinds.filter((kind) => kind === "Network fee").length, 2, "of the deposit and the transfer");
    await frame.getByLabel("Kind", { exact: true }).selectOption({ label: "Deposit" });
    await frame.getByText("1–1 of 1").first().waitFor({ state: "attached" });
    assert.deepEqual(await frame.locator(".column-amount").allTextContents(), ["Amount", "3 0G"]);
    assert.deepEqual(editor.policyViolations(), []);
    await workbench.reloadWindow();
    await until("the panel is back", async () => (await kindsShown(editor)).includes("Answer"));
  });

  it("is exported as CSV into the folder that the user has open: what is filtered for, exact", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.runCommand("0G Compute: Show activity");
    await until("the fees are read", async () => (await kindsShown(editor)).includes("Network fee"));
    const frame = await workbench.webviewFrame(".activity");
    await frame.getByLabel("Kind", { exact: true }).selectOption({ label: "Network fee" });
    await frame.getByText("1–2 of 2").first().waitFor({ state: "attached" });
    const amounts = await frame
      .locator("td.column-amount")
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("title") ?? cell.textContent ?? ""));
    await frame.getByRole("button", { name: "Export as CSV" }).click();
    const named = workbench.quickInput().locator("input").last();
    await until("the dialog proposes a name", async () => /\.csv$/.test(await named.inputValue()));
    const file = await named.inputValue();
    assert.equal(dirname(file), editor.workspace);
    await workbench.fileDialog(file);
    await workbench.notification("The activity is exported.").waitFor();
    const [head, ...rows] = readFileSync(file, "utf8").trimEnd().split("\r\n");
    assert.match(head ?? "", /^\ufefftime,kind,amount_0g,amount_neuron,provider,/);
    assert.equal(rows.length, 2);
    for (const row of rows) assert.match(row, /^[^,]+,networkFee,0\.\d+,\d+,/);
    const exact = rows.map((row) => `${row.split(",")[2]} 0G`);
    assert.deepEqual(exact.toReversed(), amounts, "as in the table, whose order is the newest first");
    await workbench.clickNotification("The activity is exported.", "Open");
    await workbench.editorTab(basename(file)).waitFor();
    await workbench.screenshot("activity-exported");
  });

  it("reads well in every theme kind", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a ledger?", "Verified");
    await workbench.inEveryTheme(async (kind) => {
      await workbench.runCommand("0G Compute: Show activity");
      await until("it is read", async () => (await kindsShown(editor)).length > 2);
      await workbench.screenshot(`activity-editor-${kind}`);
      const frame = await workbench.webviewFrame(".activity");
      assert.deepEqual(await workbench.axe(frame), []);
    });
    assert.deepEqual(editor.policyViolations(), []);
  });
});

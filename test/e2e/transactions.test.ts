// A transaction that no block takes: shown, sped up, there after the window was closed, and cancelled.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { SandboxSight } from "./sandboxSight.js";
import { until } from "./until.js";

describe("a transaction that waits", () => {
  const editor = useEditor();

  it("is a row that is sped up and, after a restart, cancelled: nothing is paid; one behind it is given up", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    const sandbox = new SandboxSight(editor);
    const user = await sandbox.user();
    const before = await sandbox.purse(user);
    await workbench.openContainer("0G Compute");
    await sandbox.control("POST", "/faults", { target: "chain", fault: "no-mining" });
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.inputBox("1.5");
    await workbench.clickDialog(/Deposit/);
    const shows = (text: string) =>
      until(`the row says ${text}`, async () =>
        (await workbench.treeTexts("Accounts")).some(
          (row) => row.includes("Deposit 1.5") && row.includes(text),
        ),
      );
    await shows("waiting");
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.inputBox("1.25");
    await workbench.clickDialog(/Deposit/);
    await until("the next waits behind it", async () =>
      (await workbench.treeTexts("Accounts")).some(
        (row) => row.includes("Deposit 1.25") && row.includes("waits for its turn"),
      ),
    );
    await workbench.screenshot("transaction-waits");
    await workbench.clickInlineAction("Accounts", "Deposit 1.25", "Cancel transaction");
    await workbench.notification("“Deposit 1.25 0G” was given up while it waited").waitFor();
    await until("it is gone", async () =>
      (await workbench.treeTexts("Accounts")).every((row) => !row.includes("Deposit 1.25")),
    );
    await workbench.clickInlineAction("Accounts", "Deposit 1.5", "Speed up transaction");
    await workbench.dialog().waitFor();
    const text = (await workbench.dialog().textContent()) ?? "";
    for (const part of ["Speed up “Deposit 1.5 0G”?", "Fee: now at most 0.", "Before: at most 0."])
      assert.ok(text.includes(part), `${part} in ${text}`);
    await workbench.screenshot("transaction-speed-up");
    await workbench.clickDialog("Speed up");
    await shows("sped up");

    await editor.reopenWindow();
    const again = editor.workbench;
    await again.openContainer("0G Compute");
    await until("the row is back", async () =>
      (await again.treeTexts("Accounts")).some(
        (row) => row.includes("Deposit 1.5") && row.includes("sped up"),
      ),
    );
    await again.clickInlineAction("Accounts", "Deposit 1.5", "Cancel transaction");
    await again.dialog().waitFor();
    await again.screenshot("transaction-cancel");
    await again.clickDialog("Yes, cancel it");
    await again.notification("“Deposit 1.5 0G” was cancelled").waitFor();
    await until("the row is gone", async () =>
      (await again.treeTexts("Accounts")).every((row) => !row.includes("Deposit 1.5")),
    );
    await again.screenshot("transaction-cancelled");
    const after = await sandbox.purse(user);
    assert.deepEqual([after.sent, after.ledgerTotal], [before.sent + 1, before.ledgerTotal]);
  });
});

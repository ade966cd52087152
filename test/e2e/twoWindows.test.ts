// Two windows of one person: one wallet, and both pay from it at the same moment.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { SandboxSight } from "./sandboxSight.js";
import { until } from "./until.js";
import type { Workbench } from "./workbench.js";

const oneOg = 10n ** 18n;

describe("two windows of one wallet", () => {
  // Each process that listens would be told of, here among what is looked at.
  const editor = useEditor({ settings: { "remote.autoForwardPorts": false } });

  it("pay at the same moment with a nonce each: both arrive, and neither tells of a failure", async () => {
    await ChatPage.inSandbox(editor);
    const sandbox = new SandboxSight(editor);
    const windows = [editor.workbench, await editor.anotherWindow()] as const;
    const [first, second] = windows;
    const user = await sandbox.user();
    const before = await sandbox.purse(user);
    const head = await sandbox.head();
    for (const window of windows) await showAccounts(window);

    await askToDeposit(first, "1.25");
    await askToDeposit(second, "0.5");
    // No block takes the first before the other is agreed to: they are under way at the same time, and take turns.
    await sandbox.fault("no-mining");
    await Promise.all(windows.map((window) => window.clickDialog("Deposit")));
    for (const window of windows)
      await until("the one that is out is shown", async () =>
        (await window.treeTexts("Accounts")).some((text) => text.includes("waiting")),
      );
    assert.equal(await sandbox.sent(user), before.sent + 1);
    await second.screenshot("two-windows-waiting");
    await sandbox.clearFaults();

    for (const window of windows) await window.notification(/0G are deposited\. .*Transaction 0x/).waitFor();
    await second.screenshot("two-windows-done");
    assert.deepEqual(await sandbox.minedSince(head, user), [
      { nonce: before.sent, isDone: true },
      { nonce: before.sent + 1, isDone: true },
    ]);
    const { sent, ledgerTotal, ledgerFree } = await sandbox.purse(user);
    const sum = (oneOg * 175n) / 100n;
    assert.deepEqual(
      { sent, ledgerTotal, ledgerFree },
      { sent: before.sent + 2, ledgerTotal: before.ledgerTotal + sum, ledgerFree: before.ledgerFree + sum },
    );
    for (const window of windows) {
      const texts = await window.notificationTexts();
      assert.ok(
        texts.every((text) => /^[\d.]+ 0G are deposited\./.test(text)),
        texts.join("\n"),
      );
      await window.runCommand("0G Compute: Refresh accounts"); // what another window moved is read within a minute otherwise
      await until("the tree shows the sum", async () =>
        (await window.treeTexts("Accounts")).some((text) => text.includes("1.75 0G available")),
      );
    }
  });
});

async function showAccounts(window: Workbench): Promise<void> {
  await window.active();
  await window.openContainer("0G Compute");
  await until("the ledger is shown", async () =>
    (await window.treeTexts("Accounts")).some((text) => text.startsWith("Ledger")),
  );
}

async function askToDeposit(window: Workbench, amount: string): Promise<void> {
  await window.runCommand("0G Compute: Deposit to ledger");
  await window.inputBox(amount);
  await window.dialog().getByRole("button", { name: "Deposit" }).waitFor();
}

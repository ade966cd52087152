// Money on its way back, as a user sees it: asked back, offered when its lock is over, collected, withdrawn with the last coin.
import assert from "node:assert/strict";
import { until } from "./until.js";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { MenuDesk } from "./menuDesk.js";
import { SandboxSight } from "./sandboxSight.js";

const day = 86_400;

describe("bringing money home", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  const row = (text: string) =>
    until(`a row of Accounts says ${text}`, async () =>
      (await editor.workbench.treeTexts("Accounts")).find((one) => one.includes(text)),
    );

  it("deposits, transfers, chats, asks back, waits, collects with one click, and withdraws all of it", async () => {
    const { workbench } = editor;
    const sandbox = new SandboxSight(editor);
    const chat = await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    await row("usable of 3 0G");
    await workbench.clickInlineAction("Accounts", "sandbox-chat", "Transfer to provider");
    await workbench.inputBox("1"); // more than the ledger has: both steps end with their numbers
    await workbench.clickDialog(/Deposit/);
    await workbench.notification("1 0G available of 4 0G").waitFor();
    await workbench.clickDialog(/Transfer/);
    await workbench.notification("Usable with the provider now: 3 0G").waitFor();
    await workbench.screenshot("transfer-done");
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.inputBox("3");
    await workbench.clickDialog(/Deposit/);
    await row("3 0G available of 7 0G");
    await chat.askUntil("What is a sub-account?", "Verified");

    await workbench.runCommand("0G Compute: Ask all money back from providers");
    await workbench.dialog().waitFor();
    const asked = (await workbench.dialog().textContent()) ?? "";
    for (const part of ["can be collected after 24 hours", "usable: ", "0G now, 0 0G afterwards", "gas:"])
      assert.ok(asked.includes(part), `${part} in ${asked}`);
    await workbench.screenshot("confirm-ask-back");
    await workbench.clickDialog("Ask back");
    await row("on its way back");
    await row("free in");
    for (const kind of ["light", "highContrast", "dark"] as const) {
      await workbench.setTheme(kind);
      await workbench.openContainer("0G Compute");
      await row("free in");
      await workbench.screenshot(`accounts-locked-${kind}`);
    }

    await sandbox.passTime(day);
    await workbench.runCommand("0G Compute: Refresh accounts");
    await row("ready to collect");
    await workbench.notification("can be collected now").waitFor();
    await workbench.screenshot("collect-offer");
    const menus = new MenuDesk(editor, "moneyBack.test.ts", "deposits, transfers, chats, asks back");
    await menus.ofRow("collectRefunds", "due", workbench.treeItem("Accounts", "ready to collect").first());
    await menus.confirms(/Collect/);
    await workbench.clickNotification("can be collected now", "Collect");
    await workbench.dialog().waitFor();
    await workbench.screenshot("confirm-collect");
    await workbench.clickDialog("Collect");
    await row("empty");

    // An empty account can take its acknowledgement back, and give it again.
    const account = workbench.treeItem("Accounts", "empty").first();
    await menus.ofRow("revokeAcknowledgement", "revocable", account);
    await workbench.clickDialog("Take back");
    await row("not acknowledged");
    await menus.ofRow("acknowledge", "provider", account);
    await menus.confirms(/Acknowledge this provider/);
    menus.assertAll();

    await workbench.runCommand("0G Compute: Withdraw to wallet");
    await workbench.inputBox("6.9", { accept: false });
    await workbench.inputMessage().filter({ hasText: "at least 3 0G left in the ledger" }).waitFor();
    await workbench.screenshot("withdraw-remainder");
    await workbench.page.getByRole("button", { name: /^Max: / }).click();
    await workbench.page.keyboard.press("Enter");
    await workbench.dialog().waitFor();
    const home = (await workbench.dialog().textContent()) ?? "";
    assert.ok(
      home.includes("The contract then deletes the ledger and your accounts with providers (1)"),
      home,
    );
    await workbench.screenshot("confirm-withdraw-all");
    await workbench.clickDialog("Withdraw");
    await workbench.notification("There is no ledger any more.").waitFor();
    await row("none yet; a first deposit");
    await workbench.screenshot("accounts-home");
  });
});

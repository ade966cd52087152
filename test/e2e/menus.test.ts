// The entries of our context menus that no other test opens: each by the mouse, up to the first thing that is seen of it. Which they are, and
// who opens the others, stands in menuTable.ts.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import type { Locator } from "playwright-core";
import { aPicture } from "../support/media.js";
import { startSandbox } from "../support/sandbox.js";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { MenuDesk } from "./menuDesk.js";
import { SandboxSight } from "./sandboxSight.js";
import { stageMs, TuningPage } from "./tuningPage.js";
import { until } from "./until.js";

describe("the context menus", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();
  const desk = (name: string) => new MenuDesk(editor, "menus.test.ts", name);

  const line = (text: string): Locator =>
    editor.workbench.page
      .locator(".editor-group-container.active .view-line")
      .filter({ hasText: text })
      .first();
  const chatIs = (question: RegExp, chips: number) =>
    until(`the chat is asked ${String(question)}`, async () => {
      const chat = await ChatPage.shown(editor);
      return (
        question.test(await chat.input().inputValue()) &&
        (await chat.frame.locator(".chip").count()) === chips
      );
    });

  it("of files and editors lead where they say, and are not where they lead nowhere", async () => {
    const { workbench } = editor;
    const menus = desk("of files and editors");
    writeFileSync(join(editor.workspace, "data/grey.png"), aPicture());
    await ChatPage.inSandbox(editor);

    const file = async (path: string) => menus.offered(await workbench.revealFile(path));
    const everywhere = ["Add to 0G chat", "Verify file with 0G…"];
    const training = ["Fine-tune with 0G…", "Preview training rows", "Calculate tokens and cost"];
    assert.deepEqual(await file("README.md"), everywhere);
    assert.deepEqual(await file("data"), [], "a folder");
    assert.deepEqual((await file("data/support.jsonl")).toSorted(), [...everywhere, ...training].toSorted());
    assert.deepEqual(
      (await file("data/grey.png")).toSorted(),
      [...everywhere, "Edit image with 0G…"].toSorted(),
    );
    assert.deepEqual(await file("audio/chime.wav"), ["Transcribe with 0G…", "Verify file with 0G…"]);
    await menus.ofFile("calculateTokens", "data/support.jsonl");
    await menus.shows(/^Tokens and cost/);

    await workbench.openFile("data/support.jsonl");
    const row = line("messages");
    await menus.ofText("fineTune", row);
    await menus.asks(/sandbox-lm/);
    await menus.ofText("previewTrainingRows", row);
    await menus.shows(/^Training rows/);
    await menus.ofText("calculateTokens", row);
    await menus.shows(/^Tokens and cost/);
    await menus.ofTab("fineTune", "support.jsonl");
    await menus.asks(/sandbox-lm/);
    await menus.ofTab("previewTrainingRows", "support.jsonl");
    await menus.shows(/^Training rows/);
    await menus.ofTab("calculateTokens", "support.jsonl");
    await menus.shows(/^Tokens and cost/);

    await workbench.openFile("src/triage.ts");
    const code = line("readonly text: string");
    await code.click();
    assert.deepEqual(await menus.offered(code), ["0G Compute"]);
    await menus.ofSelection("addToChat", code);
    await chatIs(/^$/, 1);
    for (const [command, question, chips] of [
      ["refactorSelection", /^Refactor this code/, 2],
      ["documentSelection", /Write the documentation comments/, 2],
    ] as const) {
      await workbench.editorTab("triage.ts").click();
      await line("export interface Ticket").click();
      await workbench.page.keyboard.press("Home");
      for (let row = 0; row < 5; row++) await workbench.page.keyboard.press("Shift+ArrowDown");
      await menus.ofSelection(command, code);
      await chatIs(question, chips);
    }
    menus.assertAll();
  });

  it("of providers and accounts lead where they say", async () => {
    const { workbench } = editor;
    const menus = desk("of providers and accounts");
    await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");

    // A second provider of the chat's model: without an account, and not acknowledged.
    const provider = workbench.treeItem("Providers", "sandbox-chat").nth(1);
    await menus.ofRow("chatWithProvider", "chat", provider);
    await until(
      "a second chat is in front",
      async () => (await workbench.editorTab("New conversation").count()) === 2,
    );
    await menus.ofRow("transfer", "provider", provider);
    await menus.asks(/Transfer to 0x.*At least/);
    await menus.ofRow("createApiKey", "provider", workbench.treeItem("Providers", "sandbox-chat").first());
    await menus.asks(/Create API key \(1\/2\)/);
    await menus.ofRow("copyAddress", "address", provider);
    await until("the address is in the clipboard", async () =>
      /^0x[0-9a-fA-F]{40}$/.test(await workbench.clipboard()),
    );

    await workbench.expandView("Providers", false);
    const own = (text: string | RegExp) => workbench.treeItem("Accounts", text).first();
    const says = (text: string) => own(text).waitFor();
    await menus.ofRow("switchNetwork", "network", own(/Sandbox.*on this machine/));
    await menus.asks(/Switch network.*Testnet/);
    await menus.ofRow("switchWallet", "wallet", own("Sandbox wallet"));
    await menus.asks(/Switch wallet/);
    const before = await own("Sandbox wallet").textContent();
    await menus.ofRow("fundWallet", "wallet", own("Sandbox wallet"));
    await until("it has more", async () => (await own("Sandbox wallet").textContent()) !== before);
    await menus.ofRow("deposit", "ledger", own("Ledger"));
    await workbench.inputBox("1");
    await workbench.clickDialog(/Deposit/);
    await says("1 0G available");
    await menus.ofRow("withdraw", "withdrawable", own("Ledger"));
    await menus.asks(/Withdraw to wallet/);
    await menus.ofRow("requestAllReturns", "ledger", own("Ledger"));
    await menus.confirms(/can be collected after/);
    const account = own("usable of");
    await menus.ofRow("requestReturn", "spendable", account);
    await menus.confirms(/can be collected after/);
    await menus.ofRow("keepFunded", "chatAccount", account);
    await menus.asks(/Below how much usable/);

    await menus.ofRow("addApiKey", "apiKeys", own(/API keys/));
    await menus.asks(/made elsewhere/);
    await menus.ofRow("createApiKey", "apiKeys", own(/API keys/));
    await workbench.quickPick("sandbox-chat");
    await workbench.quickPick("7 days");
    await until("the name is asked for", async () => (await workbench.quickInputTitle()).includes("3/3"));
    await workbench.inputBox("Build server");
    await workbench.clickDialog("Create key");
    await workbench.clickDialog("Done");
    const ofProvider = own(/^\s*sandbox-chat/);
    await menus.ofRow("createApiKey", "apiKeyProvider", ofProvider);
    await menus.asks(/Create API key \(1\/2\)/);
    await menus.ofRow("showApiKeyUse", "apiKeyProvider", ofProvider);
    await menus.asks(/JavaScript/);
    await menus.ofRow("revokeAllApiKeys", "apiKeyProvider", ofProvider);
    await menus.confirms(/every running session/);
    await menus.ofRow("renameApiKey", "apiKey", own("Build server"));
    await menus.asks(/Rename API key/);
    await menus.ofRow("copyApiKey", "copyableKey", own("Build server"));
    await menus.tells("The API key is in the clipboard for one minute");
    menus.assertAll();
  });

  it("of a fine-tuning that waits, and of an account that is stuck, lead on", async () => {
    const { workbench } = editor;
    const menus = desk("of a fine-tuning that waits");
    const tuning = new TuningPage(editor);
    const sandbox = new SandboxSight(editor);
    await ChatPage.inSandbox(editor);
    await tuning.askToStart("data/support.jsonl", "Quick");
    await workbench.clickDialog("Start");
    await menus.confirms(/Deposit/);
    await workbench.openContainer("0G Compute");
    await workbench.expandView("Providers", false);
    await workbench.expandView("Tasks");
    const shown = (text: string | RegExp) => workbench.treeItem("Tasks", text).first();
    const provider = shown(/^\s*0x/);
    const run = shown(/Interrupted.*sandbox-lm/);
    await run.waitFor();
    await workbench.screenshot("menus-run");
    await menus.ofRow("verifyProvider", "tuningProvider", provider);
    await (await workbench.webviewFrame(".proof")).getByText(/^Checked on this machine/).waitFor();
    await menus.ofRow("modelUsage", "tuningProvider", provider);
    await menus.asks(/Get model usage/);
    await menus.ofRow("transfer", "tuningProvider", provider);
    await menus.asks(/for fine-tuning/);
    await menus.ofTask("resumeRun", run);
    await menus.confirms(/Deposit/);
    await menus.ofTask("cancelRun", run);
    const over = shown(/Cancelled.*sandbox-lm/);
    await menus.ofTask("forgetRun", over);
    await over.waitFor({ state: "detached" });

    await sandbox.fault("penalty-now");
    await tuning.start("data/support.jsonl", "Quick");
    await workbench.openContainer("0G Compute");
    await shown(/stuck/).waitFor({ timeout: stageMs });
    await menus.ofRow("acknowledge", "tuningProvider", provider);
    await menus.tells(/already accept the signer/);
    await menus.ofRow("recover", "recover", shown(/stuck/));
    await workbench.quickPickRows().filter({ hasText: "Use another provider" }).waitFor();
    await workbench.screenshot("menus-recover");
    await workbench.quickPick("Empty the ledger and begin anew");
    await workbench.clickDialog("Ask all money back");
    await menus.confirms(/can be collected after/);
    await menus.ofRow("resumeRecovery", "emptying", shown("Emptying the ledger"));
    await menus.confirms(/can be collected after/);
    menus.assertAll();
  });

  it("of a ledger that fees have emptied leads to its end", async () => {
    const { workbench } = editor;
    const menus = desk("of a ledger that fees have emptied");
    const sandbox = new SandboxSight(editor);
    await ChatPage.inSandbox(editor);
    await sandbox.takeAllForAnswers();
    await workbench.openContainer("0G Compute");
    await workbench.expandView("Providers", false);
    await workbench.runCommand("0G Compute: Refresh accounts");
    const ledger = workbench.treeItem("Accounts", "0 0G available of 0 0G");
    await menus.ofRow("deleteLedger", "deletable", ledger);
    await workbench.dialog().getByText("Delete your ledger?").waitFor();
    await workbench.screenshot("confirm-delete-ledger");
    await workbench.clickDialog("Delete");
    await workbench.treeItem("Accounts", "none yet").waitFor();
    menus.assertAll();
  });

  it("of a network that has an explorer lead to its pages", async () => {
    const { workbench } = editor;
    const menus = desk("of a network that has an explorer");
    const other = await startSandbox();
    try {
      const { chainId, contracts, rpcUrl } = other.ready;
      const explorer = "https://explorer.example";
      const customNetwork = { name: "Ours", chainId, contracts, rpcUrls: [rpcUrl], explorer };
      // A served editor soon forgets what stands elsewhere of the settings of a machine.
      const machine = join(editor.dataFolder, "data", "Machine");
      const settings = { "zgCompute.network": "custom", "zgCompute.customNetwork": customNetwork };
      mkdirSync(machine, { recursive: true });
      writeFileSync(join(machine, "settings.json"), JSON.stringify(settings));
      await workbench.reloadWindow();
      await workbench.active();
      await workbench.page.locator(".statusbar-item", { hasText: "Ours" }).waitFor();
      const key = `0x${randomBytes(32).toString("hex")}`;
      const { address } = new Wallet(key);
      await other.control.fund(address, "10");
      await workbench.runCommand("0G Compute: Import wallet");
      await workbench.quickPick("Private key");
      await workbench.inputBox("Savings");
      await until("the key is asked for", async () => (await workbench.quickInputTitle()) === "Private key");
      await workbench.inputBox(key);
      await workbench.notification(address).waitFor();
      await workbench.openContainer("0G Compute");
      await workbench.expandView("Providers", false);
      const shown = (text: string) => workbench.treeItem("Accounts", text).first();
      const page = await workbench.externalLink(() =>
        menus.ofRow("openInExplorer", "address", shown("Savings")),
      );
      assert.equal(page, `${explorer}/address/${address}`);
      await other.control.fault("chain", "no-mining");
      await workbench.runCommand("0G Compute: Deposit to ledger");
      await workbench.inputBox("3");
      await workbench.clickDialog(/Deposit/);
      await shown("waiting").waitFor();
      const sent = await workbench.externalLink(() =>
        menus.ofRow("showTransaction", "transaction", shown("waiting")),
      );
      assert.match(sent, /^https:\/\/explorer\.example\/tx\/0x[0-9a-f]{64}$/);
      menus.assertAll();
    } finally {
      await other.stop();
    }
  });
});

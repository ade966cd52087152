// Money in the sandbox, by tree and palette: nothing moves without a confirmation, limits come before any dialog.
import assert from "node:assert/strict";
import { until } from "./until.js";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";

/** First account of the public test mnemonic. */
const developmentKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

describe("moving money", () => {
  const editor = useEditor();

  it("deposits and transfers after a confirmation that names amount, recipient, fee and balances", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    await until("the ledger is shown", async () =>
      (await workbench.treeTexts("Accounts")).some((text) => text.startsWith("Ledger")),
    );
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.inputBox("abc", { accept: false });
    await workbench.inputMessage().filter({ hasText: "Type an amount of 0G" }).waitFor();
    await workbench.inputBox("2.5");
    await workbench.dialog().waitFor();
    const text = (await workbench.dialog().textContent()) ?? "";
    for (const part of ["2.5 0G", "Recipient", "Reason", "Fee"]) assert.ok(text.includes(part), part);
    await workbench.screenshot("confirm-deposit");
    await workbench.clickDialog(/Deposit/);
    await workbench.notification(/2\.5 0G are deposited\. .*Transaction 0x/).waitFor();
    await until("the tree shows it", async () =>
      (await workbench.treeTexts("Accounts")).some((text) => text.includes("2.5 0G available")),
    );
    await workbench.clickInlineAction("Accounts", "sandbox-chat", "Transfer to provider");
    await workbench.inputBox("0.5");
    await workbench.dialog().waitFor();
    await workbench.clickDialog(/Transfer/);
    await until("the account grew", async () =>
      (await workbench.treeTexts("Accounts")).some((text) => text.includes("3.5 0G")),
    );
    await workbench.screenshot("accounts");
  });

  it("ticks the walkthrough's steps by what was done, not by a box that was opened", async () => {
    const { workbench } = editor;
    await workbench.active();
    const ticked = async () => {
      await workbench.runCommand("Welcome: Open Walkthrough...");
      await workbench.quickPick("Get started with 0G Compute");
      const steps = workbench.page.locator(".getting-started-step");
      await steps.first().waitFor();
      const done = steps.filter({ has: workbench.page.locator(".codicon.complete") });
      return (await done.locator(".step-title").allTextContents()).map((title) => title.trim());
    };
    const ticks = (titles: readonly string[]) =>
      until(`${titles.length} steps are ticked`, async () => (await ticked()).join() === titles.join());
    assert.deepEqual(await ticked(), []);
    await (await ChatPage.inSandbox(editor)).askUntil("What is a ledger?", "Verified");
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.quickInput().waitFor();
    await workbench.page.keyboard.press("Escape");
    await workbench.runCommand("0G Compute: Import wallet");
    await workbench.quickPick("Private key");
    await workbench.inputBox("Mine");
    await until("the key is asked for", async () => (await workbench.quickInputTitle()) === "Private key");
    await workbench.inputBox(developmentKey);
    const done = ["Try the sandbox", "Ask, and see it checked", "Create or import a wallet"];
    await ticks(done);
    await workbench.runCommand("0G Compute: Switch wallet");
    await workbench.quickPick("Mine");
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.inputBox("3");
    await workbench.clickDialog(/Deposit/);
    await workbench.notification(/3 0G are deposited/).waitFor();
    await ticks([...done, "Fund it"]);
    await workbench.screenshot("walkthrough");
  });

  it("cancels without a trace, and stops at the limit before any dialog", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.inputBox("1");
    await workbench.dialog().waitFor();
    await workbench.clickDialog("Cancel");
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.inputBox("6", { accept: false });
    await workbench
      .inputMessage()
      .filter({ hasText: /Your limit is 5 0G for one transaction.*zgCompute\.limits\.perTransaction/ })
      .waitFor();
    await workbench.screenshot("limit");
    assert.equal(await workbench.dialog().count(), 0, "nothing is asked");
    await workbench.page.keyboard.press("Escape");
    await until("nothing has moved", async () =>
      (await workbench.treeTexts("Accounts")).some((text) => text.includes("of 3 0G")),
    );
  });

  it("begins with what the limit of the day leaves, and names it with its setting where that is too little", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.setSettings({ "zgCompute.limits.perDay": "0.5" });
    await workbench.openContainer("0G Compute");
    await workbench.treeItem("Accounts", "Ledger").waitFor();
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench
      .inputMessage()
      .filter({ hasText: /Your limit is 0\.5 0G a day; 0 0G left the wallet.*For the most, 0\.5 0G/ })
      .waitFor();
    assert.equal(await workbench.quickInput().locator("input").last().inputValue(), "0.5");
    await workbench.screenshot("limit-nearly-used-up");
    await workbench.page.keyboard.press("Escape");
    await workbench.runCommand("0G Compute: Transfer to provider");
    await workbench.quickPick("sandbox-image");
    await workbench
      .notification(
        /2 0G more would pass your limit of 0\.5 0G a day; 0 0G (?:went to providers|left the wallet)/,
      )
      .waitFor();
    await workbench.screenshot("limit-used-up");
    await workbench.clickNotification(/2 0G more would pass/, "Open settings");
    await workbench.editorTab(/^Settings/).waitFor();
  });

  it("keeps an account funded after three amounts and a question, tops it up with no further one, and switches it off", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    await workbench.runCommand("0G Compute: Deposit to ledger");
    await workbench.inputBox("1");
    await workbench.clickDialog(/Deposit/);
    const row = (text: string) =>
      until(`a row says ${text}`, async () =>
        (await workbench.treeTexts("Accounts")).some((one) => one.includes(text)),
      );
    await row("1 0G available");
    const begin = async (amounts: readonly string[]) => {
      await workbench.runCommand("0G Compute: Keep account funded");
      await workbench.quickPick("sandbox-chat");
      for (const [index, amount] of amounts.entries()) {
        await until(`the question ${index + 1}`, async () =>
          [/Below how much/, /each time/, /in 24 hours/][index]!.test(
            (await workbench.quickInput().textContent()) ?? "",
          ),
        );
        await workbench.inputBox(amount);
      }
      await workbench.dialog().waitFor();
    };
    await begin(["2.5", "0.75", "1.5"]);
    const text = (await workbench.dialog().textContent()) ?? "";
    for (const part of [
      "Top up this account by itself?",
      "less than 2.5 0G",
      "0.75 0G is",
      "at most 1.5 0G in 24 hours",
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
    await workbench.screenshot("keep-funded-question");
    await workbench.clickDialog("Cancel");
    assert.ok((await workbench.treeTexts("Accounts")).every((one) => !one.includes("kept funded")));
    await begin(["2.5", "0.75", "1.5"]);
    await workbench.clickDialog("Keep funded");
    await row("kept funded");
    await row("usable of 3.75 0G");
    assert.equal(await workbench.dialog().count(), 0, "the rule was the consent");
    await workbench.screenshot("kept-funded");
    await workbench.runCommand("0G Compute: Keep account funded");
    await workbench.quickPick("sandbox-chat");
    await workbench.quickPick("Switch it off");
    await until("it is switched off", async () =>
      (await workbench.treeTexts("Accounts")).every((one) => !one.includes("kept funded")),
    );
  });

  it("shows names and numbers with the providers folded, after a reload, and in a narrow side bar", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    await workbench.expandView("Providers", false);
    await workbench.reloadWindow();
    await workbench.openContainer("0G Compute");
    const row = workbench.treeItem("Accounts", "usable of 3 0G");
    await row.filter({ hasText: "sandbox-chat" }).waitFor();
    assert.equal(
      await workbench.view("Providers").locator(".pane-header").getAttribute("aria-expanded"),
      "false",
    );
    await workbench.narrowSideBar(200);
    const side = (await workbench.page.locator(".part.sidebar").boundingBox())!;
    for (const [one, number] of [
      [row, "2 0G"],
      [workbench.treeItem("Accounts", "Sandbox wallet"), /^9\d(\.\d+)? 0G$/],
    ] as const) {
      const label = one.locator(".label-name").filter({ hasText: number });
      const box = (await label.boundingBox())!;
      assert.ok(box.x + box.width <= side.x + side.width, `${await label.textContent()} is cut off`);
    }
    await workbench.screenshot("accounts-narrow");
  });

  it("tops up a second provider from the error row, deposit first, and then answers the question", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    const second = workbench.treeItem("Providers", "sandbox-chat").nth(1);
    await workbench.clickRowAction(second, "Chat with provider");
    await until(
      "a second chat is in front",
      async () => (await workbench.editorTab("New conversation").count()) === 2,
    );
    const chat = await ChatPage.shown(editor);
    await chat.ask("What is a ledger?");
    await chat.last().getByRole("button", { name: "Top up" }).click();
    await workbench.inputBox("2");
    await workbench.clickDialog(/Deposit/);
    await workbench.clickDialog(/Transfer/);
    await chat.badge("Verified");
    await workbench.screenshot("second-provider");
  });
});

// Money by commands in a real extension host, over the real sandbox. VS Code shows no modal dialog under test, so that the answers are the
// test's: the questions are the product's own, word for word, and without an answer nothing may be sent.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { exactOg, parseOg } from "../../../src/domain/money.js";
import type { Confirmation } from "../../../src/services/ports.js";
import type { App } from "../../../src/vscode/app.js";
import { ourExtension } from "../extension.js";

const perCommandMs = 20_000;
const perTransaction = "limits.perTransaction";
const settings = () => vscode.workspace.getConfiguration("zgCompute");

describe("money, by commands and confirmations", function () {
  this.timeout(90_000);
  const asked: Confirmation[] = [];
  const shown: unknown[] = [];
  let app: App;
  let editorsOwn: App["dialogs"]["confirm"];
  let answer = true;

  before(async () => {
    ({ app } = (await ourExtension().activate()) as { app: App });
    app.errors.show = (error) => void shown.push(error);
    editorsOwn = app.dialogs.confirm.bind(app.dialogs);
    await app.trySandbox.run();
    await app.accounts.refresh();
  });
  beforeEach(() => {
    asked.length = shown.length = 0;
    answer = true;
    app.dialogs.confirm = async (question) => {
      asked.push(question);
      return answer;
    };
  });
  after(async () => {
    app.dialogs.confirm = editorsOwn;
    await settings().update(perTransaction, undefined, vscode.ConfigurationTarget.Global);
  });

  /** Runs a command and accepts its input box as it is filled in, until `isEnough`; then closes it. */
  async function run(
    command: string,
    isEnough: () => boolean = () => false,
    row = theAccount(),
  ): Promise<boolean> {
    let done = false;
    const running = Promise.resolve(vscode.commands.executeCommand<boolean>(command, row)).finally(
      () => (done = true),
    );
    const deadline = Date.now() + perCommandMs;
    while (!done) {
      if (Date.now() > deadline) throw new Error(`${command} waits for something that nobody answers.`);
      const next = isEnough()
        ? "workbench.action.closeQuickOpen"
        : "workbench.action.acceptSelectedQuickOpenItem";
      await vscode.commands.executeCommand(next);
      await Promise.race([running, new Promise((wake) => setTimeout(wake, 100))]);
    }
    return running;
  }

  /** As the tree hands it to a command. */
  function theAccount(): object {
    const account = app.accounts.state.value?.subAccounts.find(({ service }) => service === "inference");
    return {
      subject: account && { provider: account.provider, service: "inference", address: account.provider },
    };
  }

  /** What the chain says, and how many transactions the wallet has sent. */
  async function purse() {
    await app.accounts.refresh();
    const { walletBalance, ledger, subAccounts } = app.accounts.state.value!;
    const [account] = subAccounts;
    return {
      ledger: ledger ? `${exactOg(ledger.available)} of ${exactOg(ledger.total)}` : "none",
      account: account ? `${exactOg(account.balance)}, ${exactOg(account.pendingRefund)} asked back` : "none",
      wallet: walletBalance,
      sent: await transactionCount(),
    };
  }

  async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, `${url}: ${response.status}`);
    return response.json();
  }

  async function transactionCount(): Promise<number> {
    const params = [app.session.wallet()!.address, "latest"];
    const call = { jsonrpc: "2.0", id: 1, method: "eth_getTransactionCount", params };
    return Number(((await post(app.sandbox.ready!.rpcUrl, call)) as { result: string }).result);
  }

  function theQuestion(): string {
    assert.equal(asked.length, 1, asked.map(({ title }) => title).join());
    const [{ title, detail, confirmLabel } = assert.fail()] = asked;
    asked.length = 0;
    return `${title}\n${detail}\n[${confirmLabel}]`;
  }

  function assertSays(text: string, ...parts: readonly string[]): void {
    for (const part of parts) assert.ok(text.includes(part), `${part}\nis not in\n${text}`);
  }

  it("sends nothing where the editor shows no question", async () => {
    const before = await purse();
    app.dialogs.confirm = editorsOwn;
    for (const command of ["zgCompute.deposit", "zgCompute.requestReturn", "zgCompute.withdraw"]) {
      shown.length = 0;
      await run(command);
      assert.ok(shown.length > 0 || command === "zgCompute.withdraw", `${command} says why not`);
    }
    assert.deepEqual(await purse(), before);
  });

  it("sends nothing after a no", async () => {
    const before = await purse();
    answer = false;
    for (const command of ["zgCompute.deposit", "zgCompute.transfer", "zgCompute.requestReturn"]) {
      assert.equal(await run(command), false, command);
      theQuestion();
    }
    assert.deepEqual(await purse(), before);
    assert.deepEqual(shown, [], "a no is no error");
  });

  it("proposes no more than a limit leaves", async () => {
    const before = await purse();
    await settings().update(perTransaction, "0.5", vscode.ConfigurationTarget.Global);
    answer = false;
    for (const command of ["zgCompute.deposit", "zgCompute.transfer"]) {
      assert.equal(await run(command), false, command);
      assertSays(theQuestion(), "Deposit 0.5 0G");
    }
    await settings().update(perTransaction, undefined, vscode.ConfigurationTarget.Global);
    assert.deepEqual(await purse(), before);
  });

  it("deposits, transfers, asks back, collects after the lock and withdraws: each after a question that names it", async () => {
    const wallet = app.session.wallet()!.address;
    const { provider } = app.accounts.state.value!.subAccounts[0]!;
    const { ledger } = app.session.network().contracts;
    const before = await purse();
    assert.deepEqual([before.ledger, before.account], ["0 of 3", "3, 0 asked back"]);

    assert.equal(await run("zgCompute.deposit"), true);
    const deposit = theQuestion();
    assertSays(
      deposit,
      "Deposit 1 0G",
      ledger,
      "Reason",
      "Fee",
      "Wallet",
      "Ledger",
      "0 0G now, 1 0G afterwards",
    );
    const deposited = await purse();
    assert.deepEqual(
      [deposited.ledger, deposited.account, deposited.sent],
      ["1 of 4", "3, 0 asked back", before.sent + 1],
    );
    assert.ok(before.wallet - deposited.wallet > parseOg("1"), "and its fee");

    assert.equal(await run("zgCompute.transfer"), true);
    assertSays(theQuestion(), "Transfer 1 0G", provider, "Fee", "1 0G now, 0 0G afterwards");
    const transferred = await purse();
    assert.deepEqual(
      [transferred.ledger, transferred.account, transferred.sent],
      ["0 of 4", "4, 0 asked back", before.sent + 2],
    );

    assert.equal(await run("zgCompute.requestReturn"), true);
    assertSays(theQuestion(), "4 0G", provider, "can be collected after 24 hours", "Fee");
    const asking = await purse();
    assert.deepEqual(
      [asking.ledger, asking.account, asking.sent],
      ["0 of 4", "4, 4 asked back", before.sent + 3],
    );
    assert.equal(await run("zgCompute.collectRefunds"), false, "its lock is not over");
    assert.deepEqual(asked, []);

    const { url, token } = app.sandbox.ready!.control;
    await post(`${url}/time`, { seconds: 86_400 }, { authorization: `Bearer ${token}` });
    await app.accounts.refresh();
    assert.equal(await run("zgCompute.collectRefunds"), true);
    assertSays(theQuestion(), "Collect 4 0G", "Fee");
    assert.deepEqual([(await purse()).ledger, (await purse()).account], ["4 of 4", "0, 0 asked back"]);

    assert.equal(await run("zgCompute.withdraw"), true);
    assertSays(theQuestion(), "Withdraw 1 0G", wallet, "Fee", "4 0G now, 3 0G afterwards");
    const home = await purse();
    assert.deepEqual([home.ledger, home.sent], ["3 of 3", before.sent + 5]);
    assert.deepEqual(shown, []);
  });
});

import assert from "node:assert/strict";
import { isComputeError } from "../../../src/domain/error.js";
import type { TransactionHash } from "../../../src/domain/ids.js";
import type { Neuron } from "../../../src/domain/money.js";
import type { SentTransaction } from "../../../src/domain/transaction.js";
import { createBroker } from "../../../src/broker/broker.js";
import type { Session } from "../../../src/services/wallets/session.js";
import { TransactionsService } from "../../../src/services/transactions/transactions.js";
import { createReplacementTexts } from "../../../src/view/money/transactionTexts.js";
import { english } from "../../../src/view/translate.js";
import { nodeBefore } from "../../support/nodeBefore.js";
import { House, World } from "../../support/house.js";
import { OtherScopes } from "../../../src/services/wallets/otherScopes.js";
import { TestClock } from "../../support/ports.js";
import { until } from "../../until.js";
import { og } from "../../support/builders.js";

describe("A transaction on its way", function () {
  this.timeout(60_000);
  const world = new World();
  let house = new House(world);

  before(async () => {
    await house.trySandbox.run();
  });
  afterEach(async () => {
    await world.launcher.running!.control.clear();
    house.dialogs.answer = true;
    await until("nothing to wait", () => house.transactions.pending.length === 0);
  });
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });

  const fault = (name: string) => world.launcher.running!.control.fault("chain", name);
  const available = async () => (await (await house.session.broker()).ledger.getLedger())!.available;
  const deposit = (amount: Neuron) => house.accounts.run({ kind: "depositFund", amount }, "asked");
  const journal = (amount: Neuron) =>
    house.journal.entries(house.session.scope()!).filter((entry) => entry.amount === amount);
  const nonces = async () => {
    const { sandbox, session } = house;
    const ask = async (tag: string) => {
      const params = [session.wallet()!.address, tag];
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_getTransactionCount", params });
      const headers = { "content-type": "application/json" };
      const reply = await fetch(sandbox.ready!.rpcUrl, { method: "POST", headers, body });
      return Number(((await reply.json()) as { result: string }).result);
    };
    return { mined: await ask("latest"), known: await ask("pending") };
  };
  /** The one deposit that waits, known to the node; what became of the call that sent it. */
  async function waiting(amount: Neuron): Promise<{ sent: SentTransaction; outcome: Promise<unknown> }> {
    await fault("no-mining");
    const { known } = await nonces();
    const outcome = deposit(amount).catch((error: unknown) => error);
    await until("the deposit to wait", async () => (await nonces()).known === known + 1);
    return { sent: house.transactions.pending[0]!, outcome };
  }
  function restart(): void {
    house.abandon();
    house = new House(world);
  }

  it("is written down with its bytes, and followed to its end by the next window", async () => {
    const before = await available();
    const { sent } = await waiting(og("0.11"));
    assert.deepEqual(sent.purpose, { contract: "ledger", method: "depositFund", amount: og("0.11") });
    assert.match(sent.versions[0]!.raw!, /^0x02/);
    assert.deepEqual(
      journal(og("0.11")).map(({ phase, hash }) => [phase, hash]),
      [["sent", sent.id]],
    );
    restart();
    assert.deepEqual(house.transactions.pending, [sent]);
    await house.session.broker();
    const read = () => house.accounts.state.value;
    assert.equal(read(), undefined, "nobody has looked at the accounts");
    await world.launcher.running!.control.clear();
    await until("its end", () => house.transactions.pending.length === 0);
    await until("the accounts to be read again", () => read() !== undefined);
    assert.equal(read()?.ledger?.available, before + og("0.11"));
    assert.deepEqual(
      journal(og("0.11")).map(({ phase, hash }) => [phase, hash]),
      [["done", sent.id]],
    );
    assert.equal(await available(), before + og("0.11"));
  });

  it("is sent again as it was when the node forgot it, and paid once", async () => {
    const [before, { mined }] = [await available(), await nonces()];
    await fault("rpc-drop");
    void deposit(og("0.12")).catch(() => undefined);
    const sent = await until("the deposit to be written down", () => house.transactions.pending[0]);
    restart();
    await world.launcher.running!.control.clear();
    await until("its end", () => house.transactions.pending.length === 0);
    assert.deepEqual(
      journal(og("0.12")).map(({ phase, hash }) => [phase, hash]),
      [["done", sent.id]],
    );
    assert.equal(await available(), before + og("0.12"));
    assert.equal((await nonces()).mined, mined + 1);
  });

  it("is sped up after a question that names the new fee, and is the same payment", async () => {
    const [before, { mined }] = [await available(), await nonces()];
    const { sent, outcome } = await waiting(og("0.13"));
    const end = house.transactions.replace(sent.id, "speedUp");
    const faster = await until("the faster one", () => house.transactions.pending[0]?.versions[1]);
    assert.ok(faster.maxFee * 1000n >= sent.versions[0]!.maxFee * 1125n, "an eighth more at least");
    assert.match(house.dialogs.asked.at(-1)!.detail, /^Fee: now at most 0\.\d+ 0G, paid by/m);
    await world.launcher.running!.control.clear();
    const { hash } = faster;
    assert.deepEqual(await end, { kind: "mined", version: "speedUp", hash, isSuccess: true });
    assert.equal(((await outcome) as { hash: TransactionHash }).hash, hash);
    assert.deepEqual(
      journal(og("0.13")).map((entry) => [entry.phase, entry.hash]),
      [["done", hash]],
    );
    assert.equal(await available(), before + og("0.13"));
    assert.equal((await nonces()).mined, mined + 1);
  });

  it("is cancelled: nothing is paid, the money set aside is free, and whoever waits is told", async () => {
    const [before, { mined }] = [await available(), await nonces()];
    const { sent, outcome } = await waiting(og("0.14"));
    const end = house.transactions.replace(sent.id, "cancel");
    await until("the cancellation", () => house.transactions.pending[0]?.versions[1]);
    await world.launcher.running!.control.clear();
    const done = await end;
    assert.ok(done.kind === "mined" && done.version === "cancel" && done.isSuccess);
    const error = await outcome;
    assert.ok(isComputeError(error, "rejectedByChain"));
    assert.deepEqual(error.facts, { reason: "cancelled", args: [], hash: done.hash });
    assert.deepEqual(journal(og("0.14")), []);
    assert.equal(await available(), before);
    assert.equal((await nonces()).mined, mined + 1);
  });

  it("is named by the question of the next one, which waits for its turn in sight and is paid after it", async () => {
    const before = await available();
    const { outcome } = await waiting(og("0.71"));
    house.dialogs.asked.length = 0;
    const next = deposit(og("0.72"));
    await until("the next to wait", () => house.transactions.planned.length === 1);
    assert.match(house.dialogs.asked[0]!.detail, /not counted in the numbers above.*: Deposit 0\.71 0G\./);
    assert.deepEqual(
      house.transactions.planned.map(({ purpose }) => purpose),
      [{ contract: "ledger", method: "depositFund", amount: og("0.72") }],
    );
    await world.launcher.running!.control.clear();
    await Promise.all([outcome, next]);
    assert.equal((await available()) - before, og("1.43"));
    assert.deepEqual(house.transactions.planned, []);
  });

  /** One that waits for its turn behind another; what became of the call that is to send it. */
  async function behind(
    first: Neuron,
    second: Neuron,
  ): Promise<{ outcome: Promise<unknown>; next: Promise<unknown> }> {
    const { outcome } = await waiting(first);
    const next = deposit(second).catch((error: unknown) => error);
    await until("the next to wait", () => house.transactions.planned.length === 1);
    return { outcome, next };
  }

  for (const from of ["the same window", "another window"] as const)
    it(`can be given up from ${from} while it waits for its turn: whoever waits is told at once, nothing is sent`, async () => {
      const [before, { mined }] = [await available(), await nonces()];
      const { outcome, next } = await behind(og("0.21"), og("0.22"));
      const window = from === "the same window" ? house : new House(world);
      const { transactions, journal: book } = window;
      const scope = house.session.scope()!;
      await book.refresh(scope);
      await transactions.giveUp(transactions.planned[0]!);
      await until("this window to see it", async () => {
        await house.journal.refresh(scope);
        return house.transactions.planned.length === 0;
      });
      assert.ok(isComputeError(await next, "cancelled"), "though the other one still waits");
      assert.equal(house.transactions.pending.length, 1);
      if (window !== house) window.abandon();
      await world.launcher.running!.control.clear();
      await outcome;
      assert.equal(await available(), before + og("0.21"));
      assert.equal((await nonces()).mined, mined + 1);
      assert.deepEqual(journal(og("0.22")), []);
    });

  it("can be given up after the window that was to send it is gone, and is not sent by the next", async () => {
    const [before, { mined }] = [await available(), await nonces()];
    const { outcome } = await waiting(og("0.23"));
    // All that is left of a payment whose window was killed while it waited.
    const entry = { kind: "wallet", operation: "depositFund", amount: og("0.24") } as const;
    await house.journal.plan(house.session.scope()!, entry);
    restart();
    assert.ok(isComputeError(await outcome, "cancelled"));
    const [left] = house.transactions.planned;
    assert.equal(left?.purpose.amount, og("0.24"), "it is still said to wait");
    await house.transactions.giveUp(left);
    assert.deepEqual(house.transactions.planned, []);
    await world.launcher.running!.control.clear();
    await until("the first to end", () => house.transactions.pending.length === 0);
    assert.equal(await available(), before + og("0.23"));
    assert.equal((await nonces()).mined, mined + 1);
  });

  it("cannot be given up once it is on its way: that is said, and it is paid once", async () => {
    const [before, { mined }] = [await available(), await nonces()];
    const { outcome, next } = await behind(og("0.25"), og("0.26"));
    const [one] = house.transactions.planned;
    await world.launcher.running!.control.clear();
    await Promise.all([outcome, next]);
    await assert.rejects(
      house.transactions.giveUp(one!),
      (error) => isComputeError(error, "rejectedByChain") && error.facts.reason === "tooLateToGiveUp",
    );
    assert.equal(await available(), before + og("0.51"));
    assert.equal((await nonces()).mined, mined + 2);
  });

  it("stays as it is when the user says no, and when it is too late", async () => {
    const { sent, outcome } = await waiting(og("0.15"));
    house.dialogs.answer = false;
    await assert.rejects(house.transactions.replace(sent.id, "cancel"), (error) =>
      isComputeError(error, "cancelled"),
    );
    house.dialogs.answer = async () => {
      await world.launcher.running!.control.clear();
      await outcome;
      return true;
    };
    await assert.rejects(
      house.transactions.replace(sent.id, "cancel"),
      (error) => isComputeError(error, "rejectedByChain") && error.facts.reason === "ended",
    );
    assert.equal(((await outcome) as { hash: TransactionHash }).hash, sent.id);
    assert.deepEqual(
      journal(og("0.15")).map(({ phase }) => phase),
      ["done"],
    );
  });

  it("is given up after a question where the only node has its number used and shows nothing: it may have happened, and stays counted", async () => {
    const [before, { mined }] = [await available(), await nonces()];
    const { sent, outcome } = await waiting(og("0.27"));
    const answers: Readonly<Record<string, unknown>> = {
      eth_getTransactionReceipt: null,
      eth_getTransactionByHash: null,
      eth_getTransactionCount: "0x99",
    };
    const node = await nodeBefore(house.sandbox.ready!.rpcUrl, ({ method, params }) => {
      if (method === "eth_sendRawTransaction") return { refuse: "nonce too low", code: -32000 };
      if (method === "eth_getBlockByNumber" && params[1] === true) return { result: { transactions: [] } };
      return method in answers ? { result: answers[method] } : undefined;
    });
    const { session, accounts, journal: book, dialogs } = house;
    const wallet = session.wallet()!;
    const broker = createBroker({
      network: { ...session.network(), rpcUrls: [node.url] },
      signer: house.wallets.signer(wallet),
      book: book.book(session.scope()!),
      ...{ clock: world.clock, log: world.log },
    });
    const seen: Session = Object.create(session, { broker: { value: async () => broker } });
    const service = new TransactionsService({
      ...{ session: seen, accounts, journal: book, dialogs, clock: world.clock, log: world.log },
      ...{ texts: createReplacementTexts(english), isNetworkUp: () => false },
    });
    dialogs.asked.length = 0;
    dialogs.answer = false;
    await assert.rejects(service.replace(sent.id, "cancel"), (error) => isComputeError(error, "cancelled"));
    assert.equal(service.pending.length, 1, "a no leaves it as it is");
    dialogs.answer = true;
    assert.deepEqual(await service.replace(sent.id, "speedUp"), { kind: "unknown" });
    assert.deepEqual(
      new Set(dialogs.asked.map(({ title }) => title)),
      new Set(["Stop waiting for “Deposit 0.27 0G”?"]),
    );
    assert.deepEqual(service.pending, []);
    assert.ok(isComputeError(await outcome, "network"), "whoever waits is not told that nothing happened");
    assert.deepEqual(
      journal(og("0.27")).map(({ phase }) => phase),
      ["sent"],
      "it counts for the limits",
    );
    service.dispose();
    broker.close();
    await node.close();
    await world.launcher.running!.control.clear();
    await until("the node to mine what it had", async () => (await nonces()).mined === mined + 1);
    assert.equal(await available(), before + og("0.27"), "it had been paid after all, and once");
  });

  it("is followed after another wallet was chosen, and a network that is dead disturbs nothing", async () => {
    const { sent, outcome } = await waiting(og("0.16"));
    const mine = house.session.scope()!;
    const [network, before] = [house.session.network(), house.session.wallet()!];
    const { wallet: other } = await house.wallets.create({ name: "Other", network });
    await house.wallets.switch(other.id, network);
    assert.ok(isComputeError(await outcome, "cancelled"));
    assert.deepEqual(house.transactions.pending, [], "it is not this wallet's");
    world.settings.set({ rpcUrls: { testnet: ["http://127.0.0.1:9"] } });
    const dead = { network: "testnet", networkKey: "testnet", wallet: mine.wallet } as const;
    await house.journal.book(dead).change(sent.id, () => sent);
    await world.launcher.running!.control.clear();
    const end = () => house.journal.transactions(mine).find(({ id }) => id === sent.id)?.end;
    const clock = new TestClock();
    const { session, journal: book } = house;
    const others = new OtherScopes({ session, journal: book, clock, log: world.log });
    await until("its end", async () => {
      await clock.advance(30_000);
      await house.journal.refresh(mine);
      return end();
    });
    others.dispose();
    assert.equal(end()?.kind, "mined");
    assert.deepEqual(
      house.journal.transactions(dead).map((one) => one.end),
      [undefined],
      "nobody knows of that one",
    );
    assert.equal(house.sandbox.state.kind, "ready");
    await house.journal.forgetTransactions(dead);
    await house.wallets.switch(before.id, network);
  });

  it("is forgotten with its chain, whichever wallet sent it", async () => {
    const { sent, outcome } = await waiting(og("0.17"));
    const mine = house.session.scope()!;
    const [network, before] = [house.session.network(), house.session.wallet()!];
    await house.wallets.switch(house.wallets.list.find(({ id }) => id !== before.id)!.id, network);
    await outcome;
    assert.equal(house.journal.transactions(mine).find(({ id }) => id === sent.id)?.end, undefined);
    await house.transactions.forget("sandbox");
    assert.deepEqual(house.journal.transactions(mine), []);
    await house.wallets.switch(before.id, network);
  });
});

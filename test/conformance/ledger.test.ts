// Money on the real contracts: every operation, with exact balances before and after.
import assert from "node:assert/strict";
import type { LedgerOperation, TransactionPlan, TransactionResult } from "../../src/domain/account.js";
import type { BrokerModule } from "../../src/broker/api.js";
import * as brokerModule from "../../src/broker/broker.js";
import { walletTools } from "../../src/broker/wallet/walletTools.js";
import { networks } from "../../src/domain/networks.js";
import { failure, fastClock, og, openDesk, provider, type Desk } from "./ledgerSupport.js";

const chat = provider(1);
const tuner = provider(4);
const day = 86_400;

describe("the ledger over the real contracts", function () {
  this.timeout(60_000);
  let desk: Desk;

  beforeEach(async () => (desk = await openDesk()));
  afterEach(() => desk.close());

  /** Plans, runs, and holds the plan against what happened. */
  async function carryOut(
    operation: LedgerOperation,
  ): Promise<{ plan: TransactionPlan; result: TransactionResult }> {
    const plan = await desk.ledger.plan(operation);
    assert.equal(plan.walletBefore, await desk.walletBalance());
    assert.deepEqual(plan.ledgerBefore, await desk.ledger.getLedger());
    const seen: string[] = [];
    const result = await desk.ledger.run(operation, { onSent: (hash) => seen.push(hash) });
    assert.deepEqual(seen, [result.hash]);
    assert.deepEqual(
      await desk.ledger.getLedger(),
      plan.ledgerAfter,
      "the plan's ledger is not what came out",
    );
    assert(result.fee > 0n && result.fee <= plan.maxFee, "the fee is above the plan's bound");
    const received = operation.kind === "refund" ? operation.amount : 0n;
    assert.equal(await desk.walletBalance(), plan.walletBefore - plan.value - result.fee + received);
    assert(plan.walletAfter <= (await desk.walletBalance()));
    return { plan, result };
  }

  it("shows an empty account with the chain's own limits", async () => {
    const overview = await desk.ledger.overview();
    assert.equal(overview.address, desk.user.address);
    assert.equal(overview.walletBalance, og("100000"));
    assert.equal(overview.ledger, undefined);
    assert.deepEqual(overview.subAccounts, []);
    assert.equal(overview.blockTimestamp, desk.net.chain.head().timestamp);
    assert.deepEqual(overview.limits, {
      minLedger: og("3"),
      minTransfer: og("1"),
      maxProvidersPerRetrieve: 20,
      lockTime: { inference: day, "fine-tuning": day },
    });
  });

  it("adds, deposits, transfers, retrieves, refunds, exact to the neuron", async () => {
    await carryOut({ kind: "addLedger", amount: og("10") });
    await carryOut({ kind: "depositFund", amount: og("2.5") });
    assert.deepEqual(await desk.ledger.getLedger(), { available: og("12.5"), total: og("12.5") });

    await carryOut({
      kind: "transferFund",
      provider: chat,
      service: "inference",
      amount: og("2.000000000000000001"),
    });
    await carryOut({ kind: "transferFund", provider: tuner, service: "fine-tuning", amount: og("1.5") });
    assert.deepEqual(await desk.ledger.getLedger(), {
      available: og("8.999999999999999999"),
      total: og("12.5"),
    });

    await carryOut({ kind: "retrieveFund", providers: [chat], service: "inference" });
    const asked = await desk.ledger.getSubAccount("inference", chat);
    assert.equal(asked?.pendingRefund, og("2.000000000000000001"));
    assert.deepEqual(asked.refunds, [
      { amount: og("2.000000000000000001"), createdAt: desk.net.chain.head().timestamp },
    ]);

    await desk.net.chain.increaseTime(day);
    await carryOut({ kind: "retrieveFund", providers: [chat, chat], service: "inference" });
    assert.deepEqual(await desk.ledger.getLedger(), { available: og("11"), total: og("12.5") });
    assert.equal((await desk.ledger.getSubAccount("inference", chat))?.balance, 0n);

    await carryOut({ kind: "refund", amount: og("8") });
    assert.deepEqual(await desk.ledger.getLedger(), { available: og("3"), total: og("4.5") });
  });

  it("knows that a transfer cancels what was asked back before it takes from the ledger", async () => {
    await desk.ledger.addLedger(og("10"));
    await desk.ledger.transferFund(chat, "inference", og("2"));
    await desk.ledger.retrieveFund("inference", [chat]);
    await carryOut({ kind: "transferFund", provider: chat, service: "inference", amount: og("0.5") });
    assert.deepEqual(await desk.ledger.getLedger(), { available: og("8"), total: og("10") });
    await carryOut({ kind: "transferFund", provider: chat, service: "inference", amount: og("3") });
    assert.deepEqual(await desk.ledger.getLedger(), { available: og("6.5"), total: og("10") });
    const account = await desk.ledger.getSubAccount("inference", chat);
    assert.deepEqual([account?.balance, account?.pendingRefund], [og("3.5"), 0n]);
  });

  it("deletes the ledger with the last neuron, and says there is none to delete", async () => {
    await desk.ledger.addLedger(og("3"));
    const { plan } = await carryOut({ kind: "refund", amount: og("3") });
    assert.equal(plan.ledgerAfter, undefined);
    await failure(desk.ledger.plan({ kind: "deleteLedger" }), "noLedger");
    await failure(desk.ledger.deleteLedger(), "noLedger");
  });

  it("refuses to delete a ledger that holds money, with the amount", async () => {
    await desk.ledger.addLedger(og("3"));
    assert.deepEqual(await failure(desk.ledger.deleteLedger(), "rejectedByChain"), {
      reason: "MustWithdrawAllFundsFirst",
      args: [String(og("3"))],
    });
  });

  it("lists the sub-accounts of both services with the times of their refunds", async () => {
    await desk.ledger.addLedger(og("10"));
    await desk.ledger.transferFund(chat, "inference", og("2"));
    await desk.ledger.transferFund(provider(2), "inference", og("1"));
    await desk.ledger.transferFund(tuner, "fine-tuning", og("1.5"));
    await desk.ledger.retrieveFund("fine-tuning", [tuner]);
    const { ledger, subAccounts } = await desk.ledger.overview();
    assert.deepEqual(ledger, { available: og("5.5"), total: og("10") });
    const createdAt = desk.net.chain.head().timestamp;
    const shared = { isAcknowledged: true };
    const inference = {
      ...shared,
      service: "inference",
      pendingRefund: 0n,
      refunds: [],
      generation: 0,
      revokedBitmap: 0n,
    };
    assert.deepEqual(subAccounts, [
      { ...inference, provider: chat, balance: og("2") },
      { ...inference, provider: provider(2), balance: og("1") },
      {
        ...shared,
        service: "fine-tuning",
        provider: tuner,
        balance: og("1.5"),
        pendingRefund: og("1.5"),
        refunds: [{ amount: og("1.5"), createdAt }],
      },
    ]);
    assert.equal(await desk.ledger.getSubAccount("inference", tuner), undefined);
  });

  it("takes an acknowledgement back only from an empty sub-account, and needs one to give it", async () => {
    const missing = desk.ledger.run({
      kind: "acknowledge",
      provider: chat,
      service: "inference",
      isAcknowledged: true,
    });
    assert.deepEqual(await failure(missing, "insufficientFunds"), {
      account: "sub-account",
      provider: chat,
      have: 0n,
      need: og("1"),
    });
    await desk.ledger.addLedger(og("5"));
    for (const service of ["inference", "fine-tuning"] as const) {
      await desk.ledger.transferFund(chat, service, og("1"));
      const withdraw = { kind: "acknowledge", provider: chat, service, isAcknowledged: false } as const;
      const facts = await failure(desk.ledger.run(withdraw), "rejectedByChain");
      assert.equal(facts.reason, "CannotRevokeWithNonZeroBalance");
      await desk.ledger.retrieveFund(service, [chat]);
      await desk.net.chain.increaseTime(day);
      await desk.ledger.retrieveFund(service, [chat]);
      await carryOut(withdraw);
      assert.equal((await desk.ledger.getSubAccount(service, chat))?.isAcknowledged, false);
      await carryOut({ ...withdraw, isAcknowledged: true });
      assert.equal((await desk.ledger.getSubAccount(service, chat))?.isAcknowledged, true);
    }
  });

  it("says what is wrong before anything is sent", async () => {
    const below = { text: "2.999999999999999999", why: "tooSmall", min: og("3") };
    assert.deepEqual(await failure(desk.ledger.addLedger(og("2.999999999999999999")), "badAmount"), below);
    assert.deepEqual(await failure(desk.ledger.depositFund(og("0")), "badAmount"), {
      text: "0",
      why: "zero",
    });
    await failure(desk.ledger.transferFund(chat, "inference", og("1")), "noLedger");
    assert.equal(await desk.sent(), 0);

    await desk.ledger.addLedger(og("8"));
    await failure(desk.ledger.addLedger(og("8")), "rejectedByChain");
    assert.deepEqual(await failure(desk.ledger.transferFund(chat, "inference", og("0.5")), "badAmount"), {
      text: "0.5",
      why: "tooSmall",
      min: og("1"),
    });
    assert.deepEqual(
      await failure(desk.ledger.transferFund(chat, "inference", og("9")), "insufficientFunds"),
      {
        account: "ledger",
        have: og("8"),
        need: og("9"),
      },
    );
    assert.deepEqual(await failure(desk.ledger.refund(og("8.5")), "insufficientFunds"), {
      account: "ledger",
      have: og("8"),
      need: og("8.5"),
    });
    assert.deepEqual(await failure(desk.ledger.refund(og("6")), "badAmount"), {
      text: "6",
      why: "tooLarge",
      max: og("5"),
    });
    assert.deepEqual(await failure(desk.ledger.transferFund(chat, "inference", og("0")), "badAmount"), {
      text: "0",
      why: "zero",
    });
    const self = desk.ledger.transferFund(desk.user.address, "inference", og("1"));
    assert.deepEqual(await failure(self, "rejectedByChain"), { reason: "CallFailed", args: [] });
    assert.equal(await desk.sent(), 1);
  });

  it("refuses more providers in one retrieval than the contract takes", async () => {
    await desk.ledger.addLedger(og("3"));
    const many = Array.from({ length: 21 }, () => chat);
    assert.deepEqual(await failure(desk.ledger.retrieveFund("inference", many), "rejectedByChain"), {
      reason: "TooManyProviders",
      args: ["21", "20"],
    });
    assert.equal(await desk.sent(), 1);
  });

  it("reads without a wallet, and asks for one when it is needed", async () => {
    const visitor = desk.another({ hasSigner: false });
    assert.equal((await visitor.ledger.limits()).minLedger, og("3"));
    await visitor.chain.checkChainId();
    await failure(visitor.ledger.overview(), "noWallet");
    await failure(visitor.ledger.getLedger(), "noWallet");
    await failure(visitor.ledger.plan({ kind: "addLedger", amount: og("3") }), "noWallet");
    await failure(visitor.ledger.addLedger(og("3")), "noWallet");
  });

  it("tells that the wallet is short, by how much, for value and for gas", async () => {
    const poor = desk.another({ user: walletTools.create() });
    assert.deepEqual(await failure(poor.ledger.addLedger(og("3")), "insufficientFunds"), {
      account: "wallet",
      have: 0n,
      need: og("3"),
    });
    await desk.net.chain.setBalance(poor.user.address, og("3.0000000001"));
    const facts = await failure(
      poor.ledger.plan({ kind: "addLedger", amount: og("3") }),
      "insufficientFunds",
    );
    assert.equal(facts.account, "wallet");
    assert.equal(facts.have, og("3.0000000001"));
    assert(facts.need > og("3") && facts.need < og("3.01"));
    assert.equal(await poor.sent(), 0);
  });

  it("gives each of many simultaneous transactions a nonce of its own", async () => {
    await desk.ledger.addLedger(og("3"));
    const twin = desk.another({});
    await Promise.all([1, 2, 3, 4].flatMap(() => [desk, twin].map((one) => one.ledger.depositFund(og("1")))));
    assert.deepEqual(await desk.ledger.getLedger(), { available: og("11"), total: og("11") });
    assert.equal(await desk.sent(), 9);
  });

  it("works the same way where a network is read in batches", async () => {
    const live = desk.another({ isLive: true });
    await live.ledger.addLedger(og("3"));
    await live.ledger.transferFund(chat, "inference", og("1"));
    assert.deepEqual((await live.ledger.overview()).ledger, { available: og("2"), total: og("3") });
    assert.equal((await live.ledger.overview()).subAccounts.length, 1);
  });

  it("is what the broker hands out, until it is closed", async () => {
    const loaded: BrokerModule = brokerModule; // what the loader takes it for
    const broker = loaded.createBroker({
      network: { ...networks.sandbox, rpcUrls: [desk.net.chain.rpcUrl] },
      signer: { address: desk.user.address, key: async () => desk.user.privateKey },
      clock: fastClock(),
      log: desk.log,
    });
    await broker.chain.checkChainId();
    assert.equal(await broker.chain.balance(desk.user.address), og("100000"));
    assert.equal(await broker.chain.blockTimestamp(), desk.net.chain.head().timestamp);
    await broker.ledger.addLedger(og("3"));
    assert.deepEqual(await broker.ledger.getLedger(), { available: og("3"), total: og("3") });
    broker.close();
    await failure(broker.ledger.getLedger(), "cancelled");
    await failure(broker.ledger.depositFund(og("1")), "cancelled");
    assert.equal(await desk.sent(), 1);
  });

  it("finds nothing where no contracts are, and says where it looked", async () => {
    const elsewhere = desk.another({ contracts: networks.testnet.contracts });
    const facts = await failure(elsewhere.ledger.limits(), "network");
    assert.match(facts.detail, /^no contract at 0xE7/);
  });

  it("keeps the key out of the log", async () => {
    await desk.ledger.addLedger(og("3"));
    const text = desk.log.lines.join("\n");
    assert.match(text, /0x[0-9a-f]{64}/, "the transaction's hash is logged");
    assert(!text.includes(desk.user.privateKey.slice(2)));
  });
});

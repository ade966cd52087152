// A user's money from the first deposit to the last neuron home, through our services; after each step the official SDK, with the same key
// and nothing of ours, reads the same numbers as our view.
import { createZGComputeNetworkBroker, type ZGComputeNetworkBroker } from "@0gfoundation/0g-compute-ts-sdk";
import assert from "node:assert/strict";
import { JsonRpcProvider, Wallet as EthersWallet } from "ethers";
import type { AccountOverview, LedgerOperation } from "../../src/domain/account.js";
import { dueRefunds, spendable, usableNow } from "../../src/domain/account.js";
import { isComputeError } from "../../src/domain/error.js";
import { sameAddress, type ProviderId } from "../../src/domain/ids.js";
import { planCollecting, planReturns } from "../../src/services/money/returns.js";
import { House, World } from "../support/house.js";
import { letGoOfLongTimers } from "../support/longTimers.js";
import { og } from "../support/builders.js";
import { until } from "../until.js";

const day = 86_400;

describe("The same money, read by us and by the official SDK", function () {
  this.timeout(180_000);
  const world = new World();
  const house = new House(world);
  const { accounts } = house;
  let rpc: JsonRpcProvider;
  let official: ZGComputeNetworkBroker;
  let chat: ProviderId;
  let tuner: ProviderId;
  let takeTimersBack: () => void;

  before(async () => {
    takeTimersBack = letGoOfLongTimers();
    world.settings.set({ "limits.perTransaction": "", "limits.perDay": "" });
    chat = house.chat.get(await house.trySandbox.run())!.provider!;
    const { fineTuning } = await house.session.broker();
    tuner = (await fineTuning.listService())[0]!.provider;
    const wallet = house.session.wallet()!;
    const key = await house.wallets.signer(wallet).key();
    const [url] = house.session.network().rpcUrls;
    rpc = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 50 });
    official = await createZGComputeNetworkBroker(new EthersWallet(key, rpc));
  });
  after(async () => {
    rpc.destroy();
    takeTimersBack();
    house.abandon();
    await world.launcher.stop();
  });

  /** Ours as the view has it, afresh. */
  async function overview(): Promise<AccountOverview> {
    await accounts.refresh();
    const { value, error } = accounts.state;
    assert.equal(error, undefined);
    return value!;
  }

  /** Every number of the view that the SDK can tell as well. */
  async function agree(): Promise<AccountOverview> {
    const ours = await overview();
    assert.equal(await rpc.getBalance(ours.address), ours.walletBalance);
    if (!ours.ledger) {
      await assert.rejects(official.ledger.getLedger());
      return ours;
    }
    const { available, total } = ours.ledger;
    const theirs = await official.ledger.getLedger();
    assert.deepEqual([theirs.availableBalance, theirs.totalBalance], [available, total]);
    const detail = await official.ledger.ledger.getLedgerWithDetail();
    assert.deepEqual(detail.ledgerInfo.slice(0, 2), [total, total - available]);
    for (const [service, listed] of [
      ["inference", detail.infers],
      ["fine-tuning", detail.fines ?? []],
    ] as const)
      assert.deepEqual(
        listed.map((one) => [String(one[0]), one[1], one[2]]),
        ours.subAccounts
          .filter((account) => account.service === service)
          .map(({ provider, balance, pendingRefund }) => [provider, balance, pendingRefund]),
      );
    for (const account of ours.subAccounts.filter(({ service }) => service === "inference")) {
      const [there, refunds] = await official.inference.getAccountWithDetail(account.provider);
      assert.equal(there.acknowledged, account.isAcknowledged);
      assert.deepEqual(
        refunds.map(({ amount }) => amount),
        account.refunds?.map(({ amount }) => amount),
      );
    }
    const held = ours.subAccounts.reduce((sum, { balance }) => sum + balance, 0n);
    assert.equal(held, total - available);
    return ours;
  }

  const run = (operation: LedgerOperation) => accounts.run(operation, "asked");
  const find = (ours: AccountOverview, service: string, provider: ProviderId) =>
    ours.subAccounts.find((one) => one.service === service && sameAddress(one.provider, provider))!;
  const passTime = (seconds: number) => world.launcher.running!.control.time(seconds);

  it("after trying the sandbox, a deposit, and transfers to both services", async () => {
    await agree();
    await run({ kind: "depositFund", amount: og("12.000000000000000001") });
    await agree();
    await run({ kind: "transferFund", provider: chat, service: "inference", amount: og("2.5") });
    await run({ kind: "transferFund", provider: tuner, service: "fine-tuning", amount: og("1.25") });
    const ours = await agree();
    assert.equal(ours.ledger?.available, og("8.250000000000000001"));
    assert.equal(usableNow(find(ours, "inference", chat)), og("4.5"), "5.5 and a reserve of 1");
  });

  it("after a chat: first owed, by the provider's word, then settled in one batch", async () => {
    const before = await agree();
    const { id } = house.chat.create({ provider: chat, model: "sandbox-chat" });
    await house.chat.send(id, "What is a ledger?");
    await accounts.refresh();
    const now = () => find(accounts.state.value!, "inference", chat);
    await until("the provider says what it is owed", async () => (now().unsettled ?? 0n) > 0n);
    assert.equal(now().balance, find(before, "inference", chat).balance, "nothing is taken with an answer");
    assert.equal(usableNow(now()), og("4.5") - now().unsettled!);
    await world.launcher.running!.control.settle();
    const after = find(await agree(), "inference", chat);
    assert.ok(after.balance < og("5.5"), "the fee was taken");
  });

  it("after everything was asked back, though one account's list is full and would block the others", async () => {
    // Five requests: each time half of the newest is taken back into use, and asked back again.
    for (const amount of ["0.5", "0.25", "0.125", "0.0625", "0.03125"]) {
      await run({ kind: "retrieveFund", providers: [tuner], service: "fine-tuning" });
      await passTime(60);
      await run({ kind: "transferFund", provider: tuner, service: "fine-tuning", amount: og(amount) });
    }
    const ours = await agree();
    assert.equal(find(ours, "fine-tuning", tuner).refunds?.length, 5);
    const { operations, leftOut } = planReturns(ours.subAccounts, ours, world.clock.now());
    assert.deepEqual(
      leftOut.map(({ account }) => account.provider),
      [tuner],
    );
    await assert.rejects(
      run({ kind: "retrieveFund", providers: [tuner], service: "fine-tuning" }),
      (error) => isComputeError(error, "rejectedByChain") && error.facts.reason === "TooManyRefunds",
    );
    for (const operation of operations) await run(operation);
    const asked = await agree();
    assert.equal(spendable(find(asked, "inference", chat)), 0n);
  });

  it("after the lock: what is due is collected, and all is free in the ledger", async () => {
    await passTime(day);
    for (;;) {
      const ours = await agree();
      const plan = planCollecting(ours, world.clock.now());
      if (!plan) break;
      const before = ours.ledger!.available;
      for (const operation of plan.operations) await run(operation);
      assert.equal((await overview()).ledger!.available, before + plan.amount);
    }
    const rest = await overview();
    for (const operation of planReturns(rest.subAccounts, rest, world.clock.now()).operations)
      await run(operation);
    await passTime(day);
    const due = planCollecting(await overview(), world.clock.now());
    for (const operation of due?.operations ?? []) await run(operation);
    const ours = await agree();
    assert.equal(ours.ledger?.available, ours.ledger?.total);
    assert.ok(ours.subAccounts.every((one) => dueRefunds(one, day, ours.blockTimestamp) === 0n));
  });

  it("after a withdrawal of a part, refused where it would leave too little, and of all: then everything is deleted", async () => {
    const { ledger, limits } = await overview();
    const tooMuch = (ledger!.available - limits.minLedger + 1n) as typeof limits.minLedger;
    await assert.rejects(
      run({ kind: "refund", amount: tooMuch }),
      (error) =>
        isComputeError(error, "badAmount") && error.facts.max === ledger!.available - limits.minLedger,
    );
    await run({ kind: "refund", amount: og("1") });
    const part = await agree();
    house.dialogs.asked.length = 0;
    await run({ kind: "refund", amount: part.ledger!.available });
    assert.match(house.dialogs.asked[0]!.detail, /deletes the ledger and your accounts with providers \(2\)/);
    const none = await agree();
    assert.deepEqual([none.ledger, none.subAccounts], [undefined, []]);
  });
});

import assert from "node:assert/strict";
import { isComputeError } from "../../../src/domain/error.js";
import { sameAddress, type ProviderId } from "../../../src/domain/ids.js";
import type { ServiceName } from "../../../src/domain/provider.js";
import { AccountsService } from "../../../src/services/money/accounts.js";
import type { Session } from "../../../src/services/wallets/session.js";
import { createConfirmationTexts } from "../../../src/view/money/confirmations.js";
import { english } from "../../../src/view/translate.js";
import { until } from "../../until.js";
import { takeFees } from "../../support/feesTaken.js";
import { House, World } from "../../support/house.js";
import { address, og } from "../../support/builders.js";

describe("Money on its way to a provider", function () {
  this.timeout(60_000);
  const world = new World();
  const house = new House(world);
  const { accounts } = house;
  let provider: ProviderId;

  before(async () => {
    provider = house.chat.get(await house.trySandbox.run())!.provider!;
  });
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });

  const state = async (service: ServiceName, who: ProviderId) => {
    const { ledger } = await house.session.broker();
    const account = await ledger.getSubAccount(service, who);
    return [account?.balance, account?.pendingRefund, (await ledger.getLedger())?.available];
  };

  it("is deposited as far as the ledger lacks it", async () => {
    assert.deepEqual(await state("inference", provider), [og("3"), 0n, 0n]);
    const plan = await accounts.planTransfer("inference", provider, og("0.5"));
    assert.deepEqual([plan.deposit, plan.transfer, plan.hasLedger], [og("0.5"), og("0.5"), true]);
    const isEnough = await accounts.planTopUp("inference", provider, og("2"));
    assert.deepEqual([isEnough.deposit, isEnough.transfer], [0n, 0n]);
  });

  it("takes what was asked back from that provider first, and deposits only the rest", async () => {
    await accounts.run({ kind: "retrieveFund", providers: [provider], service: "inference" }, "asked");
    assert.deepEqual(await state("inference", provider), [og("3"), og("3"), 0n]);
    const small = await accounts.planTransfer("inference", provider, og("1"));
    assert.deepEqual([small.deposit, small.transfer], [0n, og("1")]);
    await accounts.topUp(small, "asked");
    assert.deepEqual(await state("inference", provider), [og("3"), og("2"), 0n]);
    const large = await accounts.planTransfer("inference", provider, og("2.5"));
    assert.deepEqual([large.deposit, large.transfer], [og("0.5"), og("2.5")]);
    await accounts.topUp(large, "asked");
    assert.deepEqual(await state("inference", provider), [og("3.5"), 0n, 0n]);
  });

  it("has a minimum where there is no account yet, for fine-tuning too", async () => {
    const [tuner] = (await (await house.session.broker()).fineTuning.listService()).map(
      ({ provider: owner }) => owner,
    ) as [ProviderId];
    const { minTransfer } = await (await house.session.broker()).ledger.limits();
    const plan = await accounts.planTopUp("fine-tuning", tuner, 1n as typeof minTransfer);
    assert.deepEqual([plan.deposit, plan.transfer], [minTransfer, minTransfer]);
    await accounts.topUp(plan, "asked");
    assert.deepEqual(await state("fine-tuning", tuner), [minTransfer, 0n, 0n]);
    const more = await accounts.planTopUp("fine-tuning", tuner, (minTransfer + 1n) as typeof minTransfer);
    assert.deepEqual([more.deposit, more.transfer], [1n, 1n]);
  });

  it("goes to nobody who does not offer that service, and nothing is asked", async () => {
    const amount = og("1");
    const tuners = await (await house.session.broker()).fineTuning.listService();
    const { provider: chatter } = house.providers.chatServices
      .map(({ service }) => service)
      .find((one) => tuners.every((tuner) => !sameAddress(tuner.provider, one.provider)))!;
    const nobody = address("f");
    const asked = house.dialogs.asked.length;
    const refused = (work: Promise<unknown>) =>
      assert.rejects(work, (error) => isComputeError(error, "unknownProvider"));
    for (const [service, who] of [
      ["inference", nobody],
      ["fine-tuning", nobody],
      ["fine-tuning", chatter],
    ] as const) {
      await refused(accounts.planTransfer(service, who, amount));
      await refused(accounts.planTopUp(service, who, amount));
      await refused(accounts.run({ kind: "transferFund", provider: who, service, amount }, "asked"));
      await refused(accounts.prepare({ kind: "transferFund", provider: who, service, amount }));
    }
    assert.equal(house.dialogs.asked.length, asked);
  });

  it("goes to no address whose key is public where money is real, though it is registered there", async () => {
    // The sandbox's contracts and providers, on a network that says it is the testnet: no test can reach the live one.
    const { session, providers, limits } = house;
    const onTestnet = Object.assign(Object.create(session) as Session, {
      broker: async () => {
        const broker = await session.broker();
        return { ...broker, network: { ...broker.network, id: "testnet", isSandbox: false } };
      },
    });
    const live = new AccountsService({
      ...{
        session: onTestnet,
        providers,
        limits,
        gate: house.enclaves,
        journal: house.journal,
        clock: world.clock,
        log: world.log,
        dialogs: house.dialogs,
      },
      texts: createConfirmationTexts(english),
    });
    await assert.rejects(
      live.planTransfer("inference", provider, og("1")),
      (error) => isComputeError(error, "unknownProvider") && error.facts.why === "development",
    );
    live.dispose();
    assert.equal((await accounts.planTransfer("inference", provider, og("1"))).transfer, og("1"));
  });
});

describe("A ledger that fees have emptied", function () {
  this.timeout(60_000);
  const world = new World();
  const house = new House(world);
  const { accounts, dialogs } = house;
  const deletion = () => accounts.run({ kind: "deleteLedger" }, "asked");
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });

  it("can be deleted, after a question that says what goes with it, and begun anew", async () => {
    const provider = house.chat.get(await house.trySandbox.run())!.provider!;
    const user = house.session.wallet()!.address;
    dialogs.asked.length = 0;
    await assert.rejects(deletion(), (error) => isComputeError(error, "rejectedByChain"));
    assert.equal(dialogs.asked.length, 0, "while it holds something, nobody is asked");
    await takeFees(world.launcher.running!.ready, provider, user, og("3"));
    await accounts.refresh();
    assert.deepEqual(accounts.state.value?.ledger, { available: 0n, total: 0n });
    dialogs.answer = false;
    await assert.rejects(deletion(), (error) => isComputeError(error, "cancelled"));
    dialogs.answer = true;
    await deletion();
    assert.match(dialogs.asked.at(-1)!.detail, /deletes the ledger and your accounts with providers \(1\)/);
    assert.equal(accounts.state.value?.ledger, undefined);
    assert.deepEqual(accounts.state.value?.subAccounts, []);
    await accounts.run({ kind: "addLedger", amount: og("3") }, "asked");
    assert.deepEqual(accounts.state.value?.ledger, { available: og("3"), total: og("3") });
  });
});

describe("A window that another one pays beside", function () {
  this.timeout(60_000);
  const world = new World();
  const [house, other] = [new House(world), new House(world)];
  after(async () => {
    for (const one of [house, other]) one.abandon();
    await world.launcher.stop();
  });

  it("reads its accounts again once it sees in the journal that a transaction has ended", async () => {
    await house.trySandbox.run();
    await other.sandbox.start();
    await other.accounts.refresh();
    assert.equal(other.accounts.state.value?.ledger?.available, 0n);
    await house.accounts.run({ kind: "depositFund", amount: og("1") }, "asked");
    await other.journal.refresh(other.session.scope()!);
    await until("the new numbers", () => other.accounts.state.value?.ledger?.available === og("1"));
  });
});

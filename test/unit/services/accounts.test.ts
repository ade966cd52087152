import assert from "node:assert/strict";
import type { ProviderId } from "../../../src/domain/ids.js";
import type { ServiceName } from "../../../src/domain/provider.js";
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
    const tuner = address("f");
    const { minTransfer } = await (await house.session.broker()).ledger.limits();
    const plan = await accounts.planTopUp("fine-tuning", tuner, 1n as typeof minTransfer);
    assert.deepEqual([plan.deposit, plan.transfer], [minTransfer, minTransfer]);
    await accounts.topUp(plan, "asked");
    assert.deepEqual(await state("fine-tuning", tuner), [minTransfer, 0n, 0n]);
    const more = await accounts.planTopUp("fine-tuning", tuner, (minTransfer + 1n) as typeof minTransfer);
    assert.deepEqual([more.deposit, more.transfer], [1n, 1n]);
  });
});

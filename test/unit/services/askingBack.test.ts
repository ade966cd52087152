import assert from "node:assert/strict";
import { isComputeError } from "../../../src/domain/error.js";
import type { DidRun } from "../../../src/services/money/accounts.js";
import { Agreements } from "../../../src/services/money/agreements.js";
import { planReturns } from "../../../src/services/money/returns.js";
import { og } from "../../support/builders.js";
import { shortAddress } from "../../../src/view/address.js";
import { House, World } from "../../support/house.js";
import { random } from "../../support/ports.js";

describe("Asking money back in several transactions", function () {
  this.timeout(60_000);
  const world = new World();
  let house = new House(world);

  before(async () => {
    await house.trySandbox.run();
    const tuners = await (await house.session.broker()).fineTuning.listService();
    const { provider } = tuners[0]!;
    await house.accounts.run({ kind: "depositFund", amount: og("2") }, "asked");
    await house.accounts.run(
      { kind: "transferFund", service: "fine-tuning", provider, amount: og("1") },
      "asked",
    );
  });
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });

  const scope = () => house.session.scope()!;
  const agreements = new Agreements(world.journal, random);
  const operations = async () => {
    await house.accounts.refresh();
    const overview = house.accounts.state.value!;
    return planReturns(overview.subAccounts, overview, house.world.clock.now()).operations;
  };
  const sent = () =>
    house.journal.transactions(scope()).filter(({ purpose }) => purpose.method === "retrieveFund").length;
  const restarted = async () => {
    house.abandon();
    house = new House(world);
    await house.session.broker();
    await house.journal.refresh(scope());
    await house.accounts.refresh();
    house.dialogs.asked.length = 0;
  };

  it("sends nothing when the user says no, and remembers nothing", async () => {
    house.dialogs.answer = false;
    const run = house.askingBack.run(await operations(), () => assert.fail("it was not confirmed"));
    await assert.rejects(run, (error) => isComputeError(error, "cancelled"));
    house.dialogs.answer = true;
    await house.askingBack.goOn(() => assert.fail("it was not confirmed"));
    assert.equal(sent(), 0);
  });

  it("asks once, with every transaction, provider, amount and fee, and goes on after a restart without asking", async () => {
    const planned = await operations();
    assert.deepEqual(
      planned.map(({ service }) => service),
      ["inference", "fine-tuning"],
    );
    house.dialogs.asked.length = 0;
    const abort = new AbortController();
    const done: DidRun[] = [];
    const first = house.askingBack.run(
      planned,
      (one) => {
        done.push(one);
        abort.abort(); // the window is closed between the two
      },
      abort.signal,
    );
    await assert.rejects(first, (error) => isComputeError(error, "cancelled"));
    assert.deepEqual([house.dialogs.asked.length, done.length, sent()], [1, 1, 1]);
    const { title, detail } = house.dialogs.asked[0]!;
    assert.match(title, /^Ask for [\d.]+ 0G back in 2 transactions\?$/);
    for (const one of planned.flatMap(({ providers }) => providers))
      assert.ok(detail.includes(shortAddress(one)), `${one} in ${detail}`);
    assert.match(detail, /1\. [\d.]+ 0G from .*; fee at most .*\n\n2\. 1 0G from .*; fee at most /);
    assert.match(detail, /Fees: at most .* 0G together/);

    await restarted();
    await house.askingBack.goOn((one) => done.push(one));
    assert.deepEqual([house.dialogs.asked.length, sent()], [0, 2]);
    assert.deepEqual(
      done.map(({ operation }) => operation),
      planned,
    );
    await restarted();
    await house.askingBack.goOn(() => assert.fail("all of them are out"));
    assert.equal(sent(), 2);
    assert.deepEqual(await operations(), []);
  });

  it("asks again when more money is there than was agreed, or after a day", async () => {
    const [operation] = [{ kind: "retrieveFund" as const, service: "inference" as const }];
    const { provider } = house.accounts.state.value!.subAccounts.find((one) => one.service === "inference")!;
    const transfer = { kind: "transferFund", service: "inference", provider, amount: og("1") } as const;
    await house.accounts.run(transfer, "asked");
    const agreed = { operation: { ...operation, providers: [provider] }, maxFee: og("1") };
    const now = world.clock.now();
    await agreements.add(scope(), [
      { ...agreed, amount: og("0.5"), at: now },
      { ...agreed, amount: og("5"), at: now - 25 * 3_600_000 },
    ]);
    await house.accounts.refresh();
    await house.askingBack.goOn(() => assert.fail("that was not agreed"));
    assert.deepEqual(await agreements.list(scope()), []);
  });

  it("never sends one twice: what may be out is followed, and two windows share the list", async () => {
    const [operation] = await operations();
    const at = world.clock.now();
    const [one] = await agreements.add(scope(), [
      { operation: operation!, amount: og("5"), maxFee: og("1"), at },
    ]);
    await agreements.sent(scope(), one!.id, "0x1" as never);
    await assert.rejects(agreements.sent(scope(), one!.id, "0x2" as never), (error) =>
      isComputeError(error, "rejectedByChain"),
    );
    const before = sent();
    await house.askingBack.goOn(() => assert.fail("it is out"));
    assert.equal(sent(), before);
  });
});

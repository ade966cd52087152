// Top-ups without a question, against the real contracts: within the rule and every limit, by one window, once.
import assert from "node:assert/strict";
import { isComputeError } from "../../../src/domain/error.js";
import type { ProviderId } from "../../../src/domain/ids.js";
import { KeepFunded } from "../../../src/services/money/keepFunded.js";
import type { OperationLock } from "../../../src/services/ports.js";
import { until } from "../../until.js";
import { House, World } from "../../support/house.js";
import { og } from "../../support/builders.js";
import { TestClock } from "../../support/ports.js";
import { startRelay, type RpcRelay } from "../../support/rpcRelay.js";

const minute = 60_000;
const isReached = (limit: string) => (error: unknown) =>
  isComputeError(error, "limitReached") && error.facts.limit === limit;

describe("An account that is kept funded", function () {
  this.timeout(60_000);
  const world = new World();
  const house = new House(world);
  const told: string[] = [];
  /** What the node says each unit of gas costs; undefined: the truth. */
  let gasPrice: bigint | undefined;
  let relay: RpcRelay;
  const held = new Set<string>();
  /** This process's time goes by only as told; the sandbox has its own. */
  let clock: TestClock;
  let provider: ProviderId;

  /** As in another window, or after a restart: nothing but the ports is shared. */
  const window = (lived = house) =>
    new KeepFunded({
      ...{ session: lived.session, settings: world.settings, accounts: lived.accounts },
      ...{ limits: lived.limits, state: world.state, clock, log: world.log },
      logs: { lock: async (name) => lockOf(name) },
      notifier: { topUpStopped: (_, why) => void told.push(typeof why === "string" ? why : why.code) },
      switchOff: async (off) => {
        assert.equal(off, provider);
        world.settings.set({ keepFunded: {} });
      },
    });
  const lockOf = (name: string): OperationLock | undefined => {
    if (held.has(name)) return undefined;
    held.add(name);
    return { isHeld: async () => true, release: async () => void held.delete(name) };
  };
  const balance = async () => {
    const { ledger } = await house.session.broker();
    return (await ledger.getSubAccount("inference", provider))?.balance;
  };
  const rule = (floor: string, topUp: string, dailyCap: string) =>
    world.settings.set({ keepFunded: { [provider]: { floor, topUp, dailyCap } } });

  before(async () => {
    world.launcher.relay = async (rpcUrl) => {
      relay = await startRelay(rpcUrl, async ({ method }, forward) =>
        method === "eth_gasPrice" && gasPrice ? { result: `0x${gasPrice.toString(16)}` } : forward(),
      );
      return relay.url;
    };
    provider = house.chat.get(await house.trySandbox.run())!.provider!;
    await house.accounts.run({ kind: "depositFund", amount: og("5") }, "asked");
    house.dialogs.asked.length = 0;
    clock = new TestClock(Date.now());
  });
  after(async () => {
    house.abandon();
    await relay.close();
    await world.launcher.stop();
  });

  it("is left alone without a rule, and above the floor", async () => {
    await window().look();
    rule("2", "1", "2.5");
    await window().look();
    assert.equal(await balance(), og("3"), "2 0G of 3 are usable");
  });

  it("is topped up below the floor, without a question, by one of two windows", async () => {
    rule("2.5", "1", "2.5");
    await Promise.all([window().look(), window().look()]);
    assert.equal(await balance(), og("4"));
    assert.deepEqual(house.dialogs.asked, []);
    assert.equal(house.limits.keptFundedToday(house.session.scope()!, provider), og("1"));
  });

  it("is not topped up again by a window that opens a moment later, whatever the node says meanwhile", async () => {
    rule("5", "1", "2.5");
    await window().look();
    assert.equal(await balance(), og("4"));
  });

  it("stops at the cap of a day with one word, across restarts, and never passes another limit", async () => {
    for (let round = 0; round < 4; round++) {
      await clock.advance(5 * minute);
      await window().look();
    }
    assert.equal(await balance(), og("5"), "two of 1 0G fit into a cap of 2.5");
    assert.deepEqual(told, ["limitReached"]);
    const scope = house.session.scope()!;
    world.settings.set({ "limits.perDay": "2" });
    rule("9", "1", "9");
    assert.throws(() => house.limits.checkTopUp(scope, { provider, amount: og("1") }), isReached("perDay"));
    world.settings.set({ "limits.perDay": "10", "limits.perTransaction": "0.5" });
    assert.throws(() => house.limits.checkTopUp(scope, { provider, amount: og("1") }));
    world.settings.set({ "limits.perTransaction": "5" });
  });

  it("takes no other amount than the rule's, and nobody else than the rule's provider", async () => {
    const refused = (work: Promise<unknown>) =>
      assert.rejects(work, (error) => isComputeError(error, "limitReached"));
    await refused(house.accounts.keepFunded({ provider, amount: og("1.5") }));
    const [other] = house.providers.chatServices
      .map(({ service }) => service.provider)
      .filter((one) => one !== provider);
    await refused(house.accounts.keepFunded({ provider: other!, amount: og("1") }));
  });

  it("pays no fee beyond what is usual, nor beyond the limits of the wallet, and tells it once", async () => {
    const scope = house.session.scope()!;
    const paid = house.limits.movedToday(scope, "wallet");
    assert.ok(paid > og("5") && paid < og("5.001"), "the deposit, and the fees of two top-ups");
    const { chain } = await house.session.broker();
    const { address } = house.session.wallet()!;
    const wallet = await chain.balance(address);
    const one = { provider, amount: og("1"), maxFee: og("0.002") };
    const within = (values: Record<string, string>, fee: Partial<typeof one>) => {
      world.settings.set(values);
      return () => house.limits.checkTopUp(scope, { ...one, ...fee });
    };
    rule("9", "1", "9");
    within({}, {})();
    assert.throws(within({}, { maxFee: og("0.010000000000000001") }), isReached("unaskedFee"));
    assert.throws(within({ "limits.perDay": "5.001" }, {}), isReached("perDay"));
    world.settings.set({ "limits.perDay": "10" });
    told.length = 0;
    gasPrice = 2n * 10n ** 14n;
    for (let round = 0; round < 2; round++) {
      await clock.advance(5 * minute);
      await window().look();
    }
    gasPrice = undefined;
    assert.equal(await balance(), og("5"));
    assert.equal(await chain.balance(address), wallet);
    assert.deepEqual(told, ["limitReached"]);
  });

  it("takes nothing from the wallet: an empty ledger is told once", async () => {
    rule("9", "4", "9");
    told.length = 0;
    for (let round = 0; round < 2; round++) {
      await clock.advance(5 * minute);
      await window().look();
    }
    assert.equal(await balance(), og("5"));
    assert.deepEqual(told, ["insufficientFunds"]);
  });

  it("is left alone while money is asked back from it, and while its provider is refused, and tells it once", async () => {
    const { ledger } = await house.session.broker();
    const account = () => ledger.getSubAccount("inference", provider);
    const lookTwice = async () => {
      for (let round = 0; round < 2; round++) {
        await clock.advance(5 * minute);
        await window().look();
      }
    };
    await ledger.depositFund(og("2"));
    rule("9", "1", "9");
    told.length = 0;
    await ledger.retrieveFund("inference", [provider]); // by another tool: no question of ours said anything
    await lookTwice();
    assert.equal((await account())?.pendingRefund, og("5"));
    assert.deepEqual(told, ["askedBack"]);
    await world.launcher.running!.control.time(2 * 86_400);
    await ledger.retrieveFund("inference", [provider]);
    await ledger.run({ kind: "acknowledge", provider, service: "inference", isAcknowledged: false });
    await lookTwice();
    assert.deepEqual([await balance(), (await account())?.isAcknowledged], [0n, false]);
    assert.deepEqual(told, ["askedBack", "notAcknowledged"]);
  });

  it("is not kept funded any more once the user asks money back from it, which the question says", async () => {
    await house.accounts.run(
      { kind: "transferFund", provider, service: "inference", amount: og("1") },
      "asked",
    );
    rule("9", "1", "9");
    const kept = window();
    const ran = house.accounts.onDidRun((run) => void kept.didRun(run));
    const askBack = (answer: boolean) => {
      house.dialogs.answer = answer;
      return house.accounts.run(
        { kind: "retrieveFund", providers: [provider], service: "inference" },
        "asked",
      );
    };
    await assert.rejects(askBack(false), (error) => isComputeError(error, "cancelled"));
    assert.equal(house.limits.isKeptFunded(provider), true);
    await askBack(true);
    assert.equal(house.limits.isKeptFunded(provider), false);
    assert.match(
      house.dialogs.asked.at(-1)!.detail,
      /You keep 0x\w{4}…\w{4} funded: that is switched off then/,
    );
    ran.dispose();
  });
});

describe("What a provider says it is owed", function () {
  this.timeout(60_000);
  const world = new World();
  const house = new House(world);
  after(async () => {
    house.abandon();
    await world.launcher.stop();
  });

  it("moves no more than was used there, and is never more than the account holds", async () => {
    const chat = await house.trySandbox.run();
    const provider = house.chat.get(chat)!.provider!;
    await house.chat.send(chat, "What is a sub-account?");
    await house.accounts.run({ kind: "depositFund", amount: og("5") }, "asked");
    (await house.session.broker()).inference.getUnsettledFee = async () => og("999999999");
    await house.accounts.refresh();
    const account = () => house.accounts.subAccount("inference", provider);
    await until("the provider's word", () => account()?.unsettled);
    assert.equal(account()?.unsettled, og("3"));
    world.settings.set({ keepFunded: { [provider]: { floor: "1", topUp: "1", dailyCap: "2" } } });
    const kept = new KeepFunded({
      ...{ session: house.session, settings: world.settings, accounts: house.accounts },
      ...{ limits: house.limits, state: world.state, clock: world.clock, log: world.log },
      logs: { lock: async () => ({ isHeld: async () => true, release: async () => undefined }) },
      notifier: { topUpStopped: () => undefined },
      switchOff: async () => undefined,
    });
    await kept.look();
    await house.accounts.refresh();
    assert.equal(account()?.balance, og("3"), "nearly 2 0G are usable, whatever the provider says");
  });
});

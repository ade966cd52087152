import assert from "node:assert/strict";
import type { Session } from "../../../src/services/wallets/session.js";
import * as brokerModule from "../../../src/broker/broker.js";
import type { Clock } from "../../../src/domain/clock.js";
import type { ChainEvent, Movement } from "../../../src/domain/activity.js";
import { addressKey } from "../../../src/domain/ids.js";
import { zeroNeuron } from "../../../src/domain/money.js";
import { ledgerTotalOf } from "../../../src/domain/movements.js";
import { ActivityService, type ActivityState } from "../../../src/services/activity/activity.js";
import { english } from "../../../src/view/translate.js";
import { kindLabel } from "../../../src/view/activity/activityWords.js";
import { until } from "../../until.js";
import { og } from "../../support/builders.js";
import { House, World } from "../../support/house.js";
import { nodeBefore, type NodeBefore } from "../../support/nodeBefore.js";
import { MemoryFolder } from "../../support/ports.js";

const day = 86_400;

describe("The activity", function () {
  this.timeout(120_000);
  const world = new World();
  const folder = new MemoryFolder();
  const house = new House(world);
  const services: ActivityService[] = [];
  const nodes: NodeBefore[] = [];

  const open = (session: Sessions = house.session, kept = folder, clock: Clock = world.clock) => {
    const { accounts, journal, limits } = house;
    const { log } = world;
    const service = new ActivityService({
      session,
      accounts,
      journal,
      limits,
      gate: house.enclaves,
      folder: kept,
      clock,
      log,
    });
    services.push(service);
    return service;
  };
  /** What was read when it was read to the end. */
  const read = async (service = open()): Promise<ActivityState> => {
    await service.refresh();
    assert.equal(service.state.error, undefined);
    return service.state;
  };

  before(async () => {
    // The steps of a user's first week, each with a real transaction.
    const id = await house.trySandbox.run();
    await house.chat.send(id, "What is a sub-account?");
    const control = world.launcher.running!.control;
    await control.settle();
    const provider = theProvider();
    await house.accounts.run({ kind: "depositFund", amount: og("1.5") }, "asked");
    await house.accounts.run({ kind: "retrieveFund", service: "inference", providers: [provider] }, "asked");
    await control.time(day);
    await house.accounts.run({ kind: "retrieveFund", service: "inference", providers: [provider] }, "asked");
    await house.accounts.run({ kind: "refund", amount: og("0.5") }, "asked");
  });
  after(async () => {
    for (const service of services) service.dispose();
    for (const node of nodes) await node.close();
    house.abandon();
    await world.launcher.stop();
  });

  function theProvider() {
    const [account] = house.accounts.state.value!.subAccounts;
    return account!.provider;
  }

  it("has one row for each thing that happened, and they add up to what the chain says", async () => {
    const { movements, ledgerTotal } = await read();
    const byKind = (kind: Movement["kind"]) => movements.filter((one) => one.kind === kind);
    assert.deepEqual(
      movements
        .filter(({ kind }) => kind !== "answer" && kind !== "networkFee")
        .map(({ kind }) => kindLabel(kind, english)),
      [
        ...["Deposit", "Transfer", "Settlement", "Deposit", "Refund requested", "Refund collected"],
        "Withdrawal",
      ],
    );
    assert.deepEqual(byKind("deposit").at(-1)?.amount, og("1.5"));
    const [answer] = byKind("answer");
    const [settled] = byKind("settlement");
    assert.equal(byKind("answer").length, 1);
    assert.equal(answer?.amount, settled?.amount, "our estimate is what the provider took");
    assert.equal(answer?.note, undefined);
    assert.equal(settled?.provider, theProvider());
    assert.deepEqual(
      byKind("withdrawal").map(({ amount }) => amount),
      [og("0.5")],
    );

    const { ledger, subAccounts } = house.accounts.state.value!;
    assert.equal(ledgerTotalOf(movements), ledger?.total);
    assert.equal(ledgerTotal, ledger?.total);
    const sum = (kind: Movement["kind"]) => byKind(kind).reduce((all, { amount }) => all + amount, 0n);
    const held = sum("transfer") - sum("refundCollected") - sum("settlement");
    assert.equal(held, subAccounts[0]?.balance);
    assert.equal(sum("refundRequested") - sum("refundCollected"), subAccounts[0]?.pendingRefund);
  });

  it("says what providers have not settled yet", async () => {
    const { session, accounts, journal, chat } = house;
    const provider = theProvider();
    const before = await read();
    assert.deepEqual([...before.unsettled.values()], []);
    await accounts.run({ kind: "transferFund", service: "inference", provider, amount: og("2") }, "asked");
    const [{ id } = assert.fail()] = await house.chat.list();
    await chat.send(id, "What is a ledger?");
    await until("the journal has it", async () => (await journal.answers(session.scope()!)).length === 2);
    const { unsettled, movements } = await read();
    const asked = movements.findLast(({ kind }) => kind === "answer");
    assert.equal(unsettled.get(addressKey(provider)), asked?.amount);
    assert(asked!.amount > zeroNeuron);
  });

  it("is there at once after a restart, and goes on from where it was", async () => {
    const whole = await read();
    const next = open();
    const first = new Promise<ActivityState>((resolve) => {
      next.onDidChange((state) => state.history && resolve(state));
    });
    void next.refresh();
    assert.deepEqual((await first).movements, whole.movements, "before anything is asked of the chain");
    assert.deepEqual((await read(next)).movements, whole.movements);
  });

  it("goes on without gaps or duplicates, wherever it was killed", async () => {
    const whole = await read();
    const most = 3;
    let wentOn = 0;
    for (let killedAfter = 1; killedAfter < 12; killedAfter += 3) {
      const kept = new MemoryFolder();
      const url = await slowNode(most);
      const session = sessionAt(url);
      // So late at each look that every step is kept.
      let time = 0;
      const killed = open(session, kept, { ...world.clock, now: () => (time += 3000) });
      let steps = 0;
      killed.onDidChange(({ history }) => {
        // Whatever is on the disk now is all the next one has.
        if (history && ++steps === killedAfter) killed.dispose();
      });
      await killed.refresh();
      const next = open(sessionAt(url), kept);
      next.onDidChange(({ history }) => {
        if (history && history.scannedTo > 0 && history.scannedTo < history.head) wentOn++;
      });
      assert.deepEqual((await read(next)).movements, whole.movements, `killed after ${killedAfter}`);
    }
    assert(wentOn > 0, "none was in the middle");
  });

  it("keeps what it has when the node is gone, says so, and goes on when it is back", async () => {
    const whole = await read();
    const kept = new MemoryFolder();
    let isGone = false;
    let asked = 0;
    const node = await nodeBefore(world.launcher.running!.ready.rpcUrl, ({ method, params }) => {
      if (isGone) return { refuse: "gone", code: -32603 };
      if (method === "eth_getLogs" && ++asked === 8) isGone = true;
      return refuseLong(method, params, 4);
    });
    nodes.push(node);
    const service = open(sessionAt(node.url), kept);
    await service.refresh();
    assert.equal(service.state.error?.code, "network");
    const { scannedTo, head } = service.state.history!;
    assert(scannedTo > 0 && scannedTo < head);
    isGone = false;
    assert.deepEqual((await read(open(sessionAt(node.url), kept))).movements, whole.movements);
    assert.equal(service.state.error?.code, "network", "another window's");
    await service.refresh();
    assert.deepEqual(service.state.movements, whole.movements);
    assert.equal(service.state.error, undefined);
  });

  it("reads anew what is on the disk when it is of no use", async () => {
    const whole = await read();
    const [name = ""] = [...folder.files.keys()];
    // The last is what the version before the network fees had read: whole, but without them.
    const before = { ...JSON.parse(new TextDecoder().decode(folder.files.get(name))), version: 1 };
    before.history.events = before.history.events.filter(({ kind }: ChainEvent) => kind !== "gasPaid");
    const ofNoUse = ["", "{", "[]", '{"version":0}', '{"version":2,"history":{"events":[{}]}}'];
    for (const text of [...ofNoUse, JSON.stringify(before)]) {
      const kept = new MemoryFolder();
      kept.files.set(name, new TextEncoder().encode(text));
      assert.deepEqual((await read(open(house.session, kept))).movements, whole.movements, text);
    }
  });

  it("forgets what it showed when the wallet or the network is another", async () => {
    const service = open();
    await read(service);
    world.settings.set({ network: "testnet" });
    assert.deepEqual(service.state.movements, []);
    assert.equal(service.state.history, undefined);
    world.settings.set({ network: "sandbox" });
    assert((await read(service)).movements.length > 5);
  });

  it("shows a pass to nobody the user has not chatted with", async () => {
    await Promise.all([house.accounts.refresh(), house.providers.refresh()]);
    const chatted = theProvider();
    const others = house.providers.chatServices.map(({ service }) => service.provider);
    const other = others.find((one) => addressKey(one) !== addressKey(chatted))!;
    await house.accounts.run({ kind: "depositFund", amount: og("1") }, "asked");
    await house.accounts.run(
      { kind: "transferFund", provider: other, service: "inference", amount: og("1") },
      "asked",
    );
    const { unsettled } = await read();
    assert.equal(unsettled.has(addressKey(other)), false);
    const { counters } = await world.launcher.running!.control.state();
    const asked = (provider: string) =>
      Object.keys(counters.providers[provider] ?? {}).some((route) => route.endsWith("/unsettledfee"));
    assert.deepEqual([asked(chatted), asked(other)], [true, false]);
  });

  it("tells a top-up by itself from the user's own transfers", async () => {
    const provider = theProvider();
    const topUp = { provider, amount: og("0.25") };
    world.settings.set({ keepFunded: { [provider]: { floor: "9", topUp: "0.25", dailyCap: "1" } } });
    await house.accounts.run({ kind: "depositFund", amount: og("0.5") }, "asked");
    await house.accounts.run({ ...topUp, kind: "transferFund", service: "inference" }, "asked");
    const { hash } = await house.accounts.keepFunded(topUp);
    const transfers = (await read()).movements.filter(({ kind }) => kind === "transfer");
    const [own, byItself] = transfers.slice(-2);
    assert.deepEqual([own?.note, byItself?.note, byItself?.hash], [undefined, { kind: "keptFunded" }, hash]);
  });

  /** The session of the house, with a node of ours in between. */
  function sessionAt(url: string): Sessions {
    const { session, wallets } = house;
    const network = { ...session.network(), rpcUrls: [url], isSandbox: false };
    const { clock, log } = world;
    const broker = brokerModule.createBroker({
      network,
      signer: wallets.signer(session.wallet()!),
      clock,
      log,
    });
    return {
      scope: () => session.scope(),
      tryScope: () => session.tryScope(),
      broker: () => Promise.resolve(broker),
      onDidChange: session.onDidChange,
    };
  }

  async function slowNode(most: number): Promise<string> {
    const { rpcUrl } = world.launcher.running!.ready;
    const node = await nodeBefore(rpcUrl, ({ method, params }) => refuseLong(method, params, most));
    nodes.push(node);
    return node.url;
  }
});

type Sessions = Pick<Session, "scope" | "tryScope" | "broker" | "onDidChange">;

function refuseLong(method: string, params: readonly unknown[], most: number) {
  const { fromBlock, toBlock } = (params[0] ?? {}) as { fromBlock?: string; toBlock?: string };
  const isLong = method === "eth_getLogs" && Number(toBlock) - Number(fromBlock) + 1 > most;
  return isLong ? { refuse: "query exceeds the range" } : undefined;
}

// The doctor against a real sandbox, with real things wrong: nodes, clocks, keychains, disks, records, accounts.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../src/domain/clock.js";
import type { Recipient } from "../../../src/services/ports.js";
import { Doctor } from "../../../src/services/doctor/doctor.js";
import type { CheckId, Finding } from "../../../src/services/doctor/doctorFinding.js";
import type { DoctorOptions } from "../../../src/services/doctor/doctorVisit.js";
import { lookAtDisk } from "../../../src/system/diskSpace.js";
import { doctorRows } from "../../../src/view/doctor/doctorView.js";
import { english } from "../../../src/view/translate.js";
import { House, World } from "../../support/house.js";
import { random, settled, TestClock } from "../../support/ports.js";
import { type RpcRelay, type Rule, startRelay } from "../../support/rpcRelay.js";
import { until } from "../../until.js";
import { og } from "../../support/builders.js";

const shifted = (clock: Clock, ms: number): Clock => ({ ...clock, now: () => clock.now() + ms });

describe("The doctor", function () {
  this.timeout(60_000);
  let world: World;
  let house: House;
  const relays: RpcRelay[] = [];

  beforeEach(() => {
    world = new World();
    house = new House(world);
  });
  afterEach(async () => {
    house.abandon();
    await Promise.all(relays.splice(0).map((relay) => relay.close()));
    await world.launcher.stop();
  });

  const doctor = (more: Partial<DoctorOptions> = {}) => {
    const { session, sandbox, journal, transactions, apiKeys, enclaves } = house;
    const { settings, secrets, clock, log } = world;
    return new Doctor({
      ...{ session, settings, sandbox, journal, transactions, apiKeys, secrets, random, clock, log },
      signer: (recipient) => enclaves.look(recipient),
      disk: () => lookAtDisk(tmpdir()),
      ...more,
    });
  };
  /** As people read it: the word, the sentence, and what Enter does. */
  const told = async (check: CheckId, more: Partial<DoctorOptions> = {}) => {
    const findings = (await doctor(more).check()).filter((finding) => finding.check === check);
    return read(findings, more.clock ?? world.clock);
  };
  const read = (findings: readonly Finding[], clock: Clock = world.clock) =>
    doctorRows(findings, { t: english, now: clock.now(), network: house.session.tryNetwork() }).map(
      ({ word, sentence, remedies: [first] }) => [word, sentence, ...(first ? [first.id] : [])].join(" | "),
    );
  const relay = async (rule: Rule) => {
    const made = await startRelay(house.sandbox.ready!.rpcUrl, rule);
    relays.push(made);
    return made.url;
  };
  /** The sandbox's chain as a network of the user's own, over these URLs, with a wallet that has money and a ledger. */
  const custom = async (...rpcUrls: string[]) => {
    await house.session.broker();
    const { contracts, chainId, rpcUrl } = house.sandbox.ready!;
    const describe = (urls: readonly string[]) =>
      world.settings.set({ network: "custom", customNetwork: { chainId, rpcUrls: urls, contracts } });
    describe([rpcUrl]);
    const { wallet } = await house.wallets.create({ name: "Mine", network: house.session.network() });
    await world.launcher.running!.control.fund(wallet.address, "9");
    await (await house.session.broker()).ledger.addLedger(og("3"));
    describe(rpcUrls.length > 0 ? rpcUrls : [rpcUrl]);
    return rpcUrl;
  };
  const host = (url: string) => new URL(url).host;

  it("finds nothing wrong with a sandbox that was just tried, and says what it could not check", async () => {
    await house.trySandbox.run();
    const findings = await doctor().check();
    const words = (word: string) => findings.filter((one) => one.word === word).map(({ check }) => check);
    assert.deepEqual([words("broken"), words("look")], [[], []]);
    assert.deepEqual(words("notChecked"), ["clock", "signers"]);
    assert.match(read(findings).join("\n"), /have not verified 0x\S+ yet: .* \| zgCompute\.verifyProvider/);
  });

  it("starts no sandbox: it says that it rests, and that Start is the way on", async () => {
    const findings = await doctor().check();
    assert.equal(world.launcher.starts, 0);
    const lines = read(findings);
    assert.ok(lines.includes("to look at | It is stopped. | zgCompute.startSandbox"), lines.join("\n"));
    for (const check of ["nodes", "money", "acknowledgements", "signers"])
      assert.deepEqual(
        findings.filter((one) => one.check === check).map(({ word, fact }) => `${word} ${fact.kind}`),
        ["notChecked sandboxRests"],
      );
  });

  it("names why the sandbox failed", async () => {
    world.launcher.failure = "its port is taken";
    await assert.rejects(house.sandbox.start());
    const [line] = await told("sandbox");
    assert.match(line!, /^broken \| The sandbox does not run: its port is taken\./);
  });

  it("tells each RPC URL apart: a good one, a dead one, one of another chain and one that lags", async () => {
    await custom();
    const good = house.sandbox.ready!.rpcUrl;
    const other = await relay(async (call, forward) =>
      call.method === "eth_chainId" ? { result: "0x1" } : forward(),
    );
    const lagging = await relay(async (call, forward) => {
      const answer = await forward();
      if (call.method !== "eth_getBlockByNumber" || !("result" in (answer as object))) return answer;
      const { result } = answer as { result: { number: string; timestamp: string } };
      const less = (hex: string, by: number) => `0x${(Number(hex) - by).toString(16)}`;
      return {
        result: { ...result, number: less(result.number, 3), timestamp: less(result.timestamp, 100) },
      };
    });
    const gone = await startRelay(good);
    await gone.close();
    world.settings.set({
      customNetwork: {
        ...(world.settings.customNetwork() as object),
        rpcUrls: [good, gone.url, other, lagging],
      },
    });
    const lines = await told("nodes");
    assert.match(lines[0]!, new RegExp(`^broken \\| .*${host(gone.url)}.* \\| zgCompute\\.openSettings$`));
    assert.match(
      lines[1]!,
      new RegExp(
        `^broken \\| ${host(other)} answers for chain 1; this network is chain 31337.* \\| zgCompute\\.openSettings$`,
      ),
    );
    assert.equal(
      lines[2],
      `to look at | ${host(lagging)} is 3 blocks (1 min) behind the others. | zgCompute.openSettings`,
    );
    assert.match(
      lines[3]!,
      new RegExp(`^fine \\| ${host(good)} answers for this network, at block \\d+\\.$`),
    );
    const [money] = await told("money");
    assert.match(money!, /^not checked \| .* answers for chain 1/);
  });

  it("reads money and accounts though one URL is dead", async () => {
    const good = await custom();
    const gone = await startRelay(good);
    await gone.close();
    world.settings.set({
      customNetwork: { ...(world.settings.customNetwork() as object), rpcUrls: [gone.url, good] },
    });
    const [wallet, ledger] = await told("money");
    assert.match(wallet!, /^fine \| It holds 5\.99\d+ 0G\.$/);
    assert.equal(ledger, "fine | It holds 3 0G, 3 0G of it available.");
  });

  it("names a missing wallet, an empty one, a missing ledger and an account that pays for no answer, and what helps", async () => {
    world.settings.set({ network: "testnet", rpcUrls: { testnet: ["http://127.0.0.1:9"] } });
    const none = "to look at | There is no wallet for this network yet. | zgCompute.setUpWallet";
    assert.deepEqual(await told("money"), [none]);
    world.settings.set({ network: "sandbox" });
    await house.sandbox.start();
    const { wallet } = await house.wallets.create({ name: "Mine", network: house.session.network() });
    assert.deepEqual(await told("money"), [
      "to look at | It is empty, and cannot pay for any transaction. | zgCompute.fundWallet",
      "to look at | You have no ledger on this network yet; a deposit creates one. | zgCompute.deposit",
    ]);
    await world.launcher.running!.control.fund(wallet.address, "9");
    const { ledger, inference } = await house.session.broker();
    await ledger.addLedger(og("4"));
    const [service] = await inference.listService();
    const transfer = async (amount: string) =>
      ledger.run({
        ...{ kind: "transferFund", service: "inference", provider: service!.provider, amount: og(amount) },
      });
    await transfer("1");
    const [short] = await told("money");
    assert.match(
      short!,
      /^to look at \| Your account with 0x\S+ has 1 0G and pays for no answer: 1 0G must always stay there\. \| zgCompute\.transfer$/,
    );
    await transfer("1");
    const [full, filled, ...more] = await told("money");
    assert.match(full!, /^fine \| It holds 4\.9/);
    assert.deepEqual([filled, more], ["fine | It holds 4 0G, 2 0G of it available.", []]);
  });

  it("sees by how much the clock is off, where blocks come by themselves", async () => {
    await house.session.broker();
    const rpc = await relay(async (call, forward) => {
      if (call.method === "eth_chainId") return { result: "0x40da" };
      const answer = await forward();
      if (call.method !== "eth_getBlockByNumber") return answer;
      const { result } = answer as { result: object };
      return { result: { ...result, timestamp: `0x${Math.floor(world.clock.now() / 1000).toString(16)}` } };
    });
    world.settings.set({ network: "testnet", rpcUrls: { testnet: [rpc] } });
    const at = (ms: number) => told("clock", { clock: shifted(world.clock, ms) });
    assert.deepEqual(await at(0), ["fine | It agrees with the network's newest block."]);
    assert.match(
      (await at(-100_000))[0]!,
      /^to look at \| This machine's clock is at least 1 min behind the network's\./,
    );
    assert.match(
      (await at(-600_000))[0]!,
      /^broken \| This machine's clock is at least \d+ min behind .* \| zgCompute\.openHelp$/,
    );
    assert.match(
      (await at(600_000))[0]!,
      /^to look at \| The newest block is \d+ min old: this clock is ahead, or/,
    );
  });

  it("tries the keychain without touching a key, and says when it refuses or forgets", async () => {
    await house.wallets.create({ name: "Mine", network: { id: "testnet", isSandbox: false } });
    const before = [...world.secrets.kept];
    assert.deepEqual(await told("keychain"), ["fine | It keeps what it is given, and gives it back."]);
    assert.deepEqual([...world.secrets.kept], before);
    for (const mood of ["refuse", "forget"] as const) {
      world.secrets.mood = mood;
      assert.match((await told("keychain"))[0]!, /^broken \| .* \| zgCompute\.openHelp$/);
    }
    assert.deepEqual([...world.secrets.kept], before);
  });

  it("finds a good keychain good while another window tries it, too, and leaves nothing there when it breaks", async () => {
    const { secrets } = world;
    const before = [...secrets.kept];
    const get = secrets.get.bind(secrets);
    let looks = 0;
    let meet = (): void => undefined;
    const met = new Promise<void>((resolve) => (meet = resolve));
    secrets.get = async (key) => {
      if (++looks === 2) meet(); // both have stored theirs
      await met;
      return get(key);
    };
    try {
      const fine = ["fine | It keeps what it is given, and gives it back."];
      assert.deepEqual(await Promise.all([told("keychain"), told("keychain")]), [fine, fine]);
      secrets.get = async () => Promise.reject(new Error("locked"));
      assert.match((await told("keychain"))[0]!, /^broken/);
    } finally {
      secrets.get = get;
    }
    assert.deepEqual([...secrets.kept], before);
  });

  it("looks at the real disk, and says when it is full or cannot be written", async () => {
    const [line] = await told("disk", { disk: () => lookAtDisk(join(tmpdir(), "not", "there", "yet")) });
    assert.match(line!, /^[\w ]+ \| (Only )?\d+ [GM]B are free\.$/);
    if (process.platform === "linux")
      // a file system without any room
      assert.match((await told("disk", { disk: () => lookAtDisk("/proc") }))[0]!, /^broken \| /);
    const disk = async () => ({ free: 3 * 1024 ** 2, isWritable: true });
    assert.deepEqual(await told("disk", { disk }), ["broken | Only 3 MB are free. | zgCompute.showDiskUse"]);
  });

  it("finds a damaged record of spending, of whichever wallet, and leaves it as it is", async () => {
    await house.trySandbox.run();
    const [name] = await world.journal.list();
    const damaged = new TextEncoder().encode('{"entries":[');
    world.journal.files.set(name!, damaged);
    world.settings.set({ network: "testnet" });
    const [line] = await told("records");
    assert.match(
      line!,
      /^broken \| The record of what was spent is damaged.* \| zgCompute\.setJournalAside$/,
    );
    assert.equal(world.journal.files.get(name!), damaged);
    assert.deepEqual(await world.journal.list(), [name]);
  });

  it("finds a provider that is not acknowledged", async () => {
    const provider = house.chat.get(await house.trySandbox.run())!.provider!;
    const { ledger } = await house.session.broker();
    await ledger.retrieveFund("inference", [provider]);
    await world.launcher.running!.control.time(2 * 86_400);
    await ledger.retrieveFund("inference", [provider]);
    await ledger.run({ kind: "acknowledge", provider, service: "inference", isAcknowledged: false });
    const [line] = await told("acknowledgements");
    assert.match(line!, /^to look at \| You have not accepted the key .* \| zgCompute\.acknowledge$/);
  });

  it("compares signers with what was verified, and does not mend a damaged record of it", async () => {
    const provider = house.chat.get(await house.trySandbox.run())!.provider!;
    await house.enclaves.verify(provider, "inference");
    assert.deepEqual(await told("signers"), ["fine | They are still as you verified or accepted them (1)."]);
    const changed = async (recipient: Recipient) =>
      house.enclaves.look({ ...recipient, teeSigner: `0x${"9".repeat(40)}` as never });
    assert.match(
      (await told("signers", { signer: changed }))[0]!,
      /^to look at \| .* is not as you verified or accepted it.* \| zgCompute\.verifyProvider$/,
    );
    const [name] = await world.pins.list();
    world.pins.files.set(name!, new TextEncoder().encode("{"));
    assert.match((await told("signers"))[0]!, /^to look at \| What is remembered of .* cannot be read/);
    assert.deepEqual(await world.pins.list(), [name]);
  });

  it("finds what waits too long, and what was sent from elsewhere", async () => {
    await house.trySandbox.run();
    assert.deepEqual(await told("transactions"), ["fine | None of yours waits."]);
    await world.launcher.running!.control.fault("chain", "no-mining");
    const sent = house.accounts.run({ kind: "depositFund", amount: og("0.1") }, "asked");
    const ended = sent.catch(() => undefined);
    await until("it to wait", () => house.transactions.pending.some(({ isOut }) => isOut));
    assert.deepEqual(await told("transactions"), ["fine | 1 on their way, 0 more behind them."]);
    const later = { clock: shifted(world.clock, 200_000) };
    assert.deepEqual(await told("transactions", later), [
      "to look at | “Deposit 0.1 0G” has waited for 3 min. | zgCompute.speedUpTransaction",
    ]);
    const elsewhere = { transactions: { pending: [], planned: [] } };
    assert.match(
      (await told("transactions", elsewhere))[0]!,
      /^to look at \| Sent with this wallet by another program, .*: 1\..* \| zgCompute\.showActivity$/,
    );
    await world.launcher.running!.control.clear();
    await ended;
  });

  it("names each setting that cannot be used", async () => {
    world.settings.set({ "limits.perDay": "a lot", confirmations: 0, network: "moon" });
    assert.deepEqual((await told("settings")).map((line) => /zgCompute\.[\w.]+/.exec(line)?.[0]).sort(), [
      "zgCompute.confirmations",
      "zgCompute.limits.perDay",
      "zgCompute.network",
    ]);
  });

  it("names the setting of a network of the user's own that is in use and says nothing", async () => {
    world.settings.set({ network: "custom" });
    assert.match((await told("settings")).join(), /^broken \| The setting zgCompute\.customNetwork cannot/);
    world.settings.set({ network: "testnet" });
    assert.deepEqual(await told("settings"), ["fine | All of them can be used."]);
  });

  it("tells of a check that throws, and of one that says nothing, and of all others", async () => {
    const clock = new TestClock();
    const apiKeys = { refresh: () => Promise.reject(new Error("a defect")), error: undefined };
    const heard: string[] = [];
    const checking = doctor({ clock, apiKeys, disk: () => new Promise(() => undefined) }).check((found) =>
      heard.push(...found.map(({ check }) => check)),
    );
    await until("all but one", () => heard.length === 9);
    await clock.advance(15_000);
    await settled();
    const findings = await checking;
    const of = (check: CheckId) => read(findings.filter((one) => one.check === check));
    assert.deepEqual(of("disk"), ["broken | Did not answer in 15 s. | zgCompute.openHelp"]);
    assert.match(of("records")[0]!, /^not checked \| Something went wrong.* \| zgCompute\.showLog$/);
    assert.equal(new Set(findings.map(({ check }) => check)).size, 10);
  });
});

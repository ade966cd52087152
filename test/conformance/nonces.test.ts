// Windows are processes: what they pay from one wallet at the same moment gets one nonce each.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createLocks } from "../../src/system/lock.js";
import { realClock } from "../../src/system/realClock.js";
import type { PayerWord } from "../support/payer.js";
import { startRelay, type RpcRelay } from "../support/rpcRelay.js";
import { until } from "../until.js";
import { printTable } from "./inferenceSupport.js";
import { failure, og, openDesk, type Desk } from "./ledgerSupport.js";

interface Payer {
  readonly child: ChildProcess;
  readonly words: PayerWord[];
  go(): void;
}

describe("a wallet in two windows", function () {
  this.timeout(60_000);
  let desk: Desk;
  let folder: string;
  const payers: Payer[] = [];
  let relay: RpcRelay | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "nonces-"));
    desk = await openDesk({ clock: realClock });
    await desk.ledger.addLedger(og("3"));
  });
  afterEach(async () => {
    for (const { child } of payers.splice(0)) child.kill("SIGKILL");
    await relay?.close();
    await desk.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function payer(locks: string, count: number, rpcUrl = desk.net.chain.rpcUrl): Promise<Payer> {
    const program = join(import.meta.dirname, "../support/payer.ts");
    const args = ["--import", "tsx", program, rpcUrl, locks, String(count)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const words: PayerWord[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => words.push(JSON.parse(line) as PayerWord));
    const made = { child, words, go: () => void child.stdin.write("go\n") };
    payers.push(made);
    await until("the payer to be ready", () => words.some(({ kind }) => kind === "ready"), 30_000);
    return made;
  }
  const ended = async ({ child }: Payer) => child.exitCode ?? (await once(child, "exit"));
  const count = ({ words }: Payer, kind: PayerWord["kind"]) =>
    words.filter((word) => word.kind === kind).length;
  const balance = async () => (await desk.ledger.getLedger())?.available;

  it("pays from both at once, each payment with a nonce of its own", async () => {
    // A slow node: between the question for the nonce and its use there is time enough for the other window.
    relay = await startRelay(desk.net.chain.rpcUrl, async ({ method }, forward) => {
      if (method === "eth_sendRawTransaction") await realClock.sleep(200);
      return forward();
    });
    const both = await Promise.all([payer(folder, 4, relay.url), payer(folder, 4, relay.url)]);
    for (const one of both) one.go();
    await Promise.all(both.map(ended));
    printTable([
      ["window", "sent", "mined", "failed"],
      ...both.map((one, at) => [
        String(at + 1),
        ...(["sent", "mined", "failed"] as const).map((kind) => String(count(one, kind))),
      ]),
    ]);
    for (const one of both) assert.deepEqual([count(one, "mined"), count(one, "failed")], [4, 0]);
    const hashes = both.flatMap(({ words }) => words.filter(({ kind }) => kind === "mined"));
    assert.equal(new Set(hashes.map(({ hash }) => hash)).size, 8);
    assert.equal(await desk.sent(), 1 + 8);
    assert.equal(await balance(), og("11"));
  });

  it("waits for the other window's payment, and no longer when that window is killed", async () => {
    desk.net.faults.set("chain", "no-mining");
    const [first, second] = [await payer(folder, 1), await payer(folder, 1)];
    first.go();
    await until("the first to be sent", () => count(first, "sent") === 1);
    second.go();
    await until(
      "the second to find the turn taken",
      async () => !(await createLocks(folder).lock(lockOf(desk))),
    );
    assert.equal(count(second, "sent"), 0);
    const isKnown = async () =>
      Number(await desk.net.chain.request("eth_getTransactionCount", [desk.user.address, "pending"])) === 2;
    await until("the node to have it", isKnown);
    first.child.kill("SIGKILL");
    await until("the second to be sent", () => count(second, "sent") === 1);
    desk.net.faults.clear();
    await ended(second);
    assert.deepEqual([count(second, "mined"), count(second, "failed")], [1, 0]);
    assert.equal(await desk.sent(), 3);
    assert.equal(await balance(), og("5"));
  });

  it("stops waiting for the other window when told to, and has sent nothing", async () => {
    const locks = createLocks(folder);
    const held = await locks.lock(lockOf(desk));
    assert.ok(held);
    const waiting = desk.another({ clock: realClock, locks });
    const stop = new AbortController();
    const paying = waiting.ledger.depositFund(og("1"), { signal: stop.signal });
    setImmediate(() => stop.abort());
    await failure(paying, "cancelled");
    await held.release();
    await waiting.ledger.depositFund(og("1"));
    assert.equal(await desk.sent(), 2);
  });

  it("signs nothing once another window has taken the turn over", async () => {
    const taken = { isHeld: () => Promise.resolve(false), release: () => Promise.resolve() };
    const mine = { ...taken, isHeld: () => Promise.resolve(true) };
    const turns = [taken, taken, mine];
    const other = desk.another({ clock: realClock, locks: { lock: async () => turns.shift() } });
    const hashes: string[] = [];
    await other.ledger.depositFund(og("1"), { onSent: (hash) => hashes.push(hash) });
    assert.deepEqual([turns.length, hashes.length, await desk.sent()], [0, 1, 2]);
  });
});

const lockOf = ({ user }: Desk) => `31337-${user.address.toLowerCase()}`;

// A real process, killed without warning again and again while transactions come in: nothing that was answered may be lost.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { Wallet } from "ethers";
import {
  type Json,
  developmentKey,
  genesis,
  post,
  repository,
  rpc,
  signTransfer,
} from "../unit/sandbox/chainSupport.js";

const kills = 12;
const senders = [5, 6, 7, 8];

interface Running {
  child: ChildProcess;
  url: string;
  /** Milliseconds from the start of the process to its first answer. */
  readyAfter: number;
}

describe("the chain as a process", function () {
  this.timeout(180_000);
  let dir: string;
  let running: Running | undefined;

  before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "chain-"));
    fs.writeFileSync(path.join(dir, "genesis.bin"), await genesis());
    await build({
      entryPoints: [path.join(repository, "test/conformance/chainProcess.ts")],
      outfile: path.join(dir, "chain.cjs"),
      ...{ bundle: true, platform: "node", format: "cjs", target: "node20", minify: true, logLevel: "error" },
    });
  });
  after(() => {
    running?.child.kill("SIGKILL");
    fs.rmSync(dir, { recursive: true });
  });

  async function start(stateDir = ""): Promise<Running> {
    const began = performance.now();
    const args = [path.join(dir, "chain.cjs"), path.join(dir, "genesis.bin"), stateDir];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await Promise.race([
      once(createInterface(child.stdout), "line"),
      once(child, "exit").then(([code]) => Promise.reject(new Error(`the chain ended with ${code}`))),
    ])) as [string];
    const url = (JSON.parse(line) as { rpcUrl: string }).rpcUrl;
    await rpc(url, "eth_chainId");
    running = { child, url, readyAfter: performance.now() - began };
    return running;
  }

  async function end({ child }: Running, signal: NodeJS.Signals): Promise<void> {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  it("starts on an empty state again and again, and says how fast it answers its first call", async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const one = await start();
      times.push(Math.round(one.readyAfter));
      await end(one, "SIGTERM");
    }
    console.log(`      ready after ${times.sort((a, b) => a - b).join(", ")} ms`);
    assert.equal(times.length, 5);
  });

  it(`loses nothing in ${kills} kills at random moments, and comes back with the same blocks`, async () => {
    const state = path.join(dir, "state");
    const answered = new Map<string, string>();
    const seen = new Map<string, string>();
    let inFlight = 0;
    for (let round = 0; round < kills; round++) {
      const one = await start(state);
      await compare(one.url, answered, seen);
      let alive = true;
      const wanted = answered.size + 1 + Math.floor(Math.random() * 30);
      let enough = () => {};
      const reached = new Promise<void>((resolve) => (enough = resolve));
      const note = (hash: string, block: string) => {
        answered.set(hash, block);
        if (answered.size >= wanted) enough();
      };
      const work = senders.map((index) => sendUntilDeath(one.url, index, note, seen, () => alive));
      await reached;
      // The moment within a transaction is what shall be random.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      await end(one, "SIGKILL");
      alive = false;
      inFlight += (await Promise.all(work)).filter((died) => died).length;
    }
    const last = await start(state);
    await compare(last.url, answered, seen);
    const head = (await rpc<Json>(last.url, "eth_getBlockByNumber", ["latest", false])).result;
    await end(last, "SIGTERM");
    const again = await start(state);
    const same = (await rpc<Json>(again.url, "eth_getBlockByNumber", ["latest", false])).result;
    await end(again, "SIGTERM");
    assert.deepEqual(same, head);
    console.log(`      ${answered.size} transactions answered, ${inFlight} calls cut off by ${kills} kills`);
    assert.ok(answered.size >= kills, "too few transactions to prove anything");
  });
});

/** Sends transfers until the process dies under it; true when a call was cut off. */
async function sendUntilDeath(
  url: string,
  index: number,
  note: (hash: string, block: string) => void,
  seen: Map<string, string>,
  alive: () => boolean,
): Promise<boolean> {
  try {
    const { address } = new Wallet(developmentKey(index));
    let nonce = Number((await rpc<string>(url, "eth_getTransactionCount", [address, "latest"])).result);
    while (alive()) {
      const sent = await rpc<string>(url, "eth_sendRawTransaction", [await signTransfer(index, nonce++)]);
      assert.equal(sent.error, undefined, sent.error?.message);
      note(sent.result!, "");
      const block = (await rpc<Json>(url, "eth_getTransactionReceipt", [sent.result])).result;
      note(sent.result!, block.blockHash);
      seen.set(block.blockNumber, block.blockHash);
    }
    return false;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return true;
  }
}

/** Every transaction that was answered is in its block still, and every block seen has its hash. */
async function compare(url: string, answered: Map<string, string>, seen: Map<string, string>): Promise<void> {
  const receipts = await many(
    url,
    "eth_getTransactionReceipt",
    [...answered.keys()].map((hash) => [hash]),
  );
  for (const [at, [hash, block]] of [...answered].entries()) {
    assert.ok(receipts[at], `transaction ${hash} is lost`);
    if (block) assert.equal(receipts[at].blockHash, block);
  }
  const blocks = await many(
    url,
    "eth_getBlockByNumber",
    [...seen.keys()].map((number) => [number, false]),
  );
  for (const [at, [number, hash]] of [...seen].entries())
    assert.equal(blocks[at]?.hash, hash, `block ${number}`);
}

/** The results of one method for many lists of params, in one batch. */
async function many(url: string, method: string, calls: unknown[][]): Promise<Json[]> {
  if (calls.length === 0) return [];
  const batch = calls.map((params, id) => ({ jsonrpc: "2.0", id, method, params }));
  const replies = JSON.parse((await post(url, JSON.stringify(batch))).text) as Json[];
  return replies.map(({ result }) => result);
}

// 0G Storage: the merkle root of a file, ours beside the official storage SDK's and beside the bare hash function on as many threads as
// there are cores; and a file up to the sandbox's two nodes and down again.
import { Indexer, ZgFile } from "@0gfoundation/0g-ts-sdk";
import { randomFillSync } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JsonRpcProvider, Wallet } from "ethers";
import type { Broker } from "../../src/broker/api.js";
import type { StorageBroker } from "../../src/broker/storage/api.js";
import { Hasher } from "../../src/broker/storage/hasher.js";
import { hashFile } from "../../src/broker/storage/hashFile.js";
import type { Hash } from "../../src/domain/ids.js";
import { networks } from "../../src/domain/networks.js";
import { realClock } from "../../src/system/realClock.js";
import { BareHash } from "./bareHash.js";
import { userNamed } from "./market.js";
import { cost, inTurn, stats, type Cost } from "./measure.js";
import { startSandbox, type Product } from "./product.js";
import { spread, type Topic } from "./table.js";

const silent = () => undefined;
const log = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };
const mebibyte = 1024 * 1024;

interface Line {
  readonly what: string;
  readonly costs: readonly Cost[];
}

/** Roots of a file of that size; the SDK takes minutes for a large one. */
export async function measureRoot(
  name: string,
  product: Product,
  megabytes: number,
  hasOfficial: boolean,
): Promise<Topic> {
  const folder = mkdtempSync(join(tmpdir(), "zg-bench-storage-"));
  const closing = new AbortController();
  const hashWorker = join(product.folder, "hash-worker.js");
  const hasher = new Hasher({ clock: realClock, log, closing: closing.signal, hashWorker });
  const alone = new Hasher({ clock: realClock, log, closing: closing.signal });
  const file = randomFile(folder, "root.bin", megabytes);
  const bare = await BareHash.start(file);
  const both = brokerOf(product, "", "").storage;
  try {
    const root = (await hashFile(hasher, file, {})).root;
    const same = (found: string | null | undefined) => {
      if (found !== root) throw new Error(`other roots: ${root} and ${found}`);
    };
    const measured = await inTurn(
      hasOfficial ? 5 : 2,
      {
        ours: () => cost(async () => same((await hashFile(hasher, file, {})).root)),
        limit: () => cost(() => bare.run()),
        both: () => cost(async () => same((await both.rootOf(file)).root)),
        alone: () => cost(async () => same((await hashFile(alone, file, {})).root)),
      },
      1,
    );
    const official = hasOfficial
      ? await inTurn(2, { official: () => cost(async () => same(await officialRoot(file))) }, 0)
      : { official: [] };
    return rootTopic(name, megabytes, [
      { what: "ours", costs: measured.ours },
      { what: "ours with the keccak of the whole", costs: measured.both },
      { what: "ours without threads", costs: measured.alone },
      { what: "official storage SDK 1.2.8", costs: official.official },
      { what: `limit: hash-wasm alone, ${bare.threads} threads, bytes in memory`, costs: measured.limit },
    ]);
  } finally {
    closing.abort();
    await bare.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new file each time, so that nothing is stored already. */
export async function measureTransfer(product: Product, megabytes: number): Promise<Topic> {
  const sandbox = await startSandbox(product);
  const folder = mkdtempSync(join(tmpdir(), "zg-bench-storage-"));
  const { ready } = sandbox;
  const users = { ours: userNamed("storing"), official: userNamed("storing officially") };
  for (const { address } of Object.values(users)) await fund(ready.control, address);
  const broker = brokerOf(product, ready.rpcUrl, ready.storage.indexer);
  const rpc = new JsonRpcProvider(ready.rpcUrl);
  const indexer = new Indexer(ready.storage.indexer);
  const signer = new Wallet(users.official.privateKey, rpc);
  let files = 0;
  const roots: Record<"ours" | "official", string[]> = { ours: [], official: [] };
  const upload = (side: "ours" | "official", send: (file: string) => Promise<string>) => async () => {
    const file = randomFile(folder, `up-${files++}.bin`, megabytes);
    const spent = await cost(async () => roots[side].push(await send(file)));
    rmSync(file);
    return spent;
  };
  const download =
    (side: "ours" | "official", fetch: (root: string, file: string) => Promise<void>) => async () => {
      const file = join(folder, `down-${files++}.bin`);
      const spent = await cost(() => fetch(roots[side].at(-1) ?? "", file));
      rmSync(file);
      return spent;
    };
  try {
    const measured = await inTurn(
      2,
      {
        oursUp: upload("ours", (file) => uploadOurs(broker.storage, file)),
        officialUp: upload("official", (file) => uploadOfficial(indexer, ready.rpcUrl, signer, file)),
        oursDown: download("ours", async (root, file) => {
          await broker.storage.downloadFile(root as Hash, file);
        }),
        officialDown: download("official", async (root, file) => {
          const problem = await indexer.download(root, file, true);
          if (problem) throw problem;
        }),
      },
      0,
    );
    return transferTopic(megabytes, [
      { what: "upload, ours", costs: measured.oursUp },
      { what: "upload, official storage SDK 1.2.8", costs: measured.officialUp },
      { what: "download, ours: each segment proved, the whole hashed", costs: measured.oursDown },
      { what: "download, official: nothing checked", costs: measured.officialDown },
    ]);
  } finally {
    broker.close();
    rpc.destroy();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function uploadOurs(storage: StorageBroker, file: string): Promise<string> {
  return (await storage.uploadFile(await storage.planUpload(file))).root;
}

async function uploadOfficial(
  indexer: Indexer,
  rpcUrl: string,
  signer: Wallet,
  path: string,
): Promise<string> {
  const file = await ZgFile.fromFilePath(path);
  const [sent, problem] = await indexer.upload(file, rpcUrl, signer, { finalityRequired: true });
  await file.close();
  if (problem) throw problem;
  if (!("rootHash" in sent)) throw new Error("the SDK cut the file into fragments");
  return sent.rootHash;
}

async function officialRoot(path: string): Promise<string | null | undefined> {
  const file = await ZgFile.fromFilePath(path);
  const [tree, problem] = await file.merkleTree();
  await file.close();
  if (problem) throw problem;
  return tree?.rootHash();
}

export function brokerOf(product: Product, rpcUrl: string, storageIndexer: string): Broker {
  const user = userNamed("storing");
  return product.broker.createBroker({
    network: { ...networks.sandbox, rpcUrls: rpcUrl ? [rpcUrl] : [], storageIndexer },
    signer: { address: user.address, key: async () => user.privateKey },
    ...{ clock: realClock, log, hashWorker: join(product.folder, "hash-worker.js") },
  });
}

export async function fund({ url, token }: { url: string; token: string }, address: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ address, amount: "100" });
  const { status } = await fetch(`${url}/fund`, { method: "POST", headers, body });
  if (status !== 200) throw new Error(`funding: ${status}`);
}

export function randomFile(folder: string, name: string, megabytes: number): string {
  const path = join(folder, name);
  const block = Buffer.alloc(4 * mebibyte);
  const file = openSync(path, "w");
  for (let at = 0; at < megabytes; at += 4) writeSync(file, randomFillSync(block));
  closeSync(file);
  return path;
}

function rootTopic(name: string, megabytes: number, lines: readonly Line[]): Topic {
  const [ours] = lines;
  return topic(name, `Merkle root of ${megabytes} MiB`, megabytes, lines, ours ? medianOf(ours) : NaN);
}

function transferTopic(megabytes: number, lines: readonly Line[]): Topic {
  const title = `${megabytes} MiB through the sandbox's two storage nodes, which run in one other process`;
  return topic("storageTransfer", title, megabytes, lines, undefined);
}

/** `base`: what each line is compared with; the one before it when absent. */
function topic(
  name: string,
  title: string,
  megabytes: number,
  all: readonly Line[],
  base: number | undefined,
): Topic {
  const lines = all.filter(({ costs }) => costs.length > 0);
  const rows = lines.map((line, index) => {
    const other = base ?? (index % 2 === 1 ? medianOf(lines[index - 1] ?? line) : medianOf(line));
    return [
      line.what,
      spread(stats(line.costs.map(({ ms }) => ms))),
      `${((megabytes * 1000) / medianOf(line)).toFixed(0)} MiB/s`,
      `${stats(line.costs.map(({ cpuMs }) => cpuMs)).median.toFixed(0)} ms`,
      `${(medianOf(line) / other).toFixed(2)}x`,
    ];
  });
  const head = ["median (min..max)", "time", "speed", "CPU of the client", "time/ours"];
  const data = lines.map(({ what, costs }) => ({ what, ms: stats(costs.map(({ ms }) => ms)) }));
  return { name, tables: [{ title, head, rows }], data };
}

function medianOf({ costs }: Line): number {
  return stats(costs.map(({ ms }) => ms)).median;
}

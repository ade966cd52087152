// A file of 2 GiB through everything the client does with large files, and how much its memory grows meanwhile. The sandbox's nodes run in a
// process of their own.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decryptFile } from "../../src/broker/fineTuning/decryptModel.js";
import { ModelFileEncryption } from "../../src/broker/wire/fineTuning/modelCipher.js";
import { headerSize, type ModelFileSeal } from "../../src/broker/wire/fineTuning/modelFile.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { cost, type Cost } from "./measure.js";
import { startSandbox, type Product } from "./product.js";
import { brokerOf, fund, randomFile } from "./storage.js";
import { userNamed } from "./market.js";
import type { Topic } from "./table.js";

const mebibytes = 2048;
const mega = 2 ** 20;
/** Megabytes, as the target is meant. */
const targetMb = 200;
const sampleMs = 10;

interface Step extends Cost {
  readonly what: string;
  /** Bytes that are resident: when the step began, and at most until it ended. */
  readonly before: number;
  readonly most: number;
}

export async function measureBigFile(product: Product): Promise<Topic> {
  const folder = mkdtempSync(join(tmpdir(), "zg-bench-big-"));
  const sandbox = await startSandbox(product);
  const broker = brokerOf(product, sandbox.ready.rpcUrl, sandbox.ready.storage.indexer);
  const { storage } = broker;
  const [file, back] = [join(folder, "big.bin"), join(folder, "back.bin")];
  const [encrypted, decrypted] = [join(folder, "big.data"), join(folder, "big.zip")];
  const steps: Step[] = [];
  try {
    await fund(sandbox.ready.control, userNamed("storing").address);
    randomFile(folder, "big.bin", mebibytes);
    const start = process.memoryUsage.rss();
    steps.push(await watched("root and keccak", () => storage.rootOf(file)));
    const plan = await kept(() => storage.planUpload(file));
    steps.push(plan.step("root, price and state, before an upload"));
    steps.push(await watched("upload to two nodes", () => storage.uploadFile(plan.value)));
    const { root } = plan.value.fileRoot;
    steps.push(
      await watched("download, each segment proved, the whole hashed", () =>
        storage.downloadFile(root, back),
      ),
    );
    await rm(back);
    const key = randomBytes(32);
    const seal = await kept(() => encryptFile(key, file, encrypted));
    steps.push(seal.step("encrypt"));
    const decrypting = { provider: "0x" as ProviderId, seal: seal.value };
    steps.push(await watched("decrypt", () => decryptFile(key, encrypted, decrypted, decrypting)));
    return topicOf(steps, start);
  } finally {
    broker.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watched(what: string, work: () => Promise<unknown>): Promise<Step> {
  return (await kept(work)).step(what);
}

/** Memory is looked at every few milliseconds: what lives shorter is not resident long enough to matter. */
async function kept<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly step: (what: string) => Step }> {
  const before = process.memoryUsage.rss();
  let most = before;
  const look = () => (most = Math.max(most, process.memoryUsage.rss()));
  const timer = setInterval(look, sampleMs);
  let value: T | undefined;
  try {
    const spent = await cost(async () => (value = await work()));
    look();
    return { value: value as T, step: (what) => ({ what, before, most, ...spent }) };
  } finally {
    clearInterval(timer);
  }
}

/** As a provider's enclave makes it. Nobody signs: that is not what is measured. */
async function encryptFile(key: Uint8Array, file: string, output: string): Promise<ModelFileSeal> {
  const firstNonce = randomBytes(12);
  const encryption = new ModelFileEncryption(key, firstNonce);
  const piece = Buffer.allocUnsafe(mega);
  const [source, target] = await Promise.all([open(file), open(output, "wx")]);
  try {
    let position = headerSize;
    const write = async (parts: readonly Uint8Array[]) => {
      for (const part of parts) position += (await target.write(part, 0, part.length, position)).bytesWritten;
    };
    for (;;) {
      const { bytesRead } = await source.read(piece, 0, piece.length);
      if (bytesRead === 0) break;
      await write(encryption.push(piece.subarray(0, bytesRead)));
    }
    const end = encryption.end();
    await write(end.rest);
    const signature = `0x${"11".repeat(65)}`;
    await target.write(end.header(signature), 0, headerSize, 0);
    return { signature, firstNonce, tags: end.tags, size: position };
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
}

function topicOf(steps: readonly Step[], start: number): Topic {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const rows = steps.map(({ what, ms, cpuMs, before, most }) => [
    what,
    `${(ms / 1000).toFixed(1)} s`,
    `${((mebibytes * 1000) / ms).toFixed(0)} MiB/s`,
    `${(cpuMs / 1000).toFixed(1)} s`,
    mb(before),
    mb(most),
    mb(most - before),
    mb(most - start),
  ]);
  const worst = Math.max(
    ...steps.map(({ most, before }) => most - before),
    ...steps.map(({ most }) => most - start),
  );
  return {
    name: "bigFile",
    tables: [
      {
        title: `A file of ${mebibytes} MiB through the client; the storage nodes run in another process`,
        head: ["step", "time", "speed", "CPU", "resident before", "at most", "growth", "above the start"],
        rows,
        notes: [`Target: below ${targetMb} MB in every step. The most was ${mb(worst)}.`],
      },
    ],
    data: { bytes: mebibytes * mega, start, steps, targetMb, worst },
  };
}

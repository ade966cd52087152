// The limit of any hashing in WebAssembly: hash-wasm over all leaves and as many inner nodes, on as many threads as there are cores,
// with the bytes in memory and the results thrown away.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const script = `
const { parentPort, workerData } = require("node:worker_threads");
const { createKeccak } = require(workerData.library);
createKeccak(256).then((hasher) => {
  const bytes = new Uint8Array(workerData.bytes, workerData.start, workerData.length);
  parentPort.on("message", () => {
    for (let at = 0; at < bytes.length; at += 256) hasher.init().update(bytes.subarray(at, at + 256)).digest("binary");
    for (let at = 0; at < bytes.length; at += 256) hasher.init().update(bytes.subarray(at, at + 64)).digest("binary");
    parentPort.postMessage("done");
  });
  parentPort.postMessage("ready");
});
`;

export class BareHash {
  private constructor(private readonly workers: readonly Worker[]) {}

  static async start(file: string): Promise<BareHash> {
    const content = readFileSync(file);
    const bytes = new SharedArrayBuffer(content.length);
    new Uint8Array(bytes).set(content);
    const library = createRequire(import.meta.url).resolve("hash-wasm");
    const count = availableParallelism();
    const share = Math.floor(content.length / count / 256) * 256;
    const workers = Array.from({ length: count }, (_, index) => {
      const start = index * share;
      const length = index === count - 1 ? content.length - start : share;
      return new Worker(script, { eval: true, workerData: { library, bytes, start, length } });
    });
    await Promise.all(workers.map((worker) => once(worker, "message")));
    return new BareHash(workers);
  }

  get threads(): number {
    return this.workers.length;
  }

  async run(): Promise<void> {
    const done = this.workers.map((worker) => once(worker, "message"));
    for (const worker of this.workers) worker.postMessage("go");
    await Promise.all(done);
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

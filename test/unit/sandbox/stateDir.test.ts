import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import type { Race } from "./stateDirRacer.js";

const rounds = 200;
const racers = 2;
const oneAndTheOther =
  "has it | Another sandbox is using the state folder F; stop it or name another folder.";

describe("The sandbox's state folder", function () {
  this.timeout(60_000);
  let path: string;
  beforeEach(() => (path = mkdtempSync(join(tmpdir(), "zg-state-"))));
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  it("has one holder when two processes open it at the same moment, and the other one is told so", async () => {
    const folders = Array.from({ length: rounds }, (_, round) => join(path, String(round)));
    assert.deepEqual(await race(path, folders), new Map([[oneAndTheOther, rounds]]));
  });

  it("has one holder when two processes find the lock of one that crashed", async () => {
    const folders = Array.from({ length: rounds }, (_, round) => {
      const folder = join(path, String(round));
      mkdirSync(folder);
      writeFileSync(join(folder, "sandbox.json"), "{}");
      writeFileSync(join(folder, "lock"), JSON.stringify({ pid: 2 ** 30, port: 1 }));
      return folder;
    });
    assert.deepEqual(await race(path, folders), new Map([[oneAndTheOther, rounds]]));
  });
});

/** How often each pair of outcomes was seen. */
async function race(path: string, folders: string[]): Promise<Map<string, number>> {
  const gates = new Int32Array(new SharedArrayBuffer(folders.length * Int32Array.BYTES_PER_ELEMENT));
  const workerData: Race = { folders, racers, gates };
  const script = join(path, "racer.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "stateDirRacer.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const workers = Array.from({ length: racers }, () => new Worker(script, { workerData, execArgv: [] }));
  try {
    const all = await Promise.all(
      workers.map(async (worker) => ((await once(worker, "message")) as [string[]])[0]),
    );
    const seen = new Map<string, number>();
    for (const round of folders.keys()) {
      const outcomes = all.map((outcomes) => outcomes[round] ?? "nothing");
      const both = outcomes.sort().reverse().join(" | ");
      seen.set(both, (seen.get(both) ?? 0) + 1);
    }
    return seen;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

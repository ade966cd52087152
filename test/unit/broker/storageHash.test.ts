// Hashing files: the golden vectors' files on disk, with threads and without, and what must not come of one that is stopped or changes.
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keccak256 } from "ethers";
import { Hasher } from "../../../src/broker/storage/hasher.js";
import { hashFile, hashFileBothWays } from "../../../src/broker/storage/hashFile.js";
import { generatedBytes, type Generator } from "../../../src/cli/conformance/storageBytes.js";
import { realClock } from "../../../src/system/realClock.js";
import { failure, keepingLog } from "../../conformance/ledgerSupport.js";
import { hashWorker } from "../../support/hashWorker.js";

interface FileEntry {
  id: string;
  generator: Generator;
  size: number;
  root: string;
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/vectors/storage.json"), "utf8"),
) as { files: FileEntry[] };

describe("hashing a file for storage", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "zg-hash-"));
  const ended = new AbortController();
  const log = keepingLog();
  const hasherWith = (script: string | undefined) =>
    new Hasher({ clock: realClock, log, closing: ended.signal, hashWorker: script });
  const large = join(folder, "large");

  before(() => writeFileSync(large, generatedBytes({ name: "xorshift32", seed: 7 }, 24 * 262_144 + 77)));
  after(() => {
    ended.abort();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const hasThreads of [true, false])
    it(`gives the golden roots and keccak ${hasThreads ? "with" : "without"} threads`, async () => {
      const hasher = hasherWith(hasThreads ? hashWorker() : undefined);
      for (const id of ["lin-1", "lin-257", "lin-262144", "lin-262145", "lin-2097153", "xs-4456449"]) {
        const { generator, size, root } = vectors.files.find((file) => file.id === id)!;
        const bytes = generatedBytes(generator, size);
        const path = join(folder, id);
        writeFileSync(path, bytes);
        const merkle = await hashFile(hasher, path, {});
        assert.deepEqual([merkle.root, merkle.size], [root, size]);
        const both = await hashFileBothWays(hasher, path, {});
        assert.deepEqual([both.root, both.keccak], [root, keccak256(bytes)]);
        assert.deepEqual(both.segmentRoots, merkle.segmentRoots);
      }
    });

  it("tells how far it is, to the end", async () => {
    const seen: number[] = [];
    const { size } = await hashFile(hasherWith(hashWorker()), large, {
      onProgress: ({ stage, done }) => stage === "hash" && seen.push(done),
    });
    assert.ok(seen.length >= 3 && seen.every((done, at) => at === 0 || done > seen[at - 1]!), String(seen));
    assert.equal(seen.at(-1), size);
  });

  for (const hasThreads of [true, false])
    it(`stops ${hasThreads ? "with" : "without"} threads, and works again afterwards`, async () => {
      const hasher = hasherWith(hasThreads ? hashWorker() : undefined);
      const stop = new AbortController();
      const stopped = hashFileBothWays(hasher, large, {
        signal: stop.signal,
        onProgress: () => stop.abort(),
      });
      await failure(stopped, "cancelled");
      assert.match((await hashFile(hasher, large, {})).root, /^0x[0-9a-f]{64}$/);
    });

  it("goes on without threads when their script is not there, and says so once", async () => {
    const before = log.lines.length;
    const hasher = hasherWith(join(folder, "no-script.js"));
    const expected = await hashFile(hasherWith(undefined), large, {});
    assert.equal((await hashFile(hasher, large, {})).root, expected.root);
    assert.equal((await hashFileBothWays(hasher, large, {})).root, expected.root);
    const fresh = hasherWith(join(folder, "no-script.js"));
    assert.equal((await hashFileBothWays(fresh, large, {})).root, expected.root);
    const warnings = log.lines.slice(before).filter((line) => line.includes("threads are of no use"));
    assert.equal(warnings.length, 2);
  });

  it("lets others have their turn while it hashes on this thread", async () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await hashFile(hasherWith(undefined), large, {});
    isOver = true;
    assert.ok(turns >= 8, `${turns} turns for 25 segments, of which three may share one`);
  });

  it("refuses a file that grows while it is read", async () => {
    const path = join(folder, "growing");
    writeFileSync(path, readFileSync(large));
    const grows = hashFile(hasherWith(undefined), path, { onProgress: () => appendFileSync(path, "x") });
    assert.match((await failure(grows, "badFile")).detail, /changed/);
  });
});

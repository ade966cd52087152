// Hashing on the main thread, as when there is no script for threads.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keccak256 } from "ethers";
import { hashFileBothWays } from "../../../src/broker/storage/hashFile.js";
import { Hasher } from "../../../src/broker/storage/hasher.js";
import { fastClock, keepingLog } from "../../conformance/ledgerSupport.js";

describe("hashing without threads", () => {
  for (const size of [1, 262_145, 2_097_152, 2_097_153, 9_000_093])
    it(`gives the keccak of all ${size} bytes, in their order`, async () => {
      const closing = new AbortController();
      const folder = mkdtempSync(join(tmpdir(), "hash-"));
      try {
        const bytes = randomBytes(size);
        writeFileSync(join(folder, "file"), bytes);
        const hasher = new Hasher({ clock: fastClock(), log: keepingLog(), closing: closing.signal });
        const { keccak } = await hashFileBothWays(hasher, join(folder, "file"), {});
        assert.equal(keccak, keccak256(bytes));
      } finally {
        closing.abort();
        rmSync(folder, { recursive: true });
      }
    });
});

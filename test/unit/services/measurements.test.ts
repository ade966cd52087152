import assert from "node:assert/strict";
import type { Exchange } from "../../../src/broker/inference/exchange.js";
import { ComputeError } from "../../../src/domain/error.js";
import type { ProviderId } from "../../../src/domain/ids.js";
import { answererKey } from "../../../src/services/providers/measurementFile.js";
import { Measurements, sampleOf } from "../../../src/services/providers/measurements.js";
import { createSharedFolder } from "../../../src/system/sharedFolder.js";
import { address, aService, noon } from "../../support/builders.js";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryFolder, memoryLog, TestClock } from "../../support/ports.js";
import { until } from "../../until.js";

const sandbox = { networkKey: "sandbox" };
const nothing = new Uint8Array();

function anExchange(part: Partial<Exchange> = {}): Exchange {
  return {
    service: aService(),
    model: "phi-4",
    isStreamed: true,
    ended: "complete",
    requestBody: nothing,
    responseBody: nothing,
    text: "word ".repeat(100),
    reasoning: "",
    usage: { promptTokens: 10, completionTokens: 100 },
    sentAt: noon,
    firstTokenAt: noon + 400,
    finishedAt: noon + 2_400,
    ...part,
  };
}

describe("What an answer tells of its provider", () => {
  it("is the time to the first token, and the tokens of a second from there on", () => {
    assert.deepEqual(sampleOf(anExchange()), { at: noon + 2_400, firstTokenMs: 400, tokensPerSecond: 50 });
  });

  it("is no speed where that would be a guess: a word alone, or all in one piece", () => {
    const short = anExchange({ usage: { promptTokens: 10, completionTokens: 2 } });
    assert.equal(sampleOf(short)?.tokensPerSecond, undefined);
    assert.equal(sampleOf(anExchange({ firstTokenAt: noon + 2_399 }))?.tokensPerSecond, undefined);
    assert.deepEqual(sampleOf(anExchange({ isStreamed: false })), { at: noon + 2_400 });
  });

  it("is not what the provider says alone: there are no more tokens than bytes", () => {
    const boasting = anExchange({ text: "x".repeat(40), usage: { promptTokens: 1, completionTokens: 1e9 } });
    assert.equal(sampleOf(boasting)?.tokensPerSecond, 20);
  });

  it("is a failure when the answer was cut, and no failure when the user stopped it", () => {
    assert.deepEqual(sampleOf(anExchange({ ended: "cut" })), { at: noon + 2_400, isFailed: true });
    assert.deepEqual(sampleOf(anExchange({ ended: "stopped" })), { at: noon + 2_400, firstTokenMs: 400 });
    assert.equal(sampleOf(anExchange({ ended: "stopped", firstTokenAt: undefined })), undefined);
  });
});

describe("Measurements", () => {
  const opened: Measurements[] = [];
  const open = (folder = new MemoryFolder(), clock = new TestClock(noon + 3_000)) => {
    const log = memoryLog();
    const kept = new Measurements({ folder, clock, log });
    opened.push(kept);
    return { folder, clock, log, kept };
  };
  afterEach(() => opened.splice(0).forEach((one) => one.dispose()));
  const phi = answererKey({ provider: address("a"), model: "phi-4" });
  const down = new ComputeError("providerUnavailable", { provider: address("a"), detail: "gone" });

  it("are the middle of the last twenty, with their number and the time of the last", async () => {
    const { kept } = open();
    for (let count = 1; count <= 30; count++)
      kept.answered(sandbox, anExchange({ firstTokenAt: noon + count, finishedAt: noon + 2_000 + count }));
    const { requests, failures, firstTokenMs } = (await kept.of("sandbox")).get(phi)!;
    assert.deepEqual([requests, failures], [20, 0]);
    assert.deepEqual(firstTokenMs, { median: 20.5, samples: 20, latestAt: noon + 2_030 });
  });

  it("count what the provider failed, and nothing that the user, a limit or the chain stopped", async () => {
    const { kept } = open();
    kept.answered(sandbox, anExchange());
    kept.failed(sandbox, address("a"), "phi-4", down);
    for (const code of ["cancelled", "noWallet"] as const)
      kept.failed(sandbox, address("a"), "phi-4", new ComputeError(code, {}));
    const { requests, failures } = (await kept.of("sandbox")).get(phi)!;
    assert.deepEqual([requests, failures], [2, 1]);
  });

  it("are of one network, one provider and one model, and of the last thirty days", async () => {
    const { kept, clock } = open();
    kept.answered(sandbox, anExchange());
    assert.equal((await kept.of("mainnet")).size, 0);
    assert.equal((await kept.of("sandbox")).size, 1);
    await clock.advance(31 * 24 * 3_600_000);
    assert.equal((await kept.of("sandbox")).size, 0);
  });

  it("survive a restart, and other windows add theirs", async () => {
    const path = mkdtempSync(join(tmpdir(), "zg-measurements-"));
    try {
      const windows = [createSharedFolder(path), createSharedFolder(path)].map((folder) => {
        const kept = new Measurements({ folder, clock: new TestClock(noon + 3_000), log: memoryLog() });
        opened.push(kept);
        return kept;
      });
      for (let count = 0; count < 5; count++)
        for (const kept of windows) kept.answered(sandbox, anExchange());
      await Promise.all(windows.map((kept) => kept.flush()));
      const reopened = new Measurements({
        folder: createSharedFolder(path),
        clock: new TestClock(noon + 9_000),
        log: memoryLog(),
      });
      assert.equal((await reopened.of("sandbox")).get(phi)?.requests, 10);
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  });

  it("stay small whatever is measured, and keep who was measured last", async () => {
    const { kept, folder } = open();
    for (let count = 0; count < 300; count++) {
      const provider = `0x${count.toString(16).padStart(40, "0")}` as ProviderId;
      for (let times = 0; times < 2; times++) kept.failed(sandbox, provider, "m".repeat(200), down);
      kept.failed(sandbox, provider, "m".repeat(100_000), down);
    }
    await kept.flush();
    const measured = await kept.of("sandbox");
    assert.equal(measured.size, 200);
    assert.ok(
      measured.has(
        answererKey({
          provider: `0x${(299).toString(16).padStart(40, "0")}` as ProviderId,
          model: "m".repeat(200),
        }),
      ),
    );
    assert.ok(folder.files.get("measurements.json")!.length < 100_000);
  });

  it("begin anew when their file is damaged, and go on in memory when the disk is full", async () => {
    const { kept, folder, log } = open();
    folder.files.set("measurements.json", new TextEncoder().encode('{"answerers":[{"samples":7}'));
    assert.equal((await kept.of("sandbox")).size, 0);
    folder.isFull = true;
    kept.answered(sandbox, anExchange());
    await kept.flush();
    await until("it is told", () => log.lines.some((line) => /could not be kept: diskFull/.test(line)));
    folder.isFull = false;
    kept.answered(sandbox, anExchange());
    await kept.flush();
    assert.equal((await kept.of("sandbox")).get(phi)?.requests, 1);
  });
});

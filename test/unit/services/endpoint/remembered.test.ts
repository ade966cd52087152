import assert from "node:assert/strict";
import {
  KnownAnswers,
  verification,
  worstOf,
  type KnownAnswer,
} from "../../../../src/services/endpoint/answers.js";
import { SetAside } from "../../../../src/services/endpoint/setAside.js";
import type { EndpointKey } from "../../../../src/services/endpoint/keyFile.js";
import { EndpointUsage, noUsage } from "../../../../src/services/endpoint/usage.js";
import { Journal } from "../../../../src/services/transactions/journal.js";
import { LimitsService } from "../../../../src/services/money/limits.js";
import type { Sha256Hex } from "../../../../src/domain/ids.js";
import type { VerdictLevel } from "../../../../src/domain/verdict.js";
import { address, noon, og } from "../../../support/builders.js";
import { MemoryFolder, MemoryState, random, testSettings } from "../../../support/ports.js";
import { until } from "../../../until.js";
import { sleepingClock } from "../../../support/sleepingClock.js";

const scope = { network: "testnet", networkKey: "testnet", wallet: address("c") } as const;
const key: EndpointKey = {
  ...{ id: "k", label: "Continue", digest: "1".repeat(64) as Sha256Hex, scope },
  ...{ budget: og("1"), createdAt: noon },
};
const provider = address("a");

describe("Money for a program's next question", () => {
  it("is a fiftieth of what is left at most, so that a window that is killed takes little along", async () => {
    const folder = new MemoryFolder();
    const state = new MemoryState();
    const clock = sleepingClock({ now: () => noon, sleep: () => new Promise<void>(() => undefined) });
    const window = async () => {
      const journal = new Journal({ folder, state, random, clock });
      await journal.refresh(scope);
      return new LimitsService({ journal, settings: testSettings(), state, clock });
    };
    for (const [worstCase, spares] of [
      ["0.1", false],
      ["0.01", true],
    ] as const) {
      const limits = await window();
      const before = limits.spentWithKey(scope, key.id);
      const aside = new SetAside({ limits, clock });
      const reservation = await aside.take(key, provider, og(worstCase));
      aside.prepare(key, provider, og(worstCase));
      await reservation.done(og("0"));
      // Killed: nothing is dropped.
      const after = (await window()).spentWithKey(scope, key.id);
      assert.equal(after - before, spares ? og("0.0125") : 0n);
      assert.ok(after <= og("0.02"));
    }
  });
});

describe("Money that nobody asked for", () => {
  it("is freed another time where the disk does not let it", async () => {
    const folder = new MemoryFolder();
    const state = new MemoryState();
    const waiting: (() => void)[] = [];
    const clock = {
      now: () => noon,
      sleep: () => new Promise<void>(() => undefined),
      after: (_: number, call: () => void) => {
        waiting.push(call);
        return () => void waiting.splice(waiting.indexOf(call), 1);
      },
    };
    const journal = new Journal({ folder, state, random, clock });
    await journal.refresh(scope);
    const aside = new SetAside({
      limits: new LimitsService({ journal, settings: testSettings(), state, clock }),
      clock,
    });
    const spent = () => journal.spentWithKey(scope, key.id);
    aside.prepare(key, provider, og("0.01"));
    await until("it is set aside", async () => waiting.length === 1);
    const write = folder.write.bind(folder);
    folder.write = () => Promise.reject(new Error("full"));
    waiting[0]!();
    await until("it is kept for another time", async () => waiting.length === 2 || aside.of(key.id) > 0n);
    folder.write = write;
    assert.equal(spent(), og("0.0125"));
    waiting.at(-1)!();
    await until("it is free", async () => spent() === 0n);
    assert.equal(aside.of(key.id), 0n);
  });
});

describe("Answers that `/v1/verify` tells of", () => {
  const answer = (level: VerdictLevel | undefined, ids = ["a"], key = "k") =>
    ({
      key,
      ids,
      exchange: { requestBody: new Uint8Array(1), responseBody: "1".repeat(64), service: {} },
      ...(level ? { verdict: { level, checks: [], checkedAt: noon } } : {}),
      checking: Promise.resolve(),
    }) as unknown as KnownAnswer;

  it("speak with the worst voice when a provider gives an id twice", () => {
    const known = new KnownAnswers();
    for (const level of ["mismatch", "verified"] as const) known.add(answer(level));
    known.add(answer("forged", ["b"]));
    known.add(answer("forged", ["a"], "another key"));
    const found = known.find("k", "A");
    assert.equal(found.length, 2);
    const told = verification(worstOf(found)!, found.length) as { verdict: string; answers: number };
    assert.deepEqual([told.verdict, told.answers], ["failed", 2]);
    const word = (...levels: (VerdictLevel | undefined)[]) =>
      worstOf(levels.map((level) => answer(level)))?.verdict?.level;
    assert.equal(word("verified", "unsigned", "verified"), "unsigned");
    assert.equal(word("verified", undefined), undefined, "one that is still checked may be worse");
    assert.equal(worstOf([]), undefined);
  });
});

describe("The counters of the endpoint's keys", () => {
  it("add up over windows, by model, and go on from a file of before", async () => {
    const folder = new MemoryFolder();
    const old = { k: { requests: 3, refused: 1, promptTokens: 5, completionTokens: 7, lastAt: noon } };
    await folder.write("usage.json", new TextEncoder().encode(JSON.stringify(old)));
    const [one, other] = [new EndpointUsage(folder), new EndpointUsage(folder)];
    await Promise.all([
      one.add("k", { model: "phi-4", requests: 1, promptTokens: 2, cost: "10", lastAt: noon + 1 }),
      other.add("k", { model: "flux", requests: 1, cost: "20" }),
      one.add("k", { model: "phi-4", notProven: 1 }),
      other.add("k", { refused: 1 }),
    ]);
    await one.add("k", { model: "phi-4", notProven: -1, verified: 1 });
    for (const times of [1, 2])
      await one.add(`odd${times}`, { model: "constructor", requests: 1, cost: "1" });
    assert.equal((await other.of("odd2")).models["constructor"]?.requests, 1, "anybody names a model");
    const usage = await other.of("k");
    assert.deepEqual(
      [usage.requests, usage.refused, usage.promptTokens, usage.cost, usage.verified, usage.notProven],
      [5, 2, 7, "30", 1, 0],
    );
    assert.equal(usage.lastAt, noon + 1);
    assert.deepEqual(
      Object.entries(usage.models).map(([name, { requests, cost, verified }]) => [
        name,
        requests,
        cost,
        verified,
      ]),
      [
        ["phi-4", 1, "10", 1],
        ["flux", 1, "20", 0],
      ],
    );
    await folder.write(
      "usage.json",
      new TextEncoder().encode('{"k":{"cost":"-1"},"l":null,"m":{"models":[]}}'),
    );
    for (const key of ["k", "l", "m"]) assert.deepEqual(await one.of(key), noUsage);
  });
});

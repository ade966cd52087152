// The broker against providers that misbehave: no misbehaviour may end as `verified`, and every one has its verdict or its error.
import assert from "node:assert/strict";
import type { ChatEvent, Exchange } from "../../src/broker/inference/exchange.js";
import type { ComputeError, ErrorCode } from "../../src/domain/error.js";
import type { ProviderId } from "../../src/domain/ids.js";
import type { VerdictLevel, VerdictReason } from "../../src/domain/verdict.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";
import { type Client, failsWith, idOf, openClient, printTable } from "./inferenceSupport.js";
import { fastClock } from "./ledgerSupport.js";

const classes = ["combined", "separated", "centralized"] as const;

interface Misbehaviour {
  readonly fault: string;
  readonly value?: string | number;
  /** The clock's speed; pauses and deadlines of the client are that much shorter. */
  readonly speed?: number;
  readonly level?: VerdictLevel;
  readonly reason?: VerdictReason;
  readonly error?: ErrorCode;
  readonly ended?: Exchange["ended"];
}

const misbehaviours: readonly Misbehaviour[] = [
  { fault: "tamper-text", speed: 4, level: "forged", reason: "wrongSigner" },
  { fault: "wrong-key", speed: 4, level: "forged", reason: "wrongSigner" },
  { fault: "other-bytes", level: "mismatch", reason: "wrongResponse" },
  { fault: "no-signature", speed: 4, level: "unsigned", reason: "notFound" },
  { fault: "error-200", speed: 4, level: "unsigned", reason: "notFound" },
  { fault: "rewrite-request", level: "response-bound", reason: "requestRewritten" },
  { fault: "rotate-signer", level: "signer-only", reason: "signerRotated" },
  { fault: "switch-signer-mid-stream", level: "signer-only", reason: "signerRotated" },
  { fault: "html", value: "200 /v1/proxy/signature", speed: 4, level: "unsigned", reason: "unreadable" },
  { fault: "status", value: "500 /v1/proxy/signature", speed: 4, level: "unsigned", reason: "unreadable" },
  { fault: "refuse", value: "/v1/proxy/signature", speed: 4, level: "unsigned", reason: "unreachable" },
  { fault: "hang", value: "/v1/proxy/signature", speed: 20, level: "unsigned", reason: "unreachable" },
  { fault: "cut-stream", value: 300, level: "signer-only", reason: "cut", ended: "cut" },
  { fault: "status", value: "500", error: "providerUnavailable" },
  { fault: "status", value: "418", error: "refusedByProvider" },
  { fault: "html", error: "providerUnavailable" },
  { fault: "refuse", error: "providerUnavailable" },
  { fault: "hang", speed: 100, error: "providerUnavailable" },
  { fault: "wrong-quote", level: "verified" },
  { fault: "slow-stream", value: 1, level: "verified" },
  { fault: "late-signature", value: 700, level: "verified" },
];

describe("inference with misbehaving providers", function () {
  this.timeout(120_000);
  let sandbox: TestSandbox;
  const clock = fastClock(1);
  let client: Client;
  let isRotated = false;
  const rows: string[][] = [["class", "fault", "form", "ended", "outcome", "official"]];

  before(async () => {
    sandbox = await startSandboxInProcess();
    client = await openClient(sandbox, { clock });
  });
  beforeEach(async () => {
    await sandbox.control.clear();
    clock.speedUp(1);
    // After a rotation the providers go back to their own key with the next request.
    if (isRotated)
      for (const { address, serviceType } of sandbox.ready.providers) {
        if (serviceType !== "chatbot") continue;
        await client.ask({ provider: address as ProviderId, isStreamed: false });
        await client.broker.inference.getService(address as ProviderId, { maxAgeMs: 0 });
      }
    isRotated = false;
  });
  after(async () => {
    printTable(rows);
    client?.broker.close();
    await sandbox?.stop();
  });

  for (const providerClass of classes)
    for (const entry of misbehaviours)
      for (const isStreamed of [true, false])
        it(`${providerClass}, ${isStreamed ? "streamed" : "plain"}: ${entry.fault} ${entry.value ?? ""}`, async () => {
          const provider = idOf(sandbox, providerClass);
          const row = [
            providerClass,
            `${entry.fault} ${entry.value ?? ""}`,
            isStreamed ? "streamed" : "plain",
          ];
          await sandbox.control.fault(provider, entry.fault, entry.value);
          isRotated = /signer/.test(entry.fault);
          clock.speedUp(entry.speed ?? 1);
          if (entry.error) {
            await assert.rejects(client.ask({ provider, isStreamed }), failsWith(entry.error, { provider }));
            rows.push([...row, "-", entry.error, "-"]);
            return;
          }
          const exchange = await client.ask({ provider, isStreamed });
          assert.equal(exchange.ended, entry.ended ?? "complete");
          const verdict = await client.broker.inference.verifyResponse(exchange);
          const official = await client.broker.inference
            .processResponse(provider, exchange.chatId)
            .then(String, (error: unknown) => (error as ComputeError).code);
          rows.push([...row, exchange.ended, `${verdict.level} ${verdict.reason ?? ""}`, official]);
          const isPlainCut = entry.fault === "cut-stream" && !isStreamed && providerClass === "separated";
          // A plain answer cut in the middle cannot be read, so the id inside it is not known.
          if (isPlainCut) assert.deepEqual([verdict.level, verdict.reason], ["unsigned", "cut"]);
          else assert.deepEqual([verdict.level, verdict.reason], [entry.level, entry.reason]);
        });

  for (const providerClass of classes) {
    it(`calls an answer of before a change of keys rotated, not forged (${providerClass})`, async () => {
      const provider = idOf(sandbox, providerClass);
      const before = await client.ask({ provider });
      await sandbox.control.fault(provider, "rotate-signer");
      isRotated = true;
      await client.ask({ provider });
      const verdict = await client.broker.inference.verifyResponse(before);
      assert.deepEqual([verdict.level, verdict.reason], ["signer-only", "signerRotated"]);
    });

    it(`calls a key that the chain names a moment later rotated, not forged (${providerClass})`, async () => {
      const provider = idOf(sandbox, providerClass);
      await sandbox.control.fault(provider, "rotate-signer", 1_500);
      isRotated = true;
      const exchange = await client.ask({ provider });
      const verdict = await client.broker.inference.verifyResponse(exchange);
      assert.deepEqual([verdict.level, verdict.reason], ["signer-only", "signerRotated"]);
    });
  }

  it("calls a key forged that the chain does not name at the second look either", async () => {
    const provider = idOf(sandbox, "combined");
    await sandbox.control.fault(provider, "rotate-signer", 3_600_000);
    isRotated = true;
    const exchange = await client.ask({ provider });
    const verdict = await client.broker.inference.verifyResponse(exchange);
    assert.deepEqual([verdict.level, verdict.reason], ["forged", "wrongSigner"]);
  });

  it("does not take the owner's word back into account for what was not vouched for", async () => {
    const provider = idOf(sandbox, "combined");
    const exchange = await client.ask({ provider });
    await sandbox.control.fault(provider, "rotate-signer", "unacknowledged");
    isRotated = true;
    await assert.rejects(client.ask({ provider }), failsWith("notAcknowledged", { by: "owner" }));
    const verdict = await client.broker.inference.verifyResponse(exchange);
    assert.deepEqual([verdict.level, verdict.reason], ["signer-only", "signerRotated"]);
    assert.equal(verdict.checks.find((check) => check.id === "owner-acknowledged")?.status, "failed");
  });

  for (const fault of ["rate-limit", "rate-limit-body"])
    it(`waits as told when a provider limits the rate, three times at most (${fault})`, async () => {
      const provider = idOf(sandbox, "combined");
      clock.speedUp(100);
      const events: ChatEvent[] = [];
      if (fault === "rate-limit") await sandbox.control.fault(provider, fault, "requests=0");
      else await sandbox.control.fault(provider, fault);
      await assert.rejects(
        client.ask({ provider }, { on: (event) => events.push(event) }),
        failsWith("rateLimited"),
      );
      const kinds = events.map((event) => event.kind);
      assert.deepEqual(kinds, [
        "sent",
        "refused",
        "waiting",
        "sent",
        "refused",
        "waiting",
        "sent",
        "refused",
        "waiting",
        "sent",
        "refused",
      ]);
      await sandbox.control.clear();
      await sandbox.control.fault(provider, "rate-limit-body", undefined, 2);
      clock.speedUp(5);
      assert.equal((await client.verify({ provider })).level, "verified");
    });

  it("stops while the provider goes on, keeps what arrived, and never calls that verified", async () => {
    const provider = idOf(sandbox, "combined");
    await sandbox.control.fault(provider, "slow-stream", 40);
    const stop = new AbortController();
    let stoppedAt = 0;
    const after: ChatEvent["kind"][] = [];
    const exchange = await client.ask(
      { provider },
      {
        signal: stop.signal,
        on: (event) => {
          if (stoppedAt) after.push(event.kind);
          if (event.kind !== "delta" || stoppedAt) return;
          stoppedAt = performance.now();
          stop.abort();
        },
      },
    );
    const took = performance.now() - stoppedAt;
    console.log(`        stopped after ${took.toFixed(1)} ms`);
    assert.equal(exchange.ended, "stopped");
    assert.ok(exchange.text.length > 0);
    assert.deepEqual(after, [], "told about more after the stop");
    clock.speedUp(20);
    const verdict = await client.broker.inference.verifyResponse(exchange);
    assert.equal(verdict.reason, "stopped");
    assert.ok(["unsigned", "signer-only"].includes(verdict.level), verdict.level);
  });

  it("throws `cancelled` when it is stopped before the first byte", async () => {
    const provider = idOf(sandbox, "combined");
    await sandbox.control.fault(provider, "hang");
    const stop = new AbortController();
    const asking = client.ask({ provider }, { signal: stop.signal, on: () => stop.abort() });
    await assert.rejects(asking, failsWith("cancelled"));
    const early = client.ask({ provider }, { signal: AbortSignal.abort() });
    await assert.rejects(early, failsWith("cancelled"));
  });

  it("throws `cancelled` when the broker closes while it waits", async () => {
    const other = await openClient(sandbox);
    const provider = idOf(sandbox, "combined");
    await sandbox.control.fault(provider, "hang");
    await assert.rejects(other.ask({ provider }, { on: () => other.broker.close() }), failsWith("cancelled"));
  });
});

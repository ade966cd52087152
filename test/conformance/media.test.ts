// Pictures and speech: our broker with the sandbox's providers, when they behave and when they do not.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { CallOptions } from "../../src/broker/call.js";
import type { SendingEvent } from "../../src/broker/inference/exchange.js";
import { receiptTools } from "../../src/broker/receipts/receiptTools.js";
import {
  type BilledExchange,
  type ImageJob,
  type ImageJobLook,
  transcriptFormats,
  type UploadEvent,
} from "../../src/broker/media/api.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { imageFee, speechFee } from "../../src/domain/pricing.js";
import { aPicture, aSound, providerOf } from "../support/media.js";
import { startSandbox, type TestSandbox } from "../support/sandbox.js";
import { type Client, failsWith, networkOf, openClient } from "./inferenceSupport.js";

describe("pictures and speech over the sandbox", function () {
  this.timeout(120_000);
  let sandbox: TestSandbox;
  let client: Client;
  let folder: string;
  let picture: string;
  let sound: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "media-"));
    picture = join(folder, 'grey "one".png');
    sound = join(folder, "silence.wav");
    writeFileSync(picture, aPicture());
    writeFileSync(sound, aSound());
    // Apart: what it holds in memory is not the client's.
    sandbox = await startSandbox({ args: ["--settle", "0"] });
    client = await openClient(sandbox);
  });
  after(async () => {
    client?.broker.close();
    await sandbox?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => sandbox.control.clear());

  const nobody = () => undefined;
  const idOf = (type: string) => providerOf(sandbox, type).address as ProviderId;
  const serviceOf = (type: string) => client.broker.inference.getService(idOf(type));
  const asked = { prompt: "an otter <&>", count: 2, size: "64x64" };
  const generate = async (on: (event: SendingEvent) => void = nobody, options: CallOptions = {}) =>
    client.broker.inference.generateImage(await serviceOf("text-to-image"), asked, on, options);
  const edit = async (source = picture) =>
    client.broker.inference.editImage(
      await serviceOf("image-editing"),
      { prompt: "make it red", count: 1, source },
      nobody,
    );
  const transcribe = async (
    format: (typeof transcriptFormats)[number] = "json",
    source = sound,
    on: (event: UploadEvent) => void = nobody,
  ) => client.broker.inference.transcribe(await serviceOf("speech-to-text"), { source, format }, on);
  const verify = (exchange: BilledExchange) => client.broker.inference.verifyResponse(exchange);
  const owed = async (type: string) =>
    BigInt(
      (await sandbox.control.state()).unsettled[idOf(type)]?.[client.wallet.address.toLowerCase()] ?? "0",
    );
  const recheckOf = async (exchange: BilledExchange, keepsBodies: boolean) => {
    const facts = { network: networkOf(sandbox), madeAt: Date.now(), keepsBodies, tools: {} };
    const receipt = receiptTools.ofAnswer(exchange, await verify(exchange), facts);
    return { receipt, recheck: receiptTools.recheck(receiptTools.toBytes(receipt)) };
  };

  it("verifies generated pictures, each by its own bytes, and reckons what the provider bills", async () => {
    const before = await owed("text-to-image");
    const exchange = await generate();
    assert.deepEqual(
      exchange.pictures.map(({ type }) => type),
      ["png", "png"],
    );
    const verdict = await verify(exchange);
    assert.equal(verdict.level, "verified", JSON.stringify(verdict));
    const response = verdict.checks.find(({ id }) => id === "response-hash");
    assert.equal(response?.why, "pictures");
    const hashes = exchange.pictures.map(({ bytes }) => createHash("sha256").update(bytes).digest("hex"));
    assert.equal(response?.right, hashes.join(","));
    assert.equal((await owed("text-to-image")) - before, imageFee(exchange.service, 2));
  });

  it("verifies an edited picture, sent as a form from disk", async () => {
    const exchange = await edit();
    assert.equal((await verify(exchange)).level, "verified");
    assert.match(
      Buffer.from(exchange.requestBody as Uint8Array).toString("latin1"),
      /filename="grey %22one%22\.png"/,
    );
  });

  for (const format of transcriptFormats)
    it(`verifies a transcript as ${format}, of which the request's hash alone is kept`, async () => {
      const before = await owed("speech-to-text");
      const exchange = await transcribe(format);
      assert.match(exchange.text, /This is the sandbox: it does not listen/);
      assert.match(String(exchange.requestBody), /^[0-9a-f]{64}$/);
      assert.equal((await verify(exchange)).level, "verified");
      const isCounted = format === "json" || format === "verbose_json";
      assert.deepEqual(exchange.counts, isCounted ? { input: 13, output: 0 } : undefined);
      if (exchange.counts)
        assert.equal((await owed("speech-to-text")) - before, speechFee(exchange.service, exchange.counts));
    });

  it("keeps receipts of all three that are proven again without a network; hashes alone prove no picture", async () => {
    const made = { image: generate, "image ": edit, transcript: transcribe };
    for (const [kind, make] of Object.entries(made)) {
      const { receipt, recheck } = await recheckOf(await make(), true);
      assert.equal(receipt.kind, kind.trim());
      assert.equal(recheck.word, "proven", JSON.stringify(recheck.checks));
    }
    const { recheck } = await recheckOf(await generate(), false);
    assert.deepEqual([recheck.word, recheck.reason], ["notProven", "noBytes"]);
    assert.equal((await recheckOf(await transcribe("srt"), false)).recheck.word, "proven");
  });

  for (const [fault, level] of [
    ["wrong-key", "forged"],
    ["tamper-text", "forged"],
    ["other-bytes", "mismatch"],
    ["no-signature", "unsigned"],
    ["rewrite-request", "response-bound"],
  ] as const)
    it(`calls pictures and transcripts ${level} when the provider does ${fault}`, async () => {
      await sandbox.control.fault("*", fault);
      for (const make of [generate, edit, transcribe]) {
        const { level: found } = await verify(await make());
        assert.equal(found, level, make.toString());
      }
    });

  it("takes no page for a picture, nor an answer that is larger than any picture, nor half of one", async () => {
    await sandbox.control.fault("*", "not-an-image");
    const page = await generate();
    assert.deepEqual(page.pictures, []);
    assert.equal(
      (await recheckOf(page, true)).recheck.word,
      "proven",
      "that the provider signed it can be shown",
    );
    await sandbox.control.clear();
    await sandbox.control.fault("*", "huge-answer");
    await assert.rejects(generate(), failsWith("providerUnavailable", { detail: "the answer is too long" }));
    await assert.rejects(transcribe("text"), failsWith("providerUnavailable"));
    await sandbox.control.clear();
    await sandbox.control.fault("*", "cut-stream", 300);
    await assert.rejects(generate(), failsWith("providerUnavailable"));
  });

  it("sends nothing that is no picture, no file, or larger than a provider takes", async () => {
    const calls = async () =>
      Object.values((await sandbox.control.state()).counters.providers[idOf("image-editing")] ?? {});
    const before = await calls();
    await assert.rejects(edit(sound), failsWith("badFile"));
    await assert.rejects(client.broker.inference.checkPicture(sound), failsWith("badFile"));
    await assert.rejects(edit(join(folder, "none.png")), failsWith("badFile"));
    const large = join(folder, "large.wav");
    writeFileSync(large, aSound(1));
    truncateSync(large, 40 * 1024 * 1024);
    await assert.rejects(client.broker.inference.audioFacts(large), failsWith("badFile"));
    await assert.rejects(transcribe("json", large), failsWith("badFile"));
    const page = join(folder, "page.wav");
    writeFileSync(page, "<!doctype html><title>Not found</title>");
    const detail = "it is no WAV, MP3, M4A, FLAC, Ogg or WebM recording";
    await assert.rejects(client.broker.inference.audioFacts(page), failsWith("badFile", { detail }));
    assert.deepEqual(await calls(), before);
  });

  it("tells how long a file plays before it is sent", async () => {
    const { seconds, isExact, mostSeconds } = await client.broker.inference.audioFacts(sound);
    assert.deepEqual([seconds, isExact, mostSeconds], [12.5, true, 12.5]);
    const other = join(folder, "unknown.mp3");
    writeFileSync(other, Buffer.alloc(120_000));
    assert.deepEqual(await client.broker.inference.audioFacts(other), {
      bytes: 120_000,
      seconds: 10,
      isExact: false,
      leastSeconds: 0.1,
      mostSeconds: 240,
    });
  });

  it("streams a long file with progress in the memory of a few pieces, and stops when it changes", async () => {
    const long = join(folder, "long.wav");
    writeFileSync(long, aSound(3600));
    const seen: number[] = [];
    const before = heldBytes();
    let most = 0;
    const exchange = await transcribe("json", long, (event) => {
      if (event.kind !== "upload") return;
      seen.push(event.done);
      if (seen.length % 20 === 0) most = Math.max(most, heldBytes() - before);
      assert.equal(event.total, 28_800_044);
    });
    assert.equal(exchange.counts?.input, 3600);
    assert.equal(seen.at(-1), 28_800_044);
    assert.ok(seen.length > 50);
    console.log(`        most memory while sending: ${(most / 1e6).toFixed(1)} MB`);
    assert.ok(most < 8e6, "of 28.8 MB");
    let isGrown = false;
    const sending = transcribe("json", long, () => {
      if (!isGrown) appendFileSync(long, "more");
      isGrown = true;
    });
    await assert.rejects(sending, failsWith("badFile"));
  });

  it("waits when told to, and takes a new token when the old one is refused", async () => {
    await sandbox.control.fault(idOf("text-to-image"), "rate-limit-body", "x", 1);
    const events: SendingEvent[] = [];
    await generate((event) => events.push(event));
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["sent", "refused", "waiting", "sent"],
    );
  });

  it("stops when the user does", async () => {
    const abort = new AbortController();
    await sandbox.control.fault("*", "hang");
    const asking = generate(() => abort.abort(), { signal: abort.signal });
    await assert.rejects(asking, failsWith("cancelled"));
  });

  describe("as jobs", () => {
    const order = async (on: (event: SendingEvent) => void = nobody) =>
      client.broker.inference.startImageJob(await serviceOf("text-to-image"), asked, on);
    const start = async (): Promise<ImageJob> => {
      const job = await order();
      assert.ok(job);
      return job;
    };
    const lookAt = async (job: ImageJob) =>
      client.broker.inference.lookAtImageJob(await serviceOf("text-to-image"), job);
    const finish = async (job: ImageJob): Promise<ImageJobLook> => {
      for (;;) {
        const look = await lookAt(job);
        if (look.kind !== "waiting") return look;
      }
    };

    it("are verified like those made at once, by another process too", async () => {
      await sandbox.control.fault(idOf("text-to-image"), "slow-job", 1500);
      const job = JSON.parse(JSON.stringify(await start())) as ImageJob;
      assert.deepEqual(await lookAt(job), { kind: "waiting", seconds: 5 });
      await sandbox.control.fault(idOf("text-to-image"), "retry-after", 17, 1);
      assert.deepEqual(await lookAt(job), { kind: "waiting", seconds: 17 });
      const look = await finish(job);
      assert.ok(look.kind === "done");
      assert.equal(look.exchange.pictures.length, 2);
      assert.equal((await verify(look.exchange)).level, "verified");
      const { receipt, recheck } = await recheckOf(look.exchange, true);
      assert.equal(recheck.word, "proven");
      assert.equal(receiptTools.summary(receiptTools.toBytes(receipt))?.title, asked.prompt);
      const changed = await finish({ ...job, request: Buffer.from('{"prompt":"x"}').toString("base64") });
      assert.ok(changed.kind === "done");
      assert.equal(changed.exchange.requestBody, job.requestHash, "bytes of another order are left out");
    });

    it("are none where the provider has none, and nothing is ordered", async () => {
      await sandbox.control.fault("*", "no-async");
      const events: SendingEvent[] = [];
      assert.equal(await order((event) => events.push(event)), undefined);
      assert.equal(events.at(-1)?.kind, "refused");
    });

    it("fail in words, are gone when the provider forgot them, and other refusals are errors", async () => {
      await sandbox.control.fault("*", "fail-job");
      assert.deepEqual(await finish(await start()), { kind: "failed", detail: "the model gave up" });
      const gone = { ...(await start()), jobId: "nobody" };
      assert.deepEqual(await lookAt(gone), { kind: "gone" });
      await sandbox.control.fault("*", "status", "500 /v1/async/jobs");
      await assert.rejects(lookAt(gone), failsWith("providerUnavailable"));
    });
  });
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** In buffers, without what nobody holds any more. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

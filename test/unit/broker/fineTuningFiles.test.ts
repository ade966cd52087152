// Datasets up and models down, over real HTTP, with a provider that misbehaves.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { keccak256, Wallet } from "ethers";
import { isSignedBy, loraDigest, uploadDigest } from "../../../src/broker/wire/fineTuning/taskSignature.js";
import type { Progress } from "../../../src/broker/storage/api.js";
import { fastClock } from "../../conformance/ledgerSupport.js";
import { failsWith } from "../../conformance/inferenceSupport.js";
import {
  Desk,
  enclave,
  provider,
  sayJson,
  sealedModel,
  taskId,
  userAddress,
  type Answer,
  type SealedModel,
} from "../../support/fineTuningDesk.js";

let desk: Desk;
beforeEach(() => void (desk = new Desk()));
afterEach(() => desk.close());

interface Part {
  readonly head: string;
  readonly content: Buffer;
}

function formParts(body: Buffer, contentType: string): Part[] {
  const boundary = `--${/boundary=(.*)$/.exec(contentType)?.[1]}`;
  const text = body.toString("latin1");
  assert.ok(text.endsWith(`\r\n${boundary}--\r\n`));
  return text
    .slice(0, -`\r\n${boundary}--\r\n`.length)
    .split(`${boundary}\r\n`)
    .slice(1)
    .map((part) => {
      const [head = "", ...rest] = part.split("\r\n\r\n");
      return { head, content: Buffer.from(rest.join("\r\n\r\n").replace(/\r\n$/, ""), "latin1") };
    });
}

/** The hash of the file in a form, as the provider would name it. */
const acceptDataset: Answer = (response, { body, headers }) => {
  const [file] = formParts(body, headers["content-type"] ?? "");
  sayJson(200, { datasetHash: keccak256(file!.content), message: "ok" })(response, undefined as never, 0);
};

describe("a dataset to the enclave", function () {
  this.timeout(20_000);

  function dataset(size: number, name = "rows.jsonl"): { file: string; bytes: Buffer } {
    const bytes = Buffer.alloc(size, `{"instruction":"a","output":"ü"}\n`);
    writeFileSync(desk.file(name), bytes);
    return { file: desk.file(name), bytes };
  }

  it("goes as one form in the documented order, with its length told and a fresh signature", async () => {
    const broker = await desk.open(acceptDataset);
    const { file, bytes } = dataset(700_001);
    const steps: Progress[] = [];
    const { datasetHash } = await broker.uploadDatasetToTEE(await broker.getService(provider), file, {
      onProgress: (step) => steps.push(step),
    });
    assert.equal(datasetHash, keccak256(bytes));
    const [seen] = desk.seen;
    assert.equal(seen!.url, `/v1/user/${userAddress}/dataset`);
    assert.equal(seen!.headers["content-length"], String(seen!.body.length));
    assert.equal(seen!.headers["transfer-encoding"], undefined);
    const parts = formParts(seen!.body, seen!.headers["content-type"] ?? "");
    assert.deepEqual(
      parts.map(({ head }) => head),
      [
        'Content-Disposition: form-data; name="file"; filename="rows.jsonl"\r\nContent-Type: application/octet-stream',
        'Content-Disposition: form-data; name="signature"',
        'Content-Disposition: form-data; name="timestamp"',
      ],
    );
    assert.deepEqual(parts[0]!.content, bytes);
    const timestamp = Number(parts[2]!.content.toString());
    assert.ok(Math.abs(timestamp - desk.clock.now() / 1000) < 60);
    assert.ok(isSignedBy(uploadDigest(userAddress, timestamp), parts[1]!.content.toString(), userAddress));
    assert.deepEqual(steps.at(-1), { stage: "upload", done: 700_001, total: 700_001 });
  });

  it("is refused here by name and size, before anything is sent", async () => {
    const broker = await desk.open(acceptDataset);
    const { file } = dataset(10, "rows.csv");
    await assert.rejects(
      broker.uploadDatasetToTEE(await broker.getService(provider), file),
      failsWith("badFile", { path: file }),
    );
    const large = dataset(104_857_601).file;
    await assert.rejects(
      broker.uploadDatasetToTEE(await broker.getService(provider), large),
      failsWith("badFile", { path: large }),
    );
    await assert.rejects(
      broker.uploadDatasetToTEE(await broker.getService(provider), desk.file("none.jsonl")),
      failsWith("badFile"),
    );
    assert.equal(desk.seen.length, 0);
  });

  it("does not believe another hash", async () => {
    const broker = await desk.open(sayJson(200, { datasetHash: `0x${"ab".repeat(32)}` }));
    const facts = { what: "dataset", why: "hash", provider };
    await assert.rejects(
      broker.uploadDatasetToTEE(await broker.getService(provider), dataset(100).file),
      failsWith("verificationFailed", facts),
    );
    assert.equal(desk.seen.length, 1);
  });

  it("tells what the provider refused, once", async () => {
    const broker = await desk.open(
      sayJson(400, { error: "Provider: upload dataset: line 3 is not valid JSON: x" }),
    );
    const facts = { status: 400, detail: "Provider: upload dataset: line 3 is not valid JSON: x" };
    await assert.rejects(
      broker.uploadDatasetToTEE(await broker.getService(provider), dataset(100).file),
      failsWith("refusedByProvider", facts),
    );
    assert.equal(desk.seen.length, 1);
  });

  it("waits ten to twenty seconds after 429, and as long as it is told with Retry-After", async () => {
    const broker = await desk.open((response, seen, count) => {
      if (count === 1)
        return sayJson(429, { error: "Too many requests. Please try again later." })(response, seen, 1);
      if (count === 2) return sayJson(429, { error: "" }, { "retry-after": "33" })(response, seen, 1);
      acceptDataset(response, seen, count);
    });
    await broker.uploadDatasetToTEE(await broker.getService(provider), dataset(100).file);
    const [first, second, third] = desk.seen.map(({ at }) => at);
    assert.ok(second! - first! >= 9_900, String(second! - first!));
    assert.ok(third! - second! >= 32_900, String(third! - second!));
  });

  it("gives up after a bounded number of refusals", async () => {
    desk = new Desk(fastClock(500));
    const broker = await desk.open(sayJson(429, { error: "Too many requests. Please try again later." }));
    await assert.rejects(
      broker.uploadDatasetToTEE(await broker.getService(provider), dataset(100).file),
      failsWith("rateLimited"),
    );
    assert.equal(desk.seen.length, 9);
  });

  it("is given up when nothing moves, and when told to stop", async () => {
    desk = new Desk(fastClock(300));
    const broker = await desk.open(() => undefined);
    await assert.rejects(
      broker.uploadDatasetToTEE(await broker.getService(provider), dataset(100).file),
      failsWith("providerUnavailable", { detail: "nothing moved for 90 s" }),
    );
    const stop = new AbortController();
    const running = broker.uploadDatasetToTEE(await broker.getService(provider), dataset(100).file, {
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(running, failsWith("cancelled"));
  });
});

describe("a model from the enclave", function () {
  this.timeout(20_000);

  function deliver(model: SealedModel): void {
    desk.says.root = model.keccak;
  }

  const whole =
    (bytes: Buffer): Answer =>
    (response) =>
      response
        .writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes.length })
        .end(bytes);

  /** Serves ranges as Go's file handler does. */
  const ranged =
    (bytes: Buffer, cutAfter?: number): Answer =>
    (response, { headers }) => {
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? "0");
      const rest = bytes.subarray(from);
      const head = { "content-length": rest.length, "accept-ranges": "bytes" };
      if (headers.range === undefined) response.writeHead(200, head);
      else
        response.writeHead(206, {
          ...head,
          "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
        });
      if (cutAfter === undefined || cutAfter >= rest.length) return void response.end(rest);
      response.write(rest.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 30));
    };

  it("is named only after hash, layout and signature held", async () => {
    const model = sealedModel(randomBytes(500_000));
    deliver(model);
    const broker = await desk.open(whole(model.bytes));
    const done = await broker.downloadModel(provider, taskId, desk.file("m.data"), { method: "tee" });
    assert.deepEqual(done.check, {
      rootKind: "keccak",
      hash: model.keccak,
      signer: enclave.address,
      isCurrentSigner: true,
      size: model.bytes.length,
      chunks: 1,
      read: { service: await broker.getService(provider), block: 0 },
      // One chunk: the file ends with its only tag.
      seal: {
        tagsDigest: keccak256(model.bytes.subarray(-16)),
        tags: Buffer.from(model.bytes.subarray(-16)).toString("base64"),
        signature: `0x${Buffer.from(model.bytes.subarray(0, 65)).toString("hex")}`,
      },
    });
    assert.equal(done.method, "tee");
    assert.deepEqual(readFileSync(desk.file("m.data")), model.bytes);
    assert.deepEqual(readdirSync(desk.folder), ["m.data"]);
    const [seen] = desk.seen;
    assert.equal(seen!.url, `/v1/user/${userAddress}/task/${taskId}/lora`);
    const { signature, timestamp } = JSON.parse(seen!.body.toString()) as {
      signature: string;
      timestamp: number;
    };
    assert.equal(typeof timestamp, "number");
    assert.ok(isSignedBy(loraDigest(taskId, timestamp), signature, userAddress));
  });

  it("is taken from the disk when it is there and right, and left alone when it is not", async () => {
    const model = sealedModel(randomBytes(1_000));
    deliver(model);
    const broker = await desk.open(whole(model.bytes));
    writeFileSync(desk.file("m.data"), model.bytes);
    const { check, method } = await broker.downloadModel(provider, taskId, desk.file("m.data"));
    assert.equal(check.rootKind, "keccak");
    assert.equal(method, undefined);
    writeFileSync(desk.file("other"), "mine");
    await assert.rejects(
      broker.downloadModel(provider, taskId, desk.file("other")),
      failsWith("badFile", { path: desk.file("other") }),
    );
    assert.equal(readFileSync(desk.file("other"), "utf8"), "mine");
    assert.equal(desk.seen.length, 0);
  });

  it("goes on where a cut download ended, signed anew", async () => {
    const model = sealedModel(randomBytes(900_000));
    deliver(model);
    const broker = await desk.open((response, seen, count) =>
      ranged(model.bytes, count === 1 ? 400_000 : undefined)(response, seen, count),
    );
    await broker.downloadModel(provider, taskId, desk.file("m.data"), { method: "tee" });
    assert.deepEqual(readFileSync(desk.file("m.data")), model.bytes);
    const [first, second] = desk.seen;
    assert.equal(first!.headers.range, undefined);
    const from = Number(/^bytes=(\d+)-$/.exec(second!.headers.range ?? "")?.[1]);
    assert.ok(from > 0 && from <= 400_000, String(from));
    assert.equal(desk.seen.length, 2);
  });

  it("goes on from the part of an earlier run, and begins anew where that was of another file", async () => {
    const model = sealedModel(randomBytes(300_000));
    deliver(model);
    const broker = await desk.open(ranged(model.bytes));
    writeFileSync(desk.file("a.data.part"), model.bytes.subarray(0, 200_000));
    await broker.downloadModel(provider, taskId, desk.file("a.data"), { method: "tee" });
    assert.equal(desk.seen.length, 1);
    assert.equal(desk.seen[0]!.headers.range, "bytes=200000-");
    writeFileSync(desk.file("b.data.part"), randomBytes(200_000));
    await broker.downloadModel(provider, taskId, desk.file("b.data"), { method: "tee" });
    assert.deepEqual(readFileSync(desk.file("b.data")), model.bytes);
    assert.deepEqual(
      desk.seen.map(({ headers }) => headers.range),
      ["bytes=200000-", "bytes=200000-", undefined],
    );
  });

  it("begins anew where the provider cannot start in the middle, or lies about where it starts", async () => {
    const model = sealedModel(randomBytes(300_000));
    deliver(model);
    const broker = await desk.open((response, seen, count) => {
      if (count === 2)
        return response
          .writeHead(206, { "content-range": `bytes 5-${model.bytes.length - 1}/${model.bytes.length}` })
          .end(model.bytes.subarray(5));
      whole(model.bytes)(response, seen, count);
    });
    for (const name of ["a.data", "b.data"]) {
      writeFileSync(desk.file(`${name}.part`), model.bytes.subarray(0, 100_000));
      await broker.downloadModel(provider, taskId, desk.file(name), { method: "tee" });
      assert.deepEqual(readFileSync(desk.file(name)), model.bytes);
    }
    assert.equal(desk.seen.length, 3);
  });

  it("knows a part that is complete already", async () => {
    const model = sealedModel(randomBytes(30_000));
    deliver(model);
    const broker = await desk.open((response) =>
      response.writeHead(416, { "content-range": `bytes */${model.bytes.length}` }).end(),
    );
    writeFileSync(desk.file("m.data.part"), model.bytes);
    await broker.downloadModel(provider, taskId, desk.file("m.data"), { method: "tee" });
    assert.deepEqual(readFileSync(desk.file("m.data")), model.bytes);
  });

  it("leaves nothing under its name and pays nothing when a bit is wrong, anywhere", async () => {
    const model = sealedModel(randomBytes(5_000));
    let served = model.bytes;
    const broker = await desk.open((response, seen, count) => whole(served)(response, seen, count));
    const paid: string[] = [];
    desk.says.onSend = (method) => paid.push(method);
    const attempt = (why: string) =>
      assert.rejects(
        broker.acknowledgeModel(provider, taskId, desk.file("m.data"), { method: "tee" }),
        failsWith("verificationFailed", { what: "model", why, provider }),
      );
    // Other bytes than the chain says.
    deliver(model);
    served = Buffer.from(model.bytes);
    served[2_000]! ^= 1;
    await attempt("hash");
    // The chain agrees, but the seal is broken: a tag, the signature, another signer.
    for (const at of [model.bytes.length - 1, 10]) {
      served = Buffer.from(model.bytes);
      served[at]! ^= 1;
      desk.says.root = keccak256(served);
      await attempt("signature");
    }
    const stranger = sealedModel(randomBytes(5_000), Wallet.createRandom().privateKey);
    served = stranger.bytes;
    desk.says.root = stranger.keccak;
    await attempt("signature");
    // A length that no model file has.
    served = model.bytes.subarray(0, 80);
    desk.says.root = keccak256(served);
    await attempt("structure");
    assert.deepEqual(readdirSync(desk.folder), []);
    assert.deepEqual(paid, []);
  });

  it("accepts the signer of the delivery after the service changed it, and says so", async () => {
    const model = sealedModel(randomBytes(5_000));
    deliver(model);
    const [before, later] = [Wallet.createRandom().address, Wallet.createRandom().address];
    desk.says.teeSigner = later;
    desk.says.signers = [
      { signer: before, timestamp: 1_700_000_000 },
      { signer: enclave.address, timestamp: 1_800_000_000 },
      { signer: later, timestamp: 1_950_000_000 },
    ];
    const broker = await desk.open(whole(model.bytes));
    const { check } = await broker.downloadModel(provider, taskId, desk.file("m.data"), { method: "tee" });
    assert.deepEqual([check.signer, check.isCurrentSigner], [enclave.address, false]);
    // Accepted too late, or taken back before the delivery.
    desk.says.signers[1] = { signer: enclave.address, timestamp: 1_900_000_001 };
    const other = () => broker.downloadModel(provider, taskId, desk.file("n.data"), { method: "tee" });
    await assert.rejects(other(), failsWith("verificationFailed", { why: "signature" }));
    desk.says.signers[1] = { signer: enclave.address, timestamp: 1_800_000_000, isAcknowledged: false };
    await assert.rejects(other(), failsWith("verificationFailed", { why: "signature" }));
  });

  it("pays only after the checks, and not for a model that was settled without the user", async () => {
    const model = sealedModel(randomBytes(5_000));
    deliver(model);
    const broker = await desk.open(whole(model.bytes));
    const paid: string[] = [];
    desk.says.onSend = (method) => {
      assert.ok(existsSync(desk.file("m.data")));
      paid.push(method);
    };
    const done = await broker.acknowledgeModel(provider, taskId, desk.file("m.data"), { method: "tee" });
    assert.deepEqual(paid, ["acknowledgeDeliverable"]);
    assert.ok(done.transaction);
    desk.says.isSettled = true;
    await assert.rejects(
      broker.acknowledgeModel(provider, taskId, desk.file("n.data")),
      failsWith("deadQueue", { provider, deliverable: taskId }),
    );
    assert.equal(paid.length, 1);
  });

  it("names a model that is not delivered, and one whose file is gone", async () => {
    desk = new Desk(fastClock(300));
    let status = 409;
    const broker = await desk.open((response, seen, count) =>
      sayJson(status, { error: "Provider: get lora: not there, retry shortly" })(response, seen, count),
    );
    const download = () => broker.downloadModel(provider, taskId, desk.file("m.data"), { method: "tee" });
    await assert.rejects(download(), failsWith("taskConflict", { why: "notDelivered" }));
    assert.equal(desk.seen.length, 0);
    desk.says.root = `0x${"1".repeat(64)}`;
    await assert.rejects(download(), failsWith("taskConflict", { why: "notDelivered" }));
    assert.equal(desk.seen.length, 1);
    status = 503;
    await assert.rejects(download(), failsWith("providerUnavailable", { status: 503 }));
    assert.equal(desk.seen.length, 5);
  });

  it("decrypts into the plaintext, and into nothing when the key is not there or not ours", async () => {
    const model = sealedModel(randomBytes(9_000_000));
    deliver(model);
    desk.says.secret = model.secret;
    const broker = await desk.open(whole(model.bytes));
    writeFileSync(desk.file("m.data"), model.bytes);
    const decrypt = (name = "m.zip") =>
      broker.decryptModel(provider, taskId, desk.file("m.data"), desk.file(name));
    const check = await decrypt();
    assert.equal(check.size, model.bytes.length);
    assert.ok(readFileSync(desk.file("m.zip")).equals(model.plain));
    await assert.rejects(decrypt(), failsWith("badFile", { path: desk.file("m.zip") }));
    desk.says.secret = sealedModel(Buffer.from("x")).secret;
    await assert.rejects(decrypt("n.zip"), failsWith("keyMissing", { provider, why: "useless" }));
    desk.says.secret = `0x04${"11".repeat(128)}`;
    await assert.rejects(decrypt("n.zip"), failsWith("keyMissing", { provider, why: "useless" }));
    for (const [isSettled, isAcknowledged, why] of [
      [false, false, "notAcknowledged"],
      [false, true, "notSettled"],
      [true, false, "penalty"],
      [true, true, "abandoned"],
    ] as const) {
      Object.assign(desk.says, { isSettled, isAcknowledged, secret: "0x" });
      await assert.rejects(decrypt("n.zip"), failsWith("keyMissing", { provider, why }));
    }
    assert.deepEqual(readdirSync(desk.folder).sort(), ["m.data", "m.zip"]);
  });
});

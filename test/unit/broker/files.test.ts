// A file that somebody opens: told by what is in it, checked as far as it goes, and never more than was compared. Files are hostile.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { keccak256, Transaction } from "ethers";
import type { CheckFileOptions } from "../../../src/broker/files/api.js";
import { createFileTools } from "../../../src/broker/files/checkFile.js";
import { firstLook, headLength } from "../../../src/broker/files/recognise.js";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import { modelFileHeader, nonceSize, tagSize } from "../../../src/broker/wire/fineTuning/modelFile.js";
import { fileWord, type FileProof, type NamedKey } from "../../../src/domain/fileProof.js";
import { isComputeError } from "../../../src/domain/error.js";
import type { Address } from "../../../src/domain/ids.js";
import { fastClock, keepingLog } from "../../conformance/ledgerSupport.js";
import { aReceipt } from "../../support/receipts.js";
import { nonce, now, signer, TestEnclave } from "../../support/reports.js";
import { enclave as tuner, provider, sealedModel, taskId } from "../../support/fineTuningDesk.js";

const clock = { ...fastClock(), now: () => now };
const tools = createFileTools({ clock, log: keepingLog() });
const enclave = new TestEnclave();
const report = enclave.report();
const { quote } = JSON.parse(report) as { quote: string };
const receipt = receiptTools.toBytes(aReceipt({ kind: "combined" }));
const model = sealedModel(randomBytes(300_000)).bytes;

let folder: string;
before(() => void (folder = mkdtempSync(join(tmpdir(), "files-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const check = (bytes: Uint8Array | string, options?: CheckFileOptions) =>
  tools.check({ path: put("file", bytes) }, options);
const stepsOf = (proof: FileProof): Record<string, string> => {
  const steps = proof.kind === "model" ? proof.model.steps : "report" in proof ? proof.report.steps : [];
  return Object.fromEntries(steps.map(({ id, status, why }) => [id, why ? `${status}, ${why}` : status]));
};

describe("The first look at a file", () => {
  const look = (bytes: Uint8Array | string) => {
    const all = Buffer.from(bytes);
    return firstLook(all.subarray(0, headLength), all.length);
  };
  for (const [what, bytes, expected] of [
    ["nothing", "", "empty"],
    ["a report", report, "json"],
    ["a receipt behind a byte order mark", `\uFEFF${Buffer.from(receipt).toString()}`, "json"],
    ["a quote", Buffer.from(quote, "hex"), "quote"],
    ["a quote in hex", `0x${quote.toUpperCase()}\n`, "quote"],
    ["an SGX quote", Buffer.concat([Buffer.from("0300020000000000", "hex"), randomBytes(1000)]), "quote"],
    ["an encrypted model", model, "model"],
    ["a list", "[1, 2]", "text"],
    ["words with umlauts, cut inside one", "ä".repeat(headLength), "text"],
    ["hex of something else", "ff".repeat(40), "text"],
    ["a zip", Buffer.concat([Buffer.from("PK\x03\x04"), randomBytes(400)]), "zip"],
    ["zeros", Buffer.alloc(1000), "binary"],
    [
      "a quote as large as a film",
      Buffer.concat([Buffer.from(quote, "hex"), Buffer.alloc(70_000)]),
      "binary",
    ],
  ] as const)
    it(`tells ${what}: ${expected}`, () => assert.equal(look(bytes), expected));

  it("takes hardly any other file for an encrypted model", () => {
    const taken = Array.from({ length: 3_000 }, () => look(randomBytes(200))).filter(
      (one) => one === "model",
    );
    assert(taken.length < 60, `${taken.length} of 3000`);
  });

  it("does not take a model cut off in a tag for one", () => {
    assert.equal(look(model.subarray(0, 80)), "binary");
  });
});

describe("A file", function () {
  this.timeout(20_000);

  it("that is a receipt is checked as one, whatever its name", async () => {
    const proof = await check(receipt);
    assert(proof.kind === "receipt" && proof.size === receipt.length);
    assert.equal(fileWord(proof), "proven");
    const damaged = await check(Buffer.from(receipt).toString().replace('"c-1"', '"c-2"'));
    assert.equal(fileWord(damaged), "failed");
  });

  it("that is a report is checked as one, and the sandbox's is never proven and never called Intel's", async () => {
    for (const text of [report, enclave.modelReport()]) {
      const proof = await check(text);
      assert(proof.kind === "report" && proof.report.root === "sandbox");
      assert.equal(fileWord(proof), "notProven");
      const steps = stepsOf(proof);
      assert.equal(steps["root"], "not-checked, sandbox");
      assert.equal(steps["quote-signature"], "proven");
      assert.equal(steps[proof.report.kind === "llm" ? "llm-signer" : "signer"], "not-checked, offline");
    }
    const damaged = await check(enclave.report("signature"));
    assert.equal(fileWord(damaged), "failed");
  });

  it("that is a report of another kind says so, as a report", async () => {
    const steps = async (report: object) => stepsOf(await check(JSON.stringify(report)));
    assert.deepEqual(await steps({ compose_content: "", evidence: "AAAA" }), {
      report: "not-checked, cryptopilot",
    });
    assert.match((await steps({ quote, provider_signer: signer }))["rtmr-replay"] ?? "", /^failed/);
    assert.equal((await steps({ quote: "00" }))["structure"], "failed, malformed");
  });

  it("that is a bare quote is checked as far as a quote goes", async () => {
    for (const bytes of [Buffer.from(quote, "hex"), quote, ` 0x${quote.toUpperCase()} `]) {
      const proof = await check(bytes);
      assert.equal(proof.kind, "quote");
      const steps = stepsOf(proof);
      assert.equal(steps["quote-signature"], "proven");
      assert.equal(steps["rtmr-replay"], "not-checked, missing");
      assert.equal(fileWord(proof), "notProven");
    }
    const broken = Buffer.from(quote, "hex");
    broken.writeUInt8((broken[200] ?? 0) ^ 1, 200);
    assert.equal(fileWord(await check(broken)), "failed");
    assert.equal(
      stepsOf(await check(Buffer.from("0300020000000000", "hex")))["structure"],
      "failed, malformed",
    );
  });

  it("that is an encrypted model is measured, and proven only against the task it was delivered for", async () => {
    const progress: number[] = [];
    const proof = await check(model, { onProgress: ({ done, total }) => progress.push(done / total) });
    assert(proof.kind === "model");
    assert.equal(progress.at(-1), 1);
    const { signer, keccak, merkle, chunks, task } = proof.model;
    assert.deepEqual([signer, keccak, chunks, task], [tuner.address, keccak256(model), 1, undefined]);
    assert.deepEqual(stepsOf(proof), {
      "model-layout": "observed",
      "model-signer": "not-checked, noKey",
      "model-hash": "not-checked, noTask",
      "model-contents": "not-checked, sealed",
    });
    assert.equal(fileWord(proof), "notProven");
    for (const rootHash of [keccak, merkle]) {
      const models = [{ task: taskId, rootHash, signer: tuner.address as Address }];
      const known = await check(model, { models });
      assert.equal(fileWord(known), "proven");
      assert(known.kind === "model" && known.model.task === taskId);
    }
  });

  it("that is kept as a model and is not it any more fails, even where nothing of one is left", async () => {
    const path = put("file", model);
    const kept = { task: taskId, rootHash: keccak256(model), signer: tuner.address as Address, path };
    const options = { models: [kept] };
    const flipped = Buffer.from(model);
    flipped.writeUInt8((flipped[5_000] ?? 0) ^ 1, 5_000);
    const proof = await check(flipped, options);
    assert.deepEqual(stepsOf(proof), {
      "model-layout": "observed",
      "model-signer": "proven",
      "model-hash": "failed, different",
      "model-contents": "not-checked, sealed",
    });
    for (const bytes of [Buffer.alloc(500), "words", model.subarray(0, 60)])
      assert.equal(fileWord(await check(bytes, options)), "failed");
    assert.equal((await check(flipped)).kind, "model", "without the task it looks like any other");
  });

  it("is told when it is nothing that can be verified", async () => {
    const why = async (path: string) => {
      const proof = await tools.check({ path });
      return proof.kind === "unknown" ? proof.why : proof.kind;
    };
    mkdirSync(join(folder, "inner"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    symlinkSync(join(folder, "loop"), join(folder, "loop"));
    symlinkSync(put("there.json", report), join(folder, "link"));
    symlinkSync("/dev/zero", join(folder, "endless"));
    const huge = put("huge", "{");
    truncateSync(huge, 4 * 1024 ** 3);
    for (const [path, expected] of [
      [join(folder, "inner"), "folder"],
      [join(folder, "pipe"), "special"],
      [join(folder, "endless"), "special"],
      [join(folder, "loop"), "unreadable"],
      [join(folder, "nowhere"), "unreadable"],
      [`${folder}/\0`, "unreadable"],
      [join(folder, "link"), "report"],
      [put("a", ""), "empty"],
      [put("b", "{}"), "json"],
      [put("c", `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`), "json"],
      [put("d", `{"quote":${"[".repeat(200_000)}`), "json"],
      [put("e", "hello"), "text"],
      [put("g", JSON.stringify({ quote: "Be yourself", evidence: "none" })), "json"],
      [put("f", randomBytes(5_000).fill(255, 60, 70)), "binary"],
      [huge, "binary"],
    ] as const)
      assert.equal(await why(path), expected, path);
  });

  it("that is deep inside is refused as what it says it is", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const receiptLike = await check(`{"schema":"0g-receipt/1","a":${deep}}`);
    assert(receiptLike.kind === "receipt" && fileWord(receiptLike) === "failed");
    const reportLike = await check(`{"quote":"00","event_log":${deep},"tcb_info":{"app_compose":${deep}}}`);
    assert(reportLike.kind === "report" && fileWord(reportLike) === "failed");
  });

  it("that is elsewhere is checked from its bytes, but for a model", async () => {
    assert.equal((await tools.check({ bytes: receipt })).kind, "receipt");
    const proof = await tools.check({ bytes: model });
    assert.equal(proof.kind === "unknown" && proof.why, "notOnDisk");
  });

  it("is given up when it is asked to", async () => {
    const abort = new AbortController();
    abort.abort();
    await assert.rejects(check(model, { signal: abort.signal }), (error) =>
      isComputeError(error, "cancelled"),
    );
  });
});

describe("A file compared with the chain", () => {
  const named = (key: string): NamedKey => ({ provider, service: "inference", key: key as Address });
  const withKeys = (proof: FileProof, ...keys: NamedKey[]) =>
    tools.withKeys(proof, { network: "testnet", keys });

  it("finds the provider that names a report's key", async () => {
    const proof = await check(report);
    const found = withKeys(proof, named(tuner.address), named(signer));
    assert.deepEqual(found.onChain, { id: "on-chain", status: "observed", left: provider, right: signer });
    assert.equal(stepsOf(found)["signer"], "proven");
    assert.equal(fileWord(found), "notProven", "the sandbox's root stays what it is");
    const none = withKeys(proof, named(tuner.address));
    assert.equal(none.onChain?.why, "notNamed");
    assert.equal(stepsOf(none)["signer"], "not-checked, offline");
  });

  it("finds it for the model's own report and for a bare quote", async () => {
    assert.equal(
      stepsOf(withKeys(await check(enclave.modelReport()), named(signer)))["llm-signer"],
      "proven",
    );
    const bare = withKeys(await check(Buffer.from(quote, "hex")), named(signer));
    assert.equal(bare.kind, "quote");
    assert.equal(stepsOf(bare)["signer"], "proven");
    assert.equal(stepsOf(bare)["rtmr-replay"], "not-checked, missing");
    assert(nonce.length > 0);
  });

  it("finds the one that names a model's key, which says nothing of the task", async () => {
    const proof = withKeys(await check(model), { ...named(tuner.address), service: "fine-tuning" });
    assert.equal(stepsOf(proof)["model-signer"], "proven");
    assert.equal(fileWord(proof), "notProven");
  });

  it("does not take what that key signed for a chain for a model", async () => {
    const transaction = Transaction.from({ type: 0, data: `0x${"ab".repeat(9)}` });
    const signature = tuner.signingKey.sign(transaction.unsignedHash).serialized;
    const tag = Buffer.from(transaction.unsignedSerialized.slice(2), "hex");
    assert.equal(tag.length, tagSize);
    const header = modelFileHeader(signature, new Uint8Array(nonceSize));
    const proof = withKeys(await check(Buffer.concat([header, randomBytes(1_000), tag])), {
      ...named(tuner.address),
      service: "fine-tuning",
    });
    assert.equal(stepsOf(proof)["model-signer"], "failed, noSignature");
    assert.equal(fileWord(proof), "failed");
  });

  it("says of a receipt whether its provider names that key now", async () => {
    const proof = await check(receipt);
    assert(proof.kind === "receipt" && proof.recheck.receipt?.kind === "answer");
    const { service, signed } = proof.recheck.receipt;
    const own = (key: string): NamedKey => ({ ...named(key), provider: service.provider });
    assert.equal(withKeys(proof, own(signed!.signer!)).onChain?.status, "observed");
    assert.equal(withKeys(proof, own(tuner.address)).onChain?.why, "otherKey");
    assert.equal(withKeys(proof, named(signed!.signer!)).onChain?.why, "notNamed");
    const elsewhere = tools.withKeys(proof, { network: "mainnet", keys: [own(signed!.signer!)] });
    assert.equal(elsewhere.onChain?.why, "otherNetwork");
    assert.equal(fileWord(proof), "proven");
  });
});

// What a person reads of a file: never more than what its checks say.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileTools } from "../../../src/broker/files/checkFile.js";
import { digestOf } from "../../../src/broker/receipts/canonicalText.js";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import type {
  FileProof,
  FileStep,
  KnownModel,
  ModelProof,
  UnknownFile,
} from "../../../src/domain/fileProof.js";
import type { Address, Hash, TaskId } from "../../../src/domain/ids.js";
import { networks } from "../../../src/domain/networks.js";
import { fileLinksOf, fileProofState, type FileProofFacts } from "../../../src/view/proof/fileProofView.js";
import { proofMarkdown } from "../../../src/view/proof/proofMarkdown.js";
import { english as t } from "../../../src/view/translate.js";
import { fastClock, keepingLog } from "../../conformance/ledgerSupport.js";
import { address, noon } from "../../support/builders.js";
import { enclave as tuner, sealedModel, taskId } from "../../support/fineTuningDesk.js";
import { assertGolden } from "../../support/golden.js";
import { proofTelling } from "../../support/proof.js";
import { aModelReceipt, aReceipt } from "../../support/receipts.js";
import { now, TestEnclave } from "../../support/reports.js";

const tools = createFileTools({ clock: { ...fastClock(), now: () => now }, log: keepingLog() });
const facts = (proof: FileProof, part: Partial<FileProofFacts> = {}): FileProofFacts => ({
  ...{ shown: { file: "file:///a" }, name: "a", network: networks.testnet, isBusy: false, checkedAt: noon },
  proof,
  ...part,
});
const page = (proof: FileProof, part: Partial<FileProofFacts> = {}) => {
  const state = fileProofState(facts(proof, part), proofTelling);
  return { state, text: proofMarkdown(state, fileLinksOf(facts(proof, part), proofTelling), t).trimEnd() };
};
const check = (bytes: Uint8Array | string) => tools.check({ bytes: Buffer.from(bytes) });
const bytesOf = (...given: Parameters<typeof aReceipt>) => receiptTools.toBytes(aReceipt(...given));
const modelBytes = (...given: Parameters<typeof aModelReceipt>) =>
  receiptTools.toBytes(aModelReceipt(...given));

describe("The page of a receipt", () => {
  for (const [name, bytes] of [
    ["proven", bytesOf({ kind: "centralized" })],
    ["hashes alone", bytesOf({ kind: "combined", keepsBodies: false })],
    ["not proven", bytesOf({ kind: "separated", isReencoded: true, keepsBodies: false })],
    [
      "damaged",
      Buffer.from(
        Buffer.from(bytesOf({ kind: "combined" }))
          .toString()
          .replace('"c-1"', '"c-2"'),
      ),
    ],
    ["later", receiptTools.toBytes({ ...aReceipt({ kind: "combined" }), schema: "0g-receipt/2" as never })],
    ["of pictures", bytesOf({ kind: "combined", media: "pictures" })],
    ["of a tuned model", modelBytes()],
    ["of a model lost", modelBytes({ state: "penalty", acknowledgedBy: undefined })],
    ["no receipt", Buffer.from('{"schema":"0g-receipt/9"}')],
  ] as const)
    it(`says what was checked of one that is ${name}`, async () => {
      assertGolden(`receipt-${name.replace(/ /g, "-")}`, page(await check(bytes)).text);
    });

  it("says nothing of a key that did not sign the model", async () => {
    const made = aModelReceipt();
    const file = { ...made.file, tagsDigest: made.file.hash };
    const forged = receiptTools.toBytes({ ...made, file, digest: digestOf({ ...made, file }) });
    const { text } = page(await check(forged));
    assert.match(text, /Failed/);
    assert.match(text, /The receipt does not fit together/);
    assert.doesNotMatch(text, /signed this encrypted model/);
  });

  it("escapes what a stranger wrote", async () => {
    const made = aReceipt({ kind: "combined" });
    const evil = receiptTools.toBytes({ ...made, model: "[x](https://evil.example) `y`\n# z" });
    const { text } = page(await check(evil));
    assert.match(text, /- Says its model is: `\[x\] ?\(https:\/\/evil\.example\) 'y' # z`\n/);
    assert.doesNotMatch(text, /\n# z/);
  });
});

describe("The page of a report", () => {
  it("says sandbox of the sandbox's, and never Intel", async () => {
    for (const text of [new TestEnclave().report(), new TestEnclave().modelReport()]) {
      const { state, text: told } = page(await check(text));
      assert.equal(state.network, "Sandbox");
      assert.equal(state.summary?.word, "notProven");
      assert.doesNotMatch(told, /Intel|processor|\d proven/);
      assert.match(told, /Found: `\d+ bytes`/);
      assert.equal(state.canAskChain, true);
      assert.equal(state.canExport, undefined);
    }
  });

  it("says of a bare quote what cannot be compared", async () => {
    const { quote } = JSON.parse(new TestEnclave().report()) as { quote: string };
    const { state, text } = page(await check(quote));
    assert.match(text, /Quote of an enclave/);
    assert.equal(
      state.summary?.counts.some(({ status }) => status === "failed"),
      false,
    );
  });
});

describe("The page of an encrypted model", () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), "files-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("tells of each thing what was compared", async () => {
    const model = sealedModel(randomBytes(300_000));
    const path = join(folder, "model");
    writeFileSync(path, model.bytes);
    const known: KnownModel = { task: taskId, rootHash: model.keccak, signer: tuner.address as Address };
    const alone = page(await tools.check({ path }));
    assert.match(alone.text, /has the form of an encrypted model/);
    assert.match(alone.text, /Merkle root: `0x[0-9a-f]{64}`/);
    const proven = page(await tools.check({ path }, { models: [known] }));
    assert.match(proven.text, /: Proven\n/);
    assert.match(proven.text, new RegExp(`for your task ${taskId.replace(/-/g, "\\\\-")}`));
    const options = { models: [known] };
    const here = page(await tools.check({ path }, options), { network: networks.sandbox });
    assert.equal(here.state.isSandbox, true);
    assert.match(here.text, /proves possession of a key/);
  });

  it("has a sentence for every step and what became of it", () => {
    const all: Readonly<Record<FileStep["id"], readonly Partial<FileStep>[]>> = {
      "model-layout": [{ status: "observed" }, { status: "failed", why: "different" }],
      "model-signer": [
        {},
        { status: "failed", why: "different" },
        { status: "failed", why: "noSignature" },
        { status: "not-checked", why: "noKey" },
      ],
      "model-hash": [{}, { status: "failed", why: "different" }, { status: "not-checked", why: "noTask" }],
      "model-contents": [{ why: "byHash" }, { status: "not-checked", why: "sealed" }],
      "on-chain": [
        { status: "observed" },
        { status: "not-checked", why: "notNamed" },
        { status: "not-checked", why: "otherKey" },
        { status: "not-checked", why: "otherNetwork" },
      ],
    };
    const hash = `0x${"1".repeat(64)}` as Hash;
    const steps = (Object.keys(all) as FileStep["id"][]).flatMap((id) =>
      all[id].map((part): FileStep => ({ id, status: "proven", left: "1", right: "2", ...part })),
    );
    const model: ModelProof = { merkle: hash, keccak: hash, task: "x" as TaskId, steps };
    assertGolden("file-steps", page({ kind: "model", size: 77, model }).text);
  });

  it("says whose key it is when the chain was asked, and until when it reads", () => {
    const hash = `0x${"1".repeat(64)}` as Hash;
    const model: ModelProof = { merkle: hash, keccak: hash, signer: address("b"), steps: [] };
    const onChain: FileStep = { id: "on-chain", status: "observed", left: address("a"), right: address("b") };
    const { text } = page({ kind: "model", size: 77, model, onChain });
    assert.match(text, /against the chain/);
    assert.match(text, /This provider names the key now/);
    assert.equal(
      page({ kind: "model", size: 77, model }, { isBusy: true, fraction: 0.507 }).state.status,
      "Reading the file: 50 %",
    );
  });
});

describe("The page of anything else", () => {
  const reasons: Readonly<Record<UnknownFile, true>> = {
    ...{ folder: true, special: true, unreadable: true, empty: true, tooLarge: true },
    ...{ json: true, text: true, zip: true, binary: true, notOnDisk: true, unasked: true },
  };

  it("says of a file that is named like a receipt that it is damaged, where there is one", () => {
    const named = (why: UnknownFile) =>
      page({ kind: "unknown", size: 3, why }, { name: "a.0greceipt.json" }).state.problem?.text ?? "";
    for (const why of ["empty", "json", "text", "binary"] as const) assert.match(named(why), /damaged/);
    assert.doesNotMatch(named("unreadable"), /damaged/);
    const { problem } = page({ kind: "unknown", size: 3, why: "json" }).state;
    assert.equal(problem?.isNotice, undefined);
    assert.doesNotMatch(page({ kind: "unknown", size: 3, why: "json" }).text, /damaged/);
  });

  it("says of a large one that it was not read, and how it is", () => {
    const { state } = page(
      { kind: "unknown", size: 5_000_000, why: "unasked" },
      { name: "a.0greceipt.json" },
    );
    assert.match(state.problem?.text ?? "", /^This is a large JSON file.* when you ask\.$/);
    assert.equal(state.problem?.action, "Check this file");
    assert.equal(state.problem?.isNotice, true, "nothing is wrong with it");
    assert.equal(state.strings.again, "Check again");
    assert.deepEqual([state.status, state.summary, state.links], ["Not checked yet.", undefined, []]);
  });

  for (const why of (Object.keys(reasons) as UnknownFile[]).filter((one) => one !== "unasked"))
    it(`says in one sentence what it is not, and what can be verified: ${why}`, () => {
      const { state } = page({ kind: "unknown", size: 0, why });
      assert.match(state.problem?.text ?? "", /^This [^.]*\. Files that can be verified: [^.]*\.$/);
      assert.deepEqual([state.links, state.summary, state.canAskChain], [[], undefined, undefined]);
    });
});

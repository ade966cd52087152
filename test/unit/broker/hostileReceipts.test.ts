// Receipts that a stranger made to hold up whoever opens them: refused by name, in the time it takes to look at each byte, and nothing thrown.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileTools } from "../../../src/broker/files/checkFile.js";
import { canonicalText, digestOf } from "../../../src/broker/receipts/canonicalText.js";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import { sha256Hex } from "../../../src/broker/wire/hash.js";
import { mostUnasked, type AnswerReceipt } from "../../../src/domain/receipt.js";
import { fastClock, keepingLog } from "../../conformance/ledgerSupport.js";
import { aModelReceipt, aReceipt, type Sample } from "../../support/receipts.js";

const megabyte = 1_000_000;
const recheck = (bytes: Uint8Array) => receiptTools.recheck(bytes);

const withMember = (text: string, member: string) =>
  Buffer.from(
    `${canonicalText(aReceipt({ kind: "combined" }))
      .trimEnd()
      .slice(0, -1)},"x":${member}${text}}`,
  );

function forged(sample: Sample, change: (receipt: AnswerReceipt) => object): Buffer {
  const receipt = aReceipt(sample);
  const made = { ...receipt, ...change(receipt) };
  return Buffer.from(canonicalText({ ...made, digest: digestOf(made) }));
}

function bodyOf(text: string) {
  const bytes = Buffer.from(text);
  return { sha256: sha256Hex(bytes), length: bytes.length, base64: bytes.toString("base64") };
}

async function withFolder(work: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "large-"));
  try {
    await work(join(folder, "a.0greceipt.json"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** So many bytes of it, and one more without the comma. */
const list = (unit: string, bytes: number) =>
  `${`${unit},`.repeat(Math.floor(bytes / (unit.length + 1)))}${unit}`;

describe("A receipt made to hold up whoever opens it", function () {
  this.timeout(60_000);

  const cases: readonly (readonly [what: string, why: string, made: () => Buffer])[] = [
    ["49 MB of empty objects", "tooMany", () => withMember("", `[${list("{}", 49 * megabyte)}]`)],
    [
      "49 MB of numbers 28 deep",
      "tooMany",
      () => withMember("", `${"[".repeat(28)}${list("1", 49 * megabyte)}${"]".repeat(28)}`),
    ],
    ["49 MB of members", "tooMany", () => withMember("", `{${list('"k":0', 49 * megabyte)}}`)],
    ["lists in lists", "tooDeep", () => withMember("", `${"[".repeat(20 * megabyte)}`)],
    [
      "what looks like lists in a string, and then members",
      "tooMany",
      () => withMember("", `["\\"[[[[[[[${"[".repeat(200)}",${list("{}", megabyte)}]`),
    ],
    [
      "a response of empty objects",
      "tooMany",
      () =>
        forged({ kind: "combined" }, () => ({ response: bodyOf(`{"x":[${list("{}", 30 * megabyte)}]}`) })),
    ],
    [
      "a response of empty objects behind a byte order mark",
      "tooMany",
      () =>
        forged({ kind: "combined" }, () => ({
          response: bodyOf(`\uFEFF {"x":[${list("{}", 30 * megabyte)}]}`),
        })),
    ],
    [
      "a request of lists in lists",
      "tooMany",
      () =>
        forged({ kind: "separated" }, () => ({
          request: bodyOf(`{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`),
        })),
    ],
    [
      "a service's entry of empty objects",
      "badField",
      () =>
        forged({ kind: "combined" }, ({ service }) => ({
          service: { ...service, additionalInfo: `{"x":[${list("{}", 20 * megabyte)}]}` },
        })),
    ],
  ];
  for (const [what, why, made] of cases)
    it(`is refused by name: ${what}`, () => {
      const bytes = made();
      const at = performance.now();
      const { word, checks } = recheck(bytes);
      const took = performance.now() - at;
      assert.deepEqual([word, checks[0]?.id, checks[0]?.why], ["failed", "form", why]);
      assert.equal(receiptTools.summary(bytes), undefined);
      console.log(`        ${(bytes.length / megabyte).toFixed(1)} MB in ${Math.round(took)} ms`);
      assert.ok(took < 5_000, `${took} ms`);
    });

  it("is still checked where it is as large as an honest one may be", () => {
    const requests = [
      JSON.stringify({ model: "m", messages: [{ role: "user", content: "x".repeat(30 * megabyte) }] }),
      JSON.stringify({
        model: "m",
        messages: Array.from({ length: 30_000 }, () => ({ role: "user", content: "x" })),
      }),
    ];
    for (const request of requests) {
      const bytes = forged({ kind: "separated" }, () => ({ request: bodyOf(request) }));
      const at = performance.now();
      const { word, checks } = recheck(bytes);
      console.log(
        `        ${(bytes.length / megabyte).toFixed(1)} MB in ${Math.round(performance.now() - at)} ms`,
      );
      assert.equal(word, "failed");
      assert.equal(checks.find(({ id }) => id === "request-hash")?.status, "failed");
      assert.equal(checks.find(({ id }) => id === "form")?.status, "proven");
    }
  });

  it("is not read as another kind of file either", async () => {
    const tools = createFileTools({ clock: fastClock(), log: keepingLog() });
    const kindOf = async (bytes: Uint8Array) => {
      const proof = await tools.check({ bytes }, { isAsked: true });
      return proof.kind === "unknown" ? proof.why : proof.kind;
    };
    const receipt = await tools.check({ bytes: cases[0]![2]() }, { isAsked: true });
    assert(receipt.kind === "receipt" && receipt.recheck.word === "failed");
    const others: readonly (readonly [unit: string, bytes: number, kind: string])[] = [
      ["{}", 49 * megabyte, "tooLarge"],
      ["{}", 3.9 * megabyte, "json"],
      [`"${"ab".repeat(1_000)}"`, 60 * megabyte, "tooLarge"],
    ];
    for (const [unit, bytes, kind] of others)
      assert.equal(await kindOf(Buffer.from(`{"quote":"abcd","x":[${list(unit, bytes)}]}`)), kind);
    const hex = `{"quote":"${"ab".repeat(2_000_000)}"}`;
    assert.equal(await kindOf(Buffer.from(hex)), "report");
  });

  it("is read when somebody asks, and not whenever it opens or changes, from 4 MB on", async () => {
    const tools = createFileTools({ clock: fastClock(), log: keepingLog() });
    const ofSize = (size: number) => {
      const rest = canonicalText(aReceipt({ kind: "combined" })).slice(1);
      return Buffer.from(`{${" ".repeat(size - rest.length - 1)}${rest}`);
    };
    await withFolder(async (path) => {
      for (const [size, isAsked, kind] of [
        [mostUnasked, false, "receipt"],
        [mostUnasked + 1, false, "unasked"],
        [mostUnasked + 1, true, "receipt"],
      ] as const) {
        const bytes = ofSize(size);
        writeFileSync(path, bytes);
        for (const source of [{ bytes }, { path }]) {
          const proof = await tools.check(source, { isAsked });
          assert.deepEqual([proof.kind === "unknown" ? proof.why : proof.kind, proof.size], [kind, size]);
        }
      }
    });
  });

  it("costs about as much in long keys as in as much other text", () => {
    const count = 9_800;
    const members = Array.from(
      { length: count },
      (_, at) => `"${"k".repeat(4_000)}${(at * 7919) % count}":0`,
    );
    const keys = withMember("", `{${members.join()}}`);
    const text = forged({ kind: "combined" }, () => ({ response: bodyOf("k".repeat(29.3 * megabyte)) }));
    const [ofKeys = 0, ofText = 1] = [keys, text].map((bytes) => {
      const before = process.cpuUsage().user;
      assert.equal(recheck(bytes).word, "failed");
      return (process.cpuUsage().user - before) / 1_000;
    });
    console.log(`        39 MB of keys in ${ofKeys.toFixed(0)} ms, of text in ${ofText.toFixed(0)} ms`);
    assert.ok(ofKeys < 2.2 * ofText);
  });

  it("throws nothing, whatever is cut, doubled or put in between", () => {
    const sources = [aReceipt({ kind: "combined" }), aReceipt({ kind: "centralized" }), aModelReceipt()];
    const inserts = ["[", "]", "{", "}", '"', "\\", ",", ":", "\0", "\u{10ffff}", "\\ud800", "1e999", "null"];
    let count = 0;
    for (const source of sources) {
      const text = canonicalText(source);
      for (let at = 1; at < text.length; at += 61)
        for (const one of inserts) {
          for (const changed of [text.slice(0, at) + one + text.slice(at), text.slice(0, at), text.slice(at)])
            assert.notEqual(recheck(Buffer.from(changed)).word, "proven");
          count += 3;
        }
    }
    console.log(`        ${count} texts, none thrown at, none proven`);
  });
});

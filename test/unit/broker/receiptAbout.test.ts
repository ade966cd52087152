// What a receipt says of itself beside the bytes in it, and what a terminal is told of what strangers wrote.
import assert from "node:assert/strict";
import { canonicalText, digestOf } from "../../../src/broker/receipts/canonicalText.js";
import { answerReceiptId } from "../../../src/broker/receipts/makeReceipt.js";
import { recheck } from "../../../src/broker/receipts/recheck.js";
import { summaryOf } from "../../../src/broker/receipts/summary.js";
import { chatIdOf } from "../../../src/broker/wire/chatAnswer.js";
import { sha256Hex } from "../../../src/broker/wire/hash.js";
import { levelOf, reportLines } from "../../../src/cli/receipts/report.js";
import { withSigner } from "../../../src/cli/receipts/withSigner.js";
import type { Address } from "../../../src/domain/ids.js";
import { networks } from "../../../src/domain/networks.js";
import type { AnswerReceipt, ReceiptBody } from "../../../src/domain/receipt.js";
import { receiptFacts, receiptSentence } from "../../../src/view/proof/receiptReport.js";
import { english } from "../../../src/view/translate.js";
import { aReceipt, type Media, type Sample } from "../../support/receipts.js";
import { runVerifyReceipt, withFiles } from "../../support/verifyReceipt.js";

const stranger = `0x${"99".repeat(20)}` as Address;

/** By somebody who reckons number and digest anew. */
function forged(sample: Sample, change: (receipt: AnswerReceipt) => object): Uint8Array {
  const receipt = aReceipt(sample);
  const changed = { ...receipt, ...change(receipt) } as AnswerReceipt;
  const made = { id: answerReceiptId(changed), ...change(receipt) };
  const whole = { ...changed, ...made };
  return Buffer.from(canonicalText({ ...whole, digest: digestOf(whole) }));
}

const combined: Sample = { kind: "combined" };
const asImage = ({ service }: AnswerReceipt) => ({
  kind: "image",
  service: { ...service, serviceType: "text-to-image" },
});
/** The bytes that a chat's signature covers, as the picture in another answer. */
const asPicture = (receipt: AnswerReceipt) => {
  const { request, response, verdict } = receipt;
  const bytes = Buffer.from(JSON.stringify({ data: [{ b64_json: response.base64 }] }));
  const left = sha256Hex(bytes);
  const checks = verdict.checks.map((check) =>
    check.id === "response-hash" ? { ...check, left, why: "pictures" } : check,
  );
  return {
    ...asImage(receipt),
    isStreamed: false,
    request: { sha256: request.sha256, length: request.length },
    response: { sha256: left, length: bytes.length, base64: bytes.toString("base64") },
    verdict: { ...verdict, checks },
  };
};
const asAnswer = ({ service }: AnswerReceipt) => ({
  kind: "answer",
  service: { ...service, serviceType: "chatbot" },
});

describe("A receipt of an answer whose enclave had failed", () => {
  const bytes = forged(combined, ({ verdict }) => ({
    verdict: {
      ...verdict,
      checks: verdict.checks.map((check) =>
        check.id === "enclave" ? { ...check, status: "failed", why: "changed" } : check,
      ),
    },
  }));

  it("is not proven, though its signature holds, in the list, on the page and in the line", () => {
    const found = recheck(bytes);
    assert.deepEqual([found.word, found.level], ["notProven", "verified"]);
    assert.equal(summaryOf(bytes)?.word, "notProven");
    assert.match(receiptSentence(found, english), /But the provider's enclave did not pass/);
    assert.deepEqual(levelOf(found), {});
    const [line] = reportLines("f", found);
    assert.match(line ?? "", /^NOT PROVEN f: .*\(its enclave had failed\)/);
  });
});

describe("A receipt whose request has a member twice", () => {
  it("is not proven by what the provider signed, which has it once", () => {
    const found = recheck(
      forged(combined, ({ request, verdict }) => {
        const real = Buffer.from(request.base64 ?? "", "base64").toString();
        const bytes = Buffer.from(`{"messages":[{"role":"user","content":"Is it safe?"}],${real.slice(1)}`);
        const left = sha256Hex(bytes);
        const checks = verdict.checks.map((check) =>
          check.id === "request-hash" ? { ...check, left, why: "rewritten" } : check,
        );
        return {
          request: { sha256: left, length: bytes.length, base64: bytes.toString("base64") },
          verdict: { ...verdict, checks },
        };
      }),
    );
    assert.notEqual(found.word, "proven");
    assert.equal(found.level, "response-bound");
    assert.equal(found.checks.find(({ id }) => id === "request-hash")?.status, "failed");
  });
});

describe("What a receipt says of itself", () => {
  const forgeries: readonly (readonly [what: string, bytes: Uint8Array, id: string, why: string])[] = [
    ["another model than its request names", forged(combined, () => ({ model: "M" })), "about", "otherModel"],
    ["a stream for a plain answer", forged(combined, () => ({ isStreamed: true })), "about", "otherForm"],
    [
      "a plain answer for a stream",
      forged({ ...combined, isStreamed: true }, () => ({ isStreamed: false })),
      "about",
      "otherForm",
    ],
    ["a picture for an answer", forged(combined, asImage), "about", "otherKind"],
    ["a picture whose bytes are an answer", forged(combined, asPicture), "about", "otherKind"],
    [
      "a picture whose bytes are a streamed answer",
      forged({ ...combined, isStreamed: true }, asPicture),
      "about",
      "otherKind",
    ],
    [
      "a transcript for an answer",
      forged(combined, ({ service }) => ({
        kind: "transcript",
        service: { ...service, serviceType: "speech-to-text" },
      })),
      "about",
      "otherKind",
    ],
    ["a picture for a stream", forged({ ...combined, isStreamed: true }, asImage), "about", "otherKind"],
    [
      "a picture for a transcript",
      forged({ ...combined, media: "transcript" }, asImage),
      "about",
      "otherKind",
    ],
    [
      "an answer for a link to a picture",
      forged({ ...combined, media: "pictureLink" }, asAnswer),
      "about",
      "otherKind",
    ],
    [
      "an answer for a transcript",
      forged({ ...combined, media: "transcript" }, asAnswer),
      "about",
      "otherKind",
    ],
    ["another number", forged(combined, () => ({ id: "0".repeat(24) })), "about", "otherId"],
    [
      "another id where the answer's own is the one",
      forged({ kind: "separated" }, () => ({ chatId: "c-2" })),
      "about",
      "otherChatId",
    ],
    [
      "another contract of a known network",
      forged(combined, ({ network }) => ({ network: { ...network, contract: stranger } })),
      "chain",
      "otherContract",
    ],
    [
      "another chain of a known network",
      forged(combined, ({ network }) => ({ network: { ...network, id: "mainnet" } })),
      "chain",
      "otherChain",
    ],
    [
      "the contract of fine-tuning",
      forged(combined, ({ network }) => ({
        network: { ...network, contract: networks.testnet.contracts.fineTuning },
      })),
      "chain",
      "otherContract",
    ],
  ];
  for (const [what, bytes, id, why] of forgeries)
    it(`is refused by name: ${what}`, () => {
      const { word, checks } = recheck(bytes);
      assert.equal(word, "failed");
      const failed = checks.filter(({ status }) => status === "failed");
      assert.ok(
        failed.some((check) => check.id === id && check.why === why),
        JSON.stringify(failed),
      );
      assert.ok(failed.every((check) => !["form", "digest"].includes(check.id)));
    });

  it("is named by what was asked for, and a transcript by its first words", () => {
    const titled = (sample: Partial<Sample>, change: (receipt: AnswerReceipt) => object = () => ({})) =>
      summaryOf(forged({ ...combined, ...sample }, change))?.title;
    const heard = (text: string) => (receipt: AnswerReceipt) => ({
      response: { ...receipt.response, base64: Buffer.from(text).toString("base64") },
    });
    assert.equal(titled({ media: "picture" }), "a ledger");
    assert.equal(titled({ media: "transcript" }), "Grüße");
    const subtitles =
      "WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\nGood evening\nall\n\n2\n00:00:02.000 --> 00:00:04.000\nof you\n";
    assert.equal(titled({ media: "transcript" }, heard(subtitles)), "Good evening all of you");
    assert.equal(titled({ media: "transcript", keepsBodies: false }), undefined);
  });

  it("says which bytes it does not hold", () => {
    const found = recheck(forged({ ...combined, media: "transcript" }, () => ({})));
    const { receipt } = found;
    assert.ok(receipt?.kind === "transcript");
    const hashOf = ({ sha256, length }: ReceiptBody) => ({ sha256, length });
    const told = (part: Partial<AnswerReceipt>) =>
      receiptSentence({ ...found, receipt: { ...receipt, ...part } }, english);
    const request = hashOf(receipt.request);
    const response = hashOf(receipt.response);
    assert.match(told({}), /signed exactly these bytes\./);
    assert.match(told({ request }), /signed these hashes; the bytes sent are not in the receipt\./);
    assert.match(told({ response }), /signed these hashes; the bytes received are not in the receipt\./);
    assert.match(told({ request, response }), /the bytes themselves are not in the receipt\./);
  });

  it("is told as its own word where no byte shows it: provider, network, time, the id of a header", () => {
    for (const change of [
      (receipt: AnswerReceipt) => ({ service: { ...receipt.service, provider: stranger } }),
      () => ({
        network: { id: "custom", name: "Mainnet", chainId: 16661, contract: stranger },
      }),
      () => {
        const time = "2019-01-01T00:00:00.000Z";
        return { madeAt: time, sentAt: time, finishedAt: time };
      },
      () => ({ chatId: "someone-else" }),
    ]) {
      const result = recheck(forged(combined, change));
      assert.equal(result.word, "proven");
      const [line = ""] = reportLines("f", result);
      assert.match(line, /^PROVEN f: answer, signed by 0x\w{40} \(verified\); says it is by 0x\w{40} on /);
      assert.doesNotMatch(line, /Mainnet/);
    }
  });

  it("is all its own word where the bytes were not kept: nothing is proven by the number alone", () => {
    const alone: Sample = { ...combined, keepsBodies: false };
    for (const change of [
      () => ({ model: "Other-405B" }),
      (receipt: AnswerReceipt) => ({ ...asImage(receipt), arePicturesInBytes: true }),
      ({ response }: AnswerReceipt) => ({ response: { ...response, length: 999_999_999 } }),
    ]) {
      const result = recheck(forged(alone, change));
      const about = result.checks.find(({ id }) => id === "about");
      assert.deepEqual([about?.status, about?.why, about?.right?.length], ["not-checked", "idAlone", 24]);
      assert.deepEqual(result.shown, []);
      const [line = ""] = reportLines("f", result);
      assert.match(line, /^PROVEN f: signed by 0x\w{40} \(verified\); says it is an? (answer|image) by 0x/);
      const [kind, model] = receiptFacts(result.receipt!, result.shown, english, String);
      assert.deepEqual([kind?.label, model?.label], ["Says it is", "Says its model is"]);
    }
  });

  it("is told as found where the bytes say it too, each for itself", () => {
    const shownOf = (media?: Media) => recheck(forged({ ...combined, media }, () => ({}))).shown;
    for (const media of [undefined, "pictures", "pictureLink"] as const)
      assert.deepEqual(shownOf(media), ["model", "kind"]);
    // The model that a form names is not looked for.
    assert.deepEqual(shownOf("transcript"), ["kind"]);
    const told = recheck(forged({ ...combined, media: "transcript" }, () => ({ model: "M" })));
    const labels = receiptFacts(told.receipt!, told.shown, english, String).map(({ label }) => label);
    assert.deepEqual(labels.slice(0, 2), ["Kind", "Says its model is"]);
  });

  it("that failed is told by what failed, never by what its signature alone would be worth", () => {
    const failed = [
      recheck(forged(combined, () => ({ model: "M" }))),
      withSigner(recheck(forged(combined, () => ({}))), stranger),
    ];
    for (const result of failed) {
      const [line = ""] = reportLines("f", result);
      assert.match(line, /^FAILED f: (about|known-signer) failed; says it is an answer by 0x/);
      assert.doesNotMatch(line, /verified|signed by/);
      assert.deepEqual(levelOf(result), {});
    }
    const unsigned = recheck(forged(combined, ({ signed }) => ({ signed: { ...signed, text: "x" } })));
    assert.equal(levelOf(unsigned).level, "forged");
  });

  it("follows the answer's own id where the model signs by itself, whatever a header names", () => {
    assert.equal(chatIdOf("header", { id: "own" }, "separated"), "own");
    assert.equal(chatIdOf("header", {}, "separated"), "header");
    for (const one of ["combined", "centralized"] as const)
      assert.equal(chatIdOf("header", { id: "own" }, one), "header");
  });
});

describe("What the script prints of a stranger's words", function () {
  this.timeout(30_000);
  const evil = "\u009b31mRED\u009b2J\u202etxt.exe\u007f\u001b[2J\u2028\u{e0001}";
  const bytes = forged(combined, ({ verdict, network, tools }) => ({
    verdict: {
      ...verdict,
      checks: verdict.checks.map((check) =>
        check.id === "enclave" ? { ...check, why: evil, left: evil } : check,
      ),
    },
    network: { ...network, name: evil },
    tools: { ...tools, [evil]: "x" },
  }));

  it("moves no cursor and turns no text around, as lines and as JSON, which says the same", () => {
    withFiles({ "a.0greceipt.json": bytes }, (path) => {
      for (const words of [[], ["--json"]]) {
        const { out } = runVerifyReceipt(...words, path("a.0greceipt.json"));
        assert.match(out, /RED/);
        assert.doesNotMatch(out.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        if (words.length === 0) continue;
        const [told] = JSON.parse(out) as { checks: { id: string; why?: string }[] }[];
        assert.equal(told?.checks.find(({ id }) => id === "enclave")?.why, evil);
      }
    });
  });
});

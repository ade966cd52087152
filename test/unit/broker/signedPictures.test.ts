// Pictures that are not all in the bytes of their answer (spec inference.md 6.3): whatever is signed, they are not proven, then or later.
import assert from "node:assert/strict";
import { judge, isOtherBytes, withoutBytes } from "../../../src/broker/inference/verdict.js";
import type { Witnessed } from "../../../src/broker/inference/exchange.js";
import { mediaExchange } from "../../../src/broker/inference/relayAnswers.js";
import { relayJob } from "../../../src/broker/inference/relayJob.js";
import { imageExchange } from "../../../src/broker/media/pictures.js";
import type { BilledExchange } from "../../../src/broker/media/api.js";
import { digestOf } from "../../../src/broker/receipts/canonicalText.js";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import { personalSign, sha256Hex } from "../../../src/broker/wire/hash.js";
import { imagesText, plainText, routingText } from "../../../src/broker/wire/signedText.js";
import { networks } from "../../../src/domain/networks.js";
import type { AnswerReceipt } from "../../../src/domain/receipt.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import { anExchange, aServiceOf, routing, type SampleClass, signerOf } from "../../support/exchanges.js";
import { aPicture } from "../../support/media.js";
import { memoryLog } from "../../support/ports.js";

const classes = ["combined", "separated", "centralized"] as const;
const request = Buffer.from('{"model":"m","prompt":"an otter"}');
const picture = aPicture();
const b64_json = picture.toString("base64");
const url = "https://provider.example/v1/proxy/images/k/0";
const answers = { link: [{ url }], both: [{ b64_json, url }], apart: [{ b64_json }, { url }] };
const bytesOf = (data: unknown) => Buffer.from(JSON.stringify({ created: 1, data }));
const headers = new Headers({ "zg-res-key": "k" });
const made = { model: "m", requestBody: request, requestLength: request.length, sentAt: 0, finishedAt: 1 };
const serviceOf = (kind: SampleClass) => aServiceOf(kind, { serviceType: "text-to-image" });

const relayed = (kind: SampleClass, bytes: Uint8Array): BilledExchange =>
  mediaExchange(serviceOf(kind), { ...made, ended: "complete" }, headers, bytes).exchange;
const own = (kind: SampleClass, bytes: Uint8Array): BilledExchange =>
  imageExchange({ clock: { now: () => 1 } } as never, serviceOf(kind), made, headers, bytes);
const wholeText = (kind: SampleClass, bytes: Uint8Array) =>
  kind === "centralized" ? routingText(request, bytes, routing) : plainText(request, bytes);

function verdictOf(exchange: Witnessed, text: string): Verdict {
  const { privateKey } = signerOf(anExchange(exchange.service, false));
  const found = { text, signature: personalSign(text, privateKey) };
  return withoutBytes(judge({ exchange, signature: { found }, isSandbox: false, now: 0 }), (check) =>
    isOtherBytes(exchange, check),
  );
}

const said = ({ level, reason }: Partial<Pick<Verdict, "level" | "reason">>) => [
  level,
  ...(reason ? [reason] : []),
];

function receiptOf(exchange: BilledExchange, verdict: Verdict, keepsBodies: boolean): AnswerReceipt {
  const facts = { network: networks.testnet, madeAt: 2, keepsBodies, tools: {} };
  return receiptTools.ofAnswer(exchange, verdict, facts);
}

const pending: Verdict = { level: "pending", checks: [], checkedAt: 0, providerClass: "combined" };
const again = (receipt: AnswerReceipt) => receiptTools.recheck(receiptTools.toBytes(receipt));
const failed = ({ checks }: ReturnType<typeof again>) => checks.filter(({ status }) => status === "failed");
const elsewhere = ["signer-only", "picturesElsewhere"];

describe("Pictures that are not in the bytes of their answer", () => {
  for (const kind of classes)
    for (const [name, data] of Object.entries(answers))
      it(`are not proven by the hash of those bytes, nor by their receipts (${kind}, ${name})`, () => {
        const bytes = bytesOf(data);
        const exchange = relayed(kind, bytes);
        for (const text of [wholeText(kind, bytes), wholeText(kind, picture)]) {
          const verdict = verdictOf(exchange, text);
          assert.deepEqual(said(verdict), elsewhere);
          assert.ok(
            verdict.checks.every(({ id, status }) => id !== "response-hash" || status !== "failed"),
            "nothing is refuted",
          );
          for (const keepsBodies of [true, false]) {
            const found = again(receiptOf(exchange, verdict, keepsBodies));
            assert.deepEqual([found.word, ...said(found)], ["notProven", ...elsewhere]);
            assert.deepEqual(failed(found), []);
          }
        }
      });

  it("are not proven either when the signature comes after the bytes are gone", () => {
    for (const data of Object.values(answers)) {
      const bytes = bytesOf(data);
      const receipt = receiptOf(relayed("combined", bytes), pending, false);
      assert.deepEqual(
        said(verdictOf(receiptTools.witnessed(receipt), plainText(request, bytes))),
        elsewhere,
      );
    }
  });

  it("are not proven by a receipt that says they are in bytes in which they are not, or that says nothing of bytes it has not", () => {
    const link = bytesOf(answers.link);
    const verified = verdictOf(
      own("combined", bytesOf([{ b64_json }])),
      plainText(request, bytesOf([{ b64_json }])),
    );
    const signed = verdictOf(relayed("combined", link), plainText(request, link));
    for (const keepsBodies of [true, false]) {
      const receipt = receiptOf(
        relayed("combined", link),
        { ...signed, level: "verified", reason: undefined },
        keepsBodies,
      );
      const changed = { ...receipt, ...(keepsBodies ? { arePicturesInBytes: true } : {}) };
      const found = again({ ...changed, digest: digestOf(changed) });
      assert.deepEqual([found.word, found.reason], ["notProven", "picturesElsewhere"]);
    }
    assert.equal(verified.level, "verified");
  });

  it("are proven in the bytes, however those are signed, then and later, with the bytes and without", () => {
    const bytes = bytesOf([{ b64_json, url: null }]);
    for (const kind of classes)
      for (const exchange of [relayed(kind, bytes), own(kind, bytes)]) {
        const verdict = verdictOf(exchange, wholeText(kind, bytes));
        assert.deepEqual(said(verdict), ["verified"]);
        assert.equal(again(receiptOf(exchange, verdict, true)).word, "proven");
        assert.equal(again(receiptOf(exchange, verdict, false)).word, "proven");
        const late = receiptTools.witnessed(receiptOf(exchange, pending, false));
        assert.deepEqual(said(verdictOf(late, wholeText(kind, bytes))), ["verified"]);
      }
  });

  it("do not take from those in the bytes where only these are shown", () => {
    const bytes = bytesOf(answers.both);
    for (const text of [plainText(request, bytes), imagesText(request, [picture])]) {
      const exchange = own("combined", bytes);
      const verdict = verdictOf(exchange, text);
      assert.deepEqual(said(verdict), ["verified"]);
      assert.equal(again(receiptOf(exchange, verdict, true)).word, "proven");
    }
  });
});

describe("A job's answer of pictures", () => {
  const evil = aPicture(10, 10).toString("base64");
  const job = { model: "m", jobId: "j", requestHash: sha256Hex(request), requestLength: 1, sentAt: 0 };

  async function asked(body: string): Promise<Verdict> {
    const parts = {
      deps: {
        network: networks.testnet,
        log: memoryLog(),
        clock: { now: () => 1, after: () => () => undefined },
        closing: new AbortController().signal,
        fetch: () => Promise.resolve(new Response(body, { headers: { "zg-res-key": "k" } })),
      },
      sessions: { headers: () => Promise.resolve({ Authorization: "a" }), forget: () => undefined },
    };
    const { answer, exchange } = await relayJob(parts as never, serviceOf("combined"), job);
    assert.equal(Buffer.from(answer.bytes).toString(), body);
    assert.ok(exchange);
    return verdictOf(exchange, imagesText(request, [picture]));
  }

  const honest = `{"jobId":"j","status":"completed","data":{"created":1,"data":[{"b64_json":"${b64_json}"}]}}`;

  it("is verified as it is", async () => {
    assert.deepEqual(said(await asked(honest)), ["verified"]);
  });

  for (const [name, from, to] of [
    ["B64_JSON behind b64_json", /("b64_json":"[^"]*")/, `$1,"B64_JSON":"${evil}"`],
    ["b64_json twice", /"b64_json":/, `"b64_json":"${evil}","b64_json":`],
    ["data twice", /"data":\{/, `"data":{"data":[{"b64_json":"${evil}"}]},"data":{`],
    ["Data behind data", /\}$/, `,"Data":{"data":[{"b64_json":"${evil}"}]}}`],
    ["a link beside the picture", /("b64_json":"[^"]*")/, `$1,"url":"${url}"`],
  ] as const)
    it(`is not proven with ${name}`, async () => {
      const body = honest.replace(from, to);
      assert.notEqual(body, honest);
      assert.deepEqual(said(await asked(body)), elsewhere);
    });
});

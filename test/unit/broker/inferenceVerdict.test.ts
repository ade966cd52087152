// What a verdict may say: bit by bit, and case by case.
import assert from "node:assert/strict";
import type { Wallet } from "ethers";
import type { Exchange, Witnessed } from "../../../src/broker/inference/exchange.js";
import { type Evidence, isOtherBytes, judge, withoutBytes } from "../../../src/broker/inference/verdict.js";
import { personalSign, sha256Hex } from "../../../src/broker/wire/hash.js";
import { pythonJson } from "../../../src/broker/wire/pythonJson.js";
import { imagesText, plainText, routingText } from "../../../src/broker/wire/signedText.js";
import type { Address } from "../../../src/domain/ids.js";
import {
  anExchange,
  aServiceOf,
  broker,
  chainOf,
  fingerprint,
  honestText,
  model,
  plainBody,
  routing,
  type SampleClass,
  signerOf,
  stranger,
  streamBody,
} from "../../support/exchanges.js";

interface Signed {
  readonly text?: string;
  readonly by?: Wallet;
  readonly signature?: string;
}

function evidence(exchange: Exchange, signed: Signed = {}, change: Partial<Evidence> = {}): Evidence {
  const text = signed.text ?? honestText(exchange);
  const signature = signed.signature ?? personalSign(text, (signed.by ?? signerOf(exchange)).privateKey);
  return { exchange, signature: { found: { text, signature } }, isSandbox: false, now: 0, ...change };
}

function outcome(given: Evidence): string {
  const { level, reason } = judge(given);
  return reason ? `${level} ${reason}` : level;
}

/** Seeded, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = copy[bit >> 3]! ^ (1 << (bit & 7));
  return copy;
}

function isSameJson(a: Uint8Array, b: Uint8Array): boolean {
  try {
    assert.deepEqual(JSON.parse(Buffer.from(a).toString()), JSON.parse(Buffer.from(b).toString()));
    return true;
  } catch {
    return false;
  }
}

describe("a verdict", function () {
  this.timeout(120_000);

  for (const kind of ["combined", "separated", "centralized"] as const)
    for (const isStreamed of [false, true])
      it(`is verified for an honest ${isStreamed ? "streamed" : "plain"} answer (${kind}) and for none with a flipped bit`, () => {
        const exchange = anExchange(aServiceOf(kind), isStreamed);
        const text = honestText(exchange);
        const signature = personalSign(text, signerOf(exchange).privateKey);
        const raw = Buffer.from(signature.slice(2), "hex");
        assert.equal(outcome(evidence(exchange, { text, signature })), "verified");
        const seed = 7;
        const below = random(seed);
        const levels: Record<string, number> = {};
        const parts: Record<string, { bits: number; change: (bit: number) => Evidence }> = {
          request: {
            bits: exchange.requestBody.length * 8,
            change: (bit) =>
              evidence({ ...exchange, requestBody: flipped(exchange.requestBody, bit) }, { text, signature }),
          },
          response: {
            bits: exchange.responseBody.length * 8,
            change: (bit) =>
              evidence(
                anExchange(exchange.service, isStreamed, {
                  responseBody: flipped(exchange.responseBody, bit),
                }),
                { text, signature },
              ),
          },
          text: {
            bits: text.length * 8,
            change: (bit) =>
              evidence(exchange, { text: flipped(Buffer.from(text), bit).toString("latin1"), signature }),
          },
          signature: {
            bits: raw.length * 8,
            change: (bit) =>
              evidence(exchange, { text, signature: `0x${flipped(raw, bit).toString("hex")}` }),
          },
        };
        for (const [part, { bits, change }] of Object.entries(parts))
          for (let turn = 0; turn < 60; turn++) {
            const bit = below(bits);
            const { level } = judge(change(bit));
            // Re-encoded by the known rules, a request with \\u003C for \\u003c is the signed one: not a byte of its meaning differs.
            const isSameRequest =
              part === "request" && isSameJson(flipped(exchange.requestBody, bit), exchange.requestBody);
            if (!isSameRequest) assert.notEqual(level, "verified", `${part}, bit ${bit}`);
            levels[`${part} -> ${level}`] = (levels[`${part} -> ${level}`] ?? 0) + 1;
          }
        console.log(
          `        seed ${seed}: ${Object.entries(levels)
            .map(([name, count]) => `${name} ${count}`)
            .join(", ")}`,
        );
      });

  it("accepts Python's writing of a plain answer from separated providers only, and only with the same meaning", () => {
    const dumped = Buffer.from(pythonJson(plainBody.toString())!);
    const signed = (kind: SampleClass, isStreamed = false) => {
      const exchange = anExchange(aServiceOf(kind), isStreamed, { responseBody: plainBody });
      return { exchange, text: plainText(exchange.requestBody, dumped) };
    };
    const good = signed("separated");
    assert.equal(outcome(evidence(good.exchange, { text: good.text })), "verified");
    assert.equal(
      outcome(evidence(signed("combined").exchange, { text: signed("combined").text })),
      "mismatch wrongResponse",
    );
    assert.equal(
      outcome(evidence({ ...good.exchange, isStreamed: true }, { text: good.text })),
      "mismatch wrongResponse",
    );
    assert.equal(
      outcome(evidence({ ...good.exchange, text: "other" }, { text: good.text })),
      "mismatch wrongResponse",
    );
    const { checks } = judge(evidence(good.exchange, { text: good.text }));
    const check = checks.find(({ id }) => id === "response-hash");
    assert.deepEqual([check?.status, check?.why], ["proven", "rewritten"]);
    assert.notEqual(check?.left, check?.right);
    const signature = personalSign(good.text, model.privateKey);
    let same = 0;
    for (let bit = 0; bit < plainBody.length * 8; bit += 5) {
      const responseBody = flipped(plainBody, bit);
      const changed = anExchange(good.exchange.service, false, { responseBody });
      if (judge(evidence(changed, { text: good.text, signature })).level !== "verified") continue;
      same++;
      assert.deepEqual(JSON.parse(responseBody.toString()), JSON.parse(plainBody.toString()));
    }
    console.log(
      `        ${Math.ceil((plainBody.length * 8) / 5)} flips, ${same} of them without another meaning`,
    );
  });

  it("accepts it of no answer in which another reader sees something else", () => {
    const service = aServiceOf("separated");
    const message = (content: string) => `[{"message":{"role":"assistant","content":${content}}}]`;
    const bodies = {
      said: Buffer.from(`{"choices":${message('"good"')}}`),
      twice: Buffer.from(`{"choices":${message('"evil"')},"choices":${message('"good"')}}`),
      broken: Buffer.from(`{"choices":${message('"go\xff"')}}`, "latin1"),
    };
    const found = Object.entries(bodies).map(([name, responseBody]) => {
      const exchange = anExchange(service, false, { responseBody });
      const dumped = Buffer.from(pythonJson(responseBody.toString())!);
      return [name, outcome(evidence(exchange, { text: plainText(exchange.requestBody, dumped) }))];
    });
    assert.deepEqual(Object.fromEntries(found), {
      said: "verified",
      twice: "mismatch wrongResponse",
      broken: "mismatch wrongResponse",
    });
  });

  it("stays a loud one for an answer too long to be read as Python would", () => {
    const filler = "a".repeat(30_000_000);
    const responseBody = Buffer.from(`{"filler":"${filler}","choices":[{"message":{"content":"hi"}}]}`);
    const exchange = anExchange(aServiceOf("separated"), false, { responseBody });
    const text = plainText(exchange.requestBody, Buffer.from("another answer"));
    assert.equal(outcome(evidence(exchange, { text })), "mismatch wrongResponse");
  });

  it("counts a request that was rewritten by the known rules as the one we sent", () => {
    const sent = '{"model":"m","stream":true,"messages":[]}';
    const exchange = anExchange(aServiceOf("combined"), true, { requestBody: Buffer.from(sent) });
    const hashed = '{"messages":[],"model":"m","stream":true,"stream_options":{"include_usage":true}}';
    assert.equal(
      outcome(evidence(exchange, { text: plainText(Buffer.from(hashed), streamBody) })),
      "verified",
    );
    const other = '{"messages":[],"model":"m2","stream":true,"stream_options":{"include_usage":true}}';
    assert.equal(
      outcome(evidence(exchange, { text: plainText(Buffer.from(other), streamBody) })),
      "response-bound requestRewritten",
    );
  });

  it("names the key that must sign by class, and no other", () => {
    assert.equal(
      outcome(evidence(anExchange(aServiceOf("separated"), false), { by: broker })),
      "forged wrongSigner",
    );
    assert.equal(
      outcome(evidence(anExchange(aServiceOf("combined"), false), { by: model })),
      "forged wrongSigner",
    );
    assert.equal(
      outcome(evidence(anExchange(aServiceOf("centralized"), false), { by: stranger })),
      "forged wrongSigner",
    );
    const invalid = aServiceOf("separated", {
      additionalInfoText: JSON.stringify({ TargetSeparated: true, TargetTeeAddress: "0x1234" }),
    });
    assert.equal(outcome(evidence(anExchange(invalid, false), { by: broker })), "forged wrongSigner");
  });

  it("needs the routing proof of the announced vendor from relaying providers, and from nobody else", () => {
    const exchange = anExchange(aServiceOf("centralized"), false);
    const { requestBody, responseBody } = exchange;
    const proof = (change: object) => routingText(requestBody, responseBody, { ...routing, ...change });
    const text = plainText(requestBody, responseBody);
    assert.equal(outcome(evidence(exchange, { text })), "signer-only noRoutingProof");
    assert.equal(
      outcome(evidence(exchange, { text: proof({ providerIdentity: "minimax" }) })),
      "signer-only wrongRouting",
    );
    assert.equal(
      outcome(evidence(exchange, { text: proof({ providerType: "standard" }) })),
      "signer-only wrongRouting",
    );
    const direct = anExchange(aServiceOf("combined"), false);
    assert.equal(
      outcome(evidence(direct, { text: routingText(direct.requestBody, direct.responseBody, routing) })),
      "signer-only wrongRouting",
    );
  });

  it("takes no text of another form", () => {
    const exchange = anExchange(aServiceOf("combined"), false);
    const { requestBody, responseBody } = exchange;
    const texts = [
      "hello",
      "",
      imagesText(requestBody, [responseBody, responseBody]),
      `zg-sig-v1/e2ee-ct:${plainText(requestBody, responseBody)}`,
      `${plainText(requestBody, responseBody)} `,
      plainText(requestBody, responseBody).toUpperCase(),
    ];
    for (const text of texts)
      assert.equal(outcome(evidence(exchange, { text })), "signer-only unknownForm", text);
  });

  it("is never verified for an answer that was stopped or cut, even when every hash is right", () => {
    for (const ended of ["stopped", "cut"] as const) {
      const exchange = anExchange(aServiceOf("combined"), true, { ended });
      assert.equal(outcome(evidence(exchange)), `signer-only ${ended}`);
      assert.equal(outcome(evidence(exchange, { by: stranger })), "forged wrongSigner");
      assert.equal(outcome({ ...evidence(exchange), signature: { why: "notFound" } }), `unsigned ${ended}`);
    }
  });

  it("follows the chain: replaced, disowned, unreadable", () => {
    const service = aServiceOf("combined");
    const exchange = anExchange(service, false);
    const rotated = aServiceOf("combined", { teeSigner: model.address as Address });
    assert.equal(outcome(evidence(exchange, {}, { chain: chainOf(service) })), "verified");
    assert.equal(outcome(evidence(exchange, {}, { chain: chainOf(rotated) })), "signer-only signerRotated");
    assert.equal(
      outcome(evidence(exchange, { by: model }, { chain: chainOf(rotated) })),
      "signer-only signerRotated",
    );
    assert.equal(outcome(evidence(exchange, { by: model })), "forged wrongSigner");
    const disowned = aServiceOf("combined", { isSignerAcknowledgedByOwner: false });
    assert.equal(
      outcome(evidence(exchange, {}, { chain: chainOf(disowned) })),
      "signer-only ownerNotAcknowledged",
    );
    assert.equal(outcome(evidence(anExchange(disowned, false))), "signer-only ownerNotAcknowledged");
    for (const additionalInfoText of ["", "nonsense", "[]"])
      assert.equal(
        outcome(evidence(anExchange(aServiceOf("combined", { additionalInfoText }), false))),
        "signer-only unknownClass",
      );
  });

  it("is unsigned without a signature, and says why", () => {
    const exchange = anExchange(aServiceOf("combined"), false);
    for (const why of ["notFound", "unreadable", "unreachable"] as const)
      assert.equal(outcome({ ...evidence(exchange), signature: { why } }), `unsigned ${why}`);
    assert.equal(
      outcome({ ...evidence({ ...exchange, chatId: undefined }), signature: undefined }),
      "unsigned noChatId",
    );
    const standard = anExchange(aServiceOf("standard"), false);
    assert.equal(
      outcome({ ...evidence(standard, { by: broker }), signature: undefined }),
      "unsigned standardProvider",
    );
  });

  it("calls somebody else's conversation a mismatch, and a signature that is none forged", () => {
    const exchange = anExchange(aServiceOf("combined"), false);
    const other = plainText(Buffer.from("other"), Buffer.from("other"));
    assert.equal(outcome(evidence(exchange, { text: other })), "mismatch wrongResponse");
    for (const signature of ["", "0x", "nonsense", `0x${"00".repeat(65)}`])
      assert.equal(outcome(evidence(exchange, { signature })), "forged wrongSigner");
  });

  it("does not say what a rewriting of bytes that were not kept may be, and says the rest", () => {
    const kept = (exchange: Exchange): Witnessed => ({
      ...exchange,
      requestBody: sha256Hex(exchange.requestBody),
    });
    const said = (exchange: Exchange, text: string) => {
      const witnessed = kept(exchange);
      const judged = judge({ ...evidence(exchange, { text }), exchange: witnessed });
      const { level, reason } = withoutBytes(judged, (check) => isOtherBytes(witnessed, check));
      return `${level} ${reason}`;
    };
    const chat = anExchange(aServiceOf("combined"), true);
    const other = Buffer.from("other");
    assert.equal(said(chat, plainText(other, chat.responseBody)), "signer-only noBytes");
    assert.equal(said(chat, plainText(other, other)), "mismatch wrongResponse");
    const speech = anExchange(aServiceOf("combined", { serviceType: "speech-to-text" }), false);
    assert.equal(said(speech, plainText(other, speech.responseBody)), "response-bound requestRewritten");
    assert.equal(said(speech, plainText(other, other)), "mismatch wrongResponse");
  });

  it("says only what was compared", () => {
    const verdict = judge(evidence(anExchange(aServiceOf("centralized"), true), {}, { isSandbox: true }));
    const checks = new Map(verdict.checks.map((check) => [check.id, check]));
    assert.deepEqual([checks.get("enclave")?.status, checks.get("enclave")?.why], ["not-checked", "sandbox"]);
    assert.deepEqual(
      [checks.get("certificate")?.status, checks.get("certificate")?.right],
      ["not-checked", fingerprint],
    );
    assert.deepEqual([checks.get("user-acknowledged")?.status], ["not-checked"]);
    assert.deepEqual(
      [checks.get("routing")?.left, checks.get("routing")?.right],
      ["centralized aliyun", "centralized aliyun"],
    );
    assert.equal(checks.get("request-hash")?.left, checks.get("request-hash")?.right);
    const live = judge(evidence(anExchange(aServiceOf("combined"), true)));
    assert.equal(live.checks.find((check) => check.id === "enclave")?.why, "later");
    assert.ok(!live.checks.some((check) => check.id === "routing"));
  });
});

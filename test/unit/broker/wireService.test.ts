import assert from "node:assert/strict";
import { Wallet } from "ethers";
import {
  effectiveMultiplier,
  parseAdditionalInfo,
  privacyOf,
  providerClass,
} from "../../../src/broker/wire/additionalInfo.js";
import { authCheck } from "../../../src/broker/wire/authCheck.js";
import { personalSign, recoverPersonal, sha256Hex } from "../../../src/broker/wire/hash.js";
import { bearer, createSessionToken, signSession } from "../../../src/broker/wire/sessionToken.js";
import { imagesText, parseSignedText, plainText, routingText } from "../../../src/broker/wire/signedText.js";
import { zeroAddress, type Address } from "../../../src/domain/ids.js";
import { neuron } from "../../../src/domain/money.js";
import { chatFee } from "../../../src/domain/pricing.js";
import { expectedSigner } from "../../../src/domain/provider.js";

const user = new Wallet(`0x${"11".repeat(32)}`);
const provider = new Wallet(`0x${"22".repeat(32)}`).address;
const teeSigner = new Wallet(`0x${"33".repeat(32)}`).address as Address;
const bytes = (text: string) => new TextEncoder().encode(text);

describe("additional info", () => {
  it("decides the class and the key, whatever the capitals of the address", () => {
    const model = new Wallet(`0x${"44".repeat(32)}`).address;
    const cases: [object, string, string, string | undefined][] = [
      [{}, "combined", "private", teeSigner],
      [
        { TargetSeparated: true, TargetTeeAddress: model.toUpperCase().replace("0X", "0x") },
        "separated",
        "private",
        model,
      ],
      [{ TargetSeparated: true, TargetTeeAddress: "" }, "separated", "private", teeSigner],
      [{ TargetSeparated: true, TargetTeeAddress: "0x12" }, "separated", "private", zeroAddress],
      [{ TargetSeparated: "true", TargetTeeAddress: model }, "combined", "private", teeSigner],
      [
        { TargetSeparated: true, TargetTeeAddress: model, ProviderType: "centralized" },
        "centralized",
        "authentic",
        teeSigner,
      ],
      [{ ProviderType: "standard" }, "standard", "none", undefined],
      [{ ProviderType: "Centralized" }, "combined", "private", teeSigner],
    ];
    for (const [json, kind, privacy, signer] of cases) {
      const info = parseAdditionalInfo(JSON.stringify(json));
      assert.deepEqual(
        [
          providerClass(info),
          privacyOf(info),
          expectedSigner({ providerClass: providerClass(info), info, teeSigner }),
        ],
        [kind, privacy, signer],
      );
    }
  });

  it("survives hostile texts and claims nothing for them", () => {
    for (const text of ["", "not json", "[]", "null", '"x"', "{", "\ufffd", "[".repeat(100_000)]) {
      const info = parseAdditionalInfo(text);
      assert.equal(info.isReadable, false);
      assert.equal(privacyOf(info), "none");
    }
    const info = parseAdditionalInfo(
      '{"TEEVerifier":{},"TargetSeparated":1,"TargetTeeAddress":[],"tieredPricing":{"tiers":[null,5,{"maxInputTokens":"1"}]},"cacheTokenBilling":{"divisor":-1},"__proto__":{"ProviderType":"standard"}}',
    );
    assert.deepEqual(
      [info.isReadable, info.verifier, info.isTargetSeparated, info.targetTeeAddress],
      [true, "unknown", false, undefined],
    );
    assert.deepEqual([info.tiers, info.cacheDivisor, info.providerType], [[], undefined, undefined]);
  });

  it("prices by fractions exactly and never crashes on impossible ones", () => {
    const service = (json: object) => ({
      inputPrice: neuron(10n),
      outputPrice: neuron(10n),
      info: parseAdditionalInfo(JSON.stringify(json)),
    });
    const tiers = (tier: object) => ({
      tieredPricing: { tiers: [{ maxInputTokens: 0, inputMultiplier: 1, outputMultiplier: 1, ...tier }] },
    });
    const usage = { promptTokens: 3, completionTokens: 1, cachedTokens: 1 };
    assert.equal(effectiveMultiplier(3, 2), 1.5);
    assert.deepEqual(chatFee(service(tiers({ inputMultiplier: 1.5 })), usage).input, 45n);
    assert.deepEqual(
      chatFee(service(tiers({ inputMultiplier: 3, inputMultiplierDenominator: 2 })), usage).input,
      45n,
    );
    assert.deepEqual(chatFee(service(tiers({ outputMultiplier: 1e-7 })), usage).output, 0n);
    assert.deepEqual(chatFee(service(tiers({ outputMultiplier: 1e21 })), usage).output, 10n ** 22n);
    assert.deepEqual(chatFee(service(tiers({ outputMultiplier: -4 })), usage).output, 0n);
    assert.deepEqual(chatFee(service({ cacheTokenBilling: { divisor: 2.5 } }), usage).input, 24n);
    assert.deepEqual(chatFee(service({ cacheTokenBilling: { divisor: 0.5 } }), usage).input, 40n);
  });
});

describe("a session token", () => {
  const now = 1_767_225_600_000;
  const state = { provider, now, account: { generation: 4, revokedBitmap: 0n } };
  const session = signSession(
    createSessionToken({
      address: user.address,
      provider,
      now,
      mode: "ephemeral",
      durationMs: 7_200_000,
      generation: 4,
      revokedBitmap: 0n,
      nonce: "00".repeat(16),
    }),
    user.privateKey,
  );

  it("is accepted as signed, and refused after any change of a byte", function () {
    this.timeout(30_000);
    assert.equal(authCheck(bearer(session), state), undefined);
    const decoded = Buffer.from(session.apiKey.slice(7), "base64");
    let refused = 0;
    for (let at = 0; at < decoded.length; at++) {
      const changed = Buffer.from(decoded);
      changed[at] = changed[at]! ^ 1;
      if (authCheck(`Bearer app-sk-${changed.toString("base64")}`, state) !== undefined) refused++;
    }
    assert.equal(refused, decoded.length);
    console.log(`        ${refused} of ${decoded.length} one-bit changes refused`);
  });

  it("needs the standard alphabet with padding", () => {
    const twisted = [
      session.apiKey.replace(/=*$/, "").slice(0, -1),
      `${session.apiKey}=`,
      ` ${session.apiKey}`,
      session.apiKey.replace("J", "J-"),
    ];
    for (const apiKey of twisted)
      assert.notEqual(authCheck(`Bearer ${apiKey}`, state), undefined, apiKey.slice(-8));
  });

  it("passes when the user has no account yet, as nothing can have been revoked", () => {
    assert.equal(authCheck(bearer(session), { provider, now }), undefined);
  });

  it("is refused with a reason of its own for each limit", () => {
    const sign = (change: object) => bearer(signSession({ ...session.token, ...change }, user.privateKey));
    const refusal = (change: object) => authCheck(sign(change), state);
    assert.equal(refusal({ expiresAt: 0 }), "an ephemeral session token needs an end");
    assert.equal(
      refusal({ expiresAt: now + 86_400_001 }),
      "an ephemeral session token may last 24 hours at most",
    );
    assert.equal(
      refusal({ timestamp: "soon" }),
      "a field of the session token is missing or of the wrong type",
    );
    assert.equal(refusal({ tokenId: 256 }), "a field of the session token is missing or of the wrong type");
    assert.equal(refusal({ tokenId: 3, expiresAt: 0 }), undefined);
    const compact = `${session.rawMessage}|${session.signature.slice(0, 130)}`;
    assert.equal(
      authCheck(`Bearer app-sk-${Buffer.from(compact).toString("base64")}`, state),
      "the session token's signature is not 65 bytes long",
    );
  });
});

describe("signed texts", () => {
  const hash = sha256Hex(bytes("x"));

  it("are read back as they were built", () => {
    assert.deepEqual(parseSignedText(plainText(bytes("x"), bytes("x"))), {
      kind: "plain",
      request: hash,
      response: [hash],
    });
    assert.equal(parseSignedText(imagesText(bytes("x"), [bytes("x"), bytes("y")])).kind, "images");
    const routing = { providerType: "centralized", providerIdentity: "aliyun", tlsCertFingerprint: hash };
    assert.deepEqual(parseSignedText(routingText(bytes("x"), bytes("x"), routing)), {
      kind: "routing",
      request: hash,
      response: [hash],
      ...routing,
    });
  });

  it("are unknown when anything is added or missing", () => {
    const good = `${hash}:${hash}`;
    for (const bad of [
      "",
      `${good}\n`,
      ` ${good}`,
      `${good}:`,
      `0x${good}`,
      `${good}:a:b`,
      `${good}:a:b:c:${hash}`,
      `${good}::x:${hash}`,
      `${good},`,
      `zg-sig-v1/e2ee-ct:${hash}`,
      `zg-sig-v1/e2ee-ct:${good},${hash}`,
    ])
      assert.equal(parseSignedText(bad).kind, "unknown", bad);
  });
});

describe("a personal signature", () => {
  it("names its signer, and after any change of a bit nobody or somebody else", function () {
    this.timeout(30_000);
    const signature = personalSign("text", user.privateKey);
    assert.equal(recoverPersonal("text", signature), user.address);
    const raw = Buffer.from(signature.slice(2), "hex");
    for (let bit = 0; bit < raw.length * 8; bit++) {
      const changed = Buffer.from(raw);
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      assert.notEqual(recoverPersonal("text", `0x${changed.toString("hex")}`), user.address, `bit ${bit}`);
    }
  });

  it("is none when it is no hex, too short or too long", () => {
    for (const bad of ["", "0x", "0xzz", "hello", `0x${"00".repeat(65)}`, `0x${"11".repeat(66)}`])
      assert.equal(recoverPersonal("text", bad), undefined);
  });
});

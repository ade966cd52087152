// What a verification at another time says of an answer: proven where the quote binds the key that signed it, and never more than was checked.
import assert from "node:assert/strict";
import type { Sha256Hex } from "../../../src/domain/ids.js";
import { verifiedOf, type Pin, type Verified } from "../../../src/domain/pin.js";
import type { Check, Verdict } from "../../../src/domain/verdict.js";
import { withEnclave } from "../../../src/services/enclaves/enclaveChecks.js";
import { address, aService, aVerdict, noon } from "../../support/builders.js";
import { verifications } from "../../support/proof.js";

const key = address("b");
const digest = "d".repeat(64) as Sha256Hex;
const fingerprint = "e".repeat(64);
const last: Verified = {
  ...{ word: "proven", privacy: "private", providerClass: "combined", checkedAt: noon },
  quotes: [{ kind: "combined", digest, signer: key.toLowerCase() }],
};

async function found(
  seen: (Partial<Verified> & Pick<Partial<Pin>, "changed">) | undefined,
  part: Partial<Verdict> = {},
  network: "testnet" | "sandbox" = "testnet",
) {
  const service = aService();
  const pin = { provider: service.provider, service: "inference", since: noon, reports: [] } as const;
  const checks: Check[] = [
    { id: "enclave", status: "not-checked", why: "later" },
    { id: "certificate", status: "not-checked", why: "later", right: fingerprint },
  ];
  const scope = { network, networkKey: network, wallet: address("c") };
  const verified = async (): Promise<Pin | undefined> => {
    if (!seen) return undefined;
    const { changed, ...more } = seen;
    return { ...pin, last: { ...last, ...more }, ...(changed ? { changed } : {}) };
  };
  const { verdict, quoteDigest } = await withEnclave(
    { verified },
    scope,
    { service },
    aVerdict({ checks, ...part }),
  );
  const told = (id: Check["id"]) => {
    const { status, why, at } = verdict.checks.find((check) => check.id === id)!;
    return [status, why, at].filter((one) => one !== undefined).join(" ");
  };
  return { enclave: told("enclave"), certificate: told("certificate"), quoteDigest };
}

describe("The enclave behind an answer", () => {
  it("is proven where the verified quote binds the key that signed", async () => {
    const { enclave, quoteDigest } = await found({});
    assert.equal(enclave, `proven ${noon}`);
    assert.equal(quoteDigest, digest);
  });

  it("is not checked where nobody verified the provider", async () => {
    const { enclave, certificate, quoteDigest } = await found(undefined);
    assert.deepEqual(
      [enclave, certificate, quoteDigest],
      ["not-checked notVerified", "not-checked notVerified", undefined],
    );
  });

  it("is not proven by a quote that binds another key", async () => {
    const { enclave } = await found({ quotes: [{ kind: "combined", digest, signer: address("f") }] });
    assert.equal(enclave, `not-checked otherKey ${noon}`);
  });

  it("is observed alone where no signature ties the answer to it", async () => {
    const { enclave } = await found(
      {},
      { level: "unsigned", reason: "notFound", recoveredSigner: undefined },
    );
    assert.equal(enclave, `observed noSignature ${noon}`);
  });

  it("is told of a verification that failed or proved nothing", async () => {
    assert.equal((await found({ word: "failed" })).enclave, `failed verification ${noon}`);
    assert.equal((await found({ word: "notProven" })).enclave, `not-checked unproven ${noon}`);
    assert.equal((await found({ quotes: undefined })).enclave, `not-checked unproven ${noon}`);
  });

  it("failed where it changed and nobody accepted that, whoever signed; in the sandbox too", async () => {
    for (const network of ["testnet", "sandbox"] as const) {
      assert.equal((await found({ changed: [] }, {}, network)).enclave, `failed changed ${noon}`);
      assert.equal((await found({ word: "failed" }, {}, network)).enclave, `failed verification ${noon}`);
    }
  });

  it("of a separated provider is the model's, not the gateway's", async () => {
    const quotes = [
      { kind: "broker", digest: "1".repeat(64) as Sha256Hex, signer: key },
      { kind: "llm", digest, signer: address("f") },
    ] as const;
    const separated = { providerClass: "separated" } as const;
    const { enclave, quoteDigest } = await found({ quotes }, separated);
    assert.deepEqual([enclave, quoteDigest], [`not-checked otherKey ${noon}`, digest]);
    assert.equal(
      (await found({ quotes }, { ...separated, recoveredSigner: address("f") })).enclave,
      `proven ${noon}`,
    );
  });

  it("is never there in the sandbox", async () => {
    assert.equal((await found({}, {}, "sandbox")).enclave, "not-checked sandbox");
  });

  it("and the company's certificate are two things", async () => {
    const seen = (value: string) => ({ certificate: { fingerprint: value, at: noon - 5 } });
    assert.equal((await found(seen(fingerprint))).certificate, `proven ${noon - 5}`);
    assert.equal((await found(seen("f".repeat(64)))).certificate, `not-checked otherCertificate ${noon - 5}`);
  });

  it("is remembered with its quotes, and a certificate until a later one was looked at", () => {
    const first = verifiedOf(verifications.proven());
    assert.ok(
      first.quotes!.length > 0 && first.quotes!.every((quote) => /^[0-9a-f]{64}$/.test(quote.digest)),
    );
    const certificate = { fingerprint, at: noon };
    assert.deepEqual(verifiedOf(verifications.proven(), { ...first, certificate }).certificate, certificate);
  });
});

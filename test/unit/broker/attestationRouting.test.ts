// Providers that relay: what their signed answer proves of the company behind it, and everything that keeps it from proving that.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { SigningKey, Wallet } from "ethers";
import type { CertificateReader } from "../../../src/broker/attestation/certificate.js";
import type { AttestedService } from "../../../src/broker/attestation/fetchReports.js";
import { checkRouting, type SignedAnswer } from "../../../src/broker/attestation/routingChecks.js";
import { parseAdditionalInfo } from "../../../src/broker/wire/additionalInfo.js";
import { personalSign } from "../../../src/broker/wire/hash.js";
import { plainText, routingText } from "../../../src/broker/wire/signedText.js";
import { replay } from "../../../src/cli/conformance/inferenceReplay.js";
import type { Address, ProviderId } from "../../../src/domain/ids.js";
import { networks, type Network } from "../../../src/domain/networks.js";
import type { ProviderClass } from "../../../src/domain/provider.js";
import { closeServer, listen } from "../../../src/sandbox/loopback.js";
import { realClock } from "../../../src/system/realClock.js";

const key = new Wallet(new SigningKey(`0x${"1".repeat(64)}`));
const stranger = new Wallet(new SigningKey(`0x${"2".repeat(64)}`));
const fingerprint = "ab".repeat(32);
const bytes = Buffer.from("{}");
const proof = { providerType: "centralized", providerIdentity: "aliyun", tlsCertFingerprint: fingerprint };

describe("A relayed answer", () => {
  let server: Server;
  let url: string;
  let models: unknown;
  let asked: string[];
  let seen: Awaited<ReturnType<CertificateReader>>;
  const network: Network = { ...networks.mainnet, id: "custom" };

  before(async () => {
    server = createServer((_request, response) =>
      response.end(JSON.stringify({ object: "list", data: models })),
    );
    url = `http://127.0.0.1:${await listen(server, 0)}`;
  });
  beforeEach(() => {
    [models, asked, seen] = [
      [{ id: "m", serving_domain: "localhost:4430" }],
      [],
      { fingerprint, isTrusted: true },
    ];
  });
  after(() => closeServer(server));

  const sign = (text: string, by = key) => ({ text, signature: personalSign(text, by.privateKey) });
  const routed = (change: Partial<typeof proof> = {}, by = key) =>
    sign(routingText(bytes, bytes, { ...proof, ...change }), by);

  async function steps(
    answer: SignedAnswer | "none" = routed(),
    providerClass: ProviderClass = "centralized",
  ): Promise<string[]> {
    const { deps } = replay({});
    const context = { ...deps, network, clock: realClock, fetch: globalThis.fetch };
    const certificates: CertificateReader = async ({ host, port }) => {
      asked.push(`${host}:${port}`);
      return seen;
    };
    const service: AttestedService = {
      ...{ provider: stranger.address as ProviderId, url, model: "m", providerClass, privacy: "authentic" },
      info: parseAdditionalInfo('{"ProviderType":"centralized","ProviderIdentity":"aliyun"}'),
      ...{ teeSigner: key.address as Address, isSignerAcknowledgedByOwner: true },
    };
    const given = answer === "none" ? undefined : answer;
    const found = await checkRouting({ context, certificates }, service, given);
    return found.map(({ id, status, why }) => [id, status, why].filter(Boolean).join(" "));
  }

  it("is proven to be the company's: form, identity, and the certificate that we see ourselves", async () => {
    assert.deepEqual(await steps(), ["routing proven", "identity proven", "certificate proven"]);
    assert.deepEqual(asked, ["localhost:4430"], "the company is asked, not the provider");
  });

  it("proves nothing before there is one", async () => {
    const none = ["routing", "identity", "certificate"].map((id) => `${id} not-checked noAnswer`);
    assert.deepEqual(await steps("none"), none);
    assert.deepEqual(asked, []);
  });

  it("fails without the proof's form, or by another key: whatever else it says is not looked at", async () => {
    assert.deepEqual(await steps(sign(plainText(bytes, bytes))), ["routing failed noRoutingProof"]);
    assert.deepEqual(await steps(sign("hello")), ["routing failed noRoutingProof"]);
    assert.deepEqual(await steps(routed({}, stranger)), ["routing failed different"]);
    const { text } = routed();
    assert.deepEqual(await steps({ text, signature: "0x" }), ["routing failed different"]);
    assert.deepEqual(asked, []);
  });

  it("fails when it names another company than the chain announces", async () => {
    for (const change of [{ providerIdentity: "minimax" }, { providerType: "standard" }])
      assert.equal((await steps(routed(change)))[1], "identity failed different");
  });

  it("proves nothing by a certificate that is another, that the web does not trust, or that nobody shows", async () => {
    const certificate = async () => (await steps())[2];
    seen = { fingerprint: "cd".repeat(32), isTrusted: true };
    assert.equal(await certificate(), "certificate not-checked otherCertificate");
    seen = { fingerprint, isTrusted: false };
    assert.equal(await certificate(), "certificate not-checked untrustedCertificate");
    seen = undefined;
    assert.equal(await certificate(), "certificate not-checked unreachable");
  });

  it("sends nobody to an address that the provider made up", async () => {
    for (const [domain, why] of [
      ["192.168.1.1", "privateDomain"],
      ["localhost:4430/path", "privateDomain"],
      ["", "privateDomain"],
      [7, "noDomain"],
    ] as const) {
      models = [{ id: "m", serving_domain: domain }];
      assert.equal((await steps())[2], `certificate not-checked ${why}`, String(domain));
    }
    models = "none";
    assert.equal((await steps())[2], "certificate not-checked noDomain");
    assert.deepEqual(asked, []);
  });

  it("is no matter of providers that run the model themselves, nor of those that sign nothing", async () => {
    assert.deepEqual(await steps(routed(), "combined"), []);
    assert.deepEqual(await steps(routed(), "separated"), []);
    assert.deepEqual(await steps(routed(), "standard"), ["routing not-checked standardProvider"]);
  });
});

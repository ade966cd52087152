// Verifying the sandbox's providers over HTTP and its chain: every class, every way a report can be spoilt, and no step ever called Intel's.
import assert from "node:assert/strict";
import type { CustodyStep, CustodyStepId, ProviderVerification } from "../../src/domain/attestation.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { networks } from "../../src/domain/networks.js";
import type { ServiceName } from "../../src/domain/provider.js";
import type { Verdict } from "../../src/domain/verdict.js";
import { proofMarkdown } from "../../src/view/proof/proofMarkdown.js";
import { linksOf, proofPanelState, type ProofFacts } from "../../src/view/proof/proofView.js";
import { english } from "../../src/view/translate.js";
import { MemoryFolder } from "../support/ports.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";
import { openClient, type Client } from "./inferenceSupport.js";

describe("verifying providers of the sandbox", function () {
  this.timeout(120_000);
  let sandbox: TestSandbox;
  let client: Client;

  before(async () => {
    sandbox = await startSandboxInProcess();
    client = await openClient(sandbox);
  });
  after(() => sandbox.stop());
  afterEach(() => sandbox.control.clear());

  const idOf = (providerClass: string) => sandbox.provider(providerClass).address as ProviderId;
  const verify = (providerClass: string, answer?: { text: string; signature: string }) =>
    client.broker.attestation.verifyProvider(idOf(providerClass), "inference", { answer });
  const allSteps = ({ reports, steps }: ProviderVerification) => [
    ...reports.flatMap((report) => report.steps),
    ...steps,
  ];
  const failures = (verification: ProviderVerification) =>
    allSteps(verification)
      .filter(({ status }) => status === "failed")
      .map(({ id, why }) => `${id} ${why}`);
  const stepOf = (verification: ProviderVerification, id: CustodyStepId): CustodyStep | undefined =>
    allSteps(verification).find((step) => step.id === id);

  for (const [providerClass, kinds, privacy] of [
    ["combined", ["combined"], "private"],
    ["separated", ["broker", "llm"], "private"],
    ["centralized", ["broker"], "authentic"],
  ] as const)
    it(`finds every part of a ${providerClass} one in order, and proves nothing: the root is the sandbox's`, async () => {
      const verification = await verify(providerClass);
      assert.deepEqual(failures(verification), []);
      assert.equal(verification.word, "notProven");
      assert.equal(verification.privacy, privacy);
      assert.ok((verification.block ?? 0) > 0);
      assert.deepEqual(
        verification.reports.map(({ kind }) => kind),
        kinds,
      );
      for (const report of verification.reports) {
        assert.equal(report.root, "sandbox");
        const structural = ["structure", "chain", "qe-report", "qe-binding", "quote-signature", "debug"];
        const contents = [
          "report-data",
          "rtmr-replay",
          "event-digests",
          "compose-hash",
          "tcb-info",
          "image-digests",
        ];
        for (const id of [...structural, ...contents])
          assert.equal(report.steps.find((step) => step.id === id)?.status, "proven", id);
        for (const id of ["root", "qe-identity", "tcb-level"])
          assert.equal(report.steps.find((step) => step.id === id)?.why, "sandbox", id);
        assert.ok(report.bytes && report.reportDigest && report.quoteDigest);
      }
      if (providerClass === "separated") {
        assert.equal(stepOf(verification, "llm-signer")?.status, "proven");
        const fresh = verification.reports.map(({ kind, steps }) => [
          kind,
          steps.find(({ id }) => id === "nonce")?.status,
        ]);
        assert.deepEqual(fresh, [
          ["broker", "not-checked"],
          ["llm", "proven"],
        ]);
      }
      assert.equal(stepOf(verification, "images")?.status, "proven");
    });

  it("calls nothing Intel's", async () => {
    for (const providerClass of ["combined", "separated", "centralized"]) {
      const { reports, ...rest } = await verify(providerClass);
      const told = reports.map((report) => ({ ...report, bytes: undefined }));
      assert.doesNotMatch(JSON.stringify({ told, rest }), /intel/i);
    }
  });

  it("says Intel nowhere: not on the page, not in what is copied, nor where something is spoilt", async () => {
    const tuner = sandbox.trainer.address as ProviderId;
    const collateral = { url: "https://pccs.invalid", folder: new MemoryFolder() };
    let words = 0;
    const read = async (provider: ProviderId, service: ServiceName, verdict?: Verdict) => {
      const { signedText: text = "", signature = "" } = verdict ?? {};
      const options = { collateral, ...(verdict ? { answer: { text, signature } } : {}) };
      const verification = await client.broker.attestation.verifyProvider(provider, service, options);
      const facts: ProofFacts = {
        ...{
          shown: { provider, service },
          network: networks.sandbox,
          isBusy: false,
          differences: [],
          verification,
        },
        ...(verdict ? { verdict } : {}),
      };
      const telling = { t: english, moment: (at: number) => new Date(at).toISOString() };
      const state = proofPanelState(facts, telling);
      const told = [JSON.stringify(state), proofMarkdown(state, linksOf(facts, telling), english)].join("\n");
      assert.match(told, /sandbox/);
      assert.doesNotMatch(told, /intel/i);
      assert.notEqual(verification.word, "proven");
      words += told.split(/\s+/).length;
    };
    for (const spoilt of [undefined, "signer", "compose", "debug", "signature", "empty"]) {
      for (const providerClass of ["combined", "separated", "centralized"]) {
        const provider = idOf(providerClass);
        const verdict = spoilt === undefined ? await client.verify({ provider }) : undefined;
        if (spoilt !== undefined) await sandbox.control.fault(provider, "wrong-quote", spoilt);
        await read(provider, "inference", verdict);
      }
      if (spoilt !== undefined) await sandbox.control.fault(tuner, "wrong-quote", spoilt);
      await read(tuner, "fine-tuning");
    }
    assert.equal(collateral.folder.files.size, 0, "and no server is asked about a machine that is none");
    console.log(`      ${words} words about the sandbox read, Intel in none`);
  });

  for (const [spoilt, expected] of [
    ["signer", "signer different"],
    ["compose", "compose-hash different"],
    ["debug", "debug debuggable"],
    ["signature", "quote-signature different"],
    ["empty", "structure missing"],
  ] as const)
    it(`names what is wrong where the ${spoilt} is spoilt`, async () => {
      await sandbox.control.fault(idOf("combined"), "wrong-quote", spoilt);
      const verification = await verify("combined");
      assert.ok(failures(verification).includes(expected), failures(verification).join());
      assert.equal(verification.word, "failed");
    });

  it("names the model's own key where that is spoilt", async () => {
    await sandbox.control.fault(idOf("separated"), "wrong-quote", "signer");
    assert.ok(failures(await verify("separated")).includes("llm-signer different"));
  });

  it("says what could not be had, which is no success", async () => {
    for (const [fault, value, why] of [
      ["status", "500 /v1/quote", "refused"],
      ["refuse", "/v1/quote", "unreachable"],
    ] as const) {
      await sandbox.control.fault(idOf("combined"), fault, value);
      const verification = await verify("combined");
      assert.equal(stepOf(verification, "report")?.why, why);
      assert.equal(verification.word, "notProven");
      await sandbox.control.clear();
    }
    await sandbox.control.fault(idOf("combined"), "html", "200 /v1/quote");
    assert.deepEqual(failures(await verify("combined")), ["report unreadable"]);
  });

  it("holds a relayed answer's proof against the company's certificate, seen by itself", async () => {
    const provider = idOf("centralized");
    assert.equal(stepOf(await verify("centralized"), "routing")?.why, "noAnswer");
    const { signedText: text = "", signature = "" } = await client.verify({ provider });
    const verification = await verify("centralized", { text, signature });
    assert.equal(stepOf(verification, "routing")?.status, "proven");
    assert.equal(stepOf(verification, "identity")?.status, "proven");
    const certificate = stepOf(verification, "certificate");
    assert.ok(certificate?.right?.endsWith(certificate.left ?? ""), "the same certificate");
    assert.equal(certificate?.why, "sandbox");
    const other = await verify("centralized", {
      text: `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`,
      signature,
    });
    assert.deepEqual(failures(other), ["routing different"]);
  });

  it("of fine-tuning reads the key from that contract", async () => {
    const provider = sandbox.trainer.address as ProviderId;
    const verification = await client.broker.attestation.verifyProvider(provider, "fine-tuning");
    assert.deepEqual(failures(verification), []);
    assert.equal(stepOf(verification, "signer")?.status, "proven");
    assert.equal(verification.service, "fine-tuning");
  });
});

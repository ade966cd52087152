import assert from "node:assert/strict";
import { checkReport } from "../../../src/broker/attestation/checkReport.js";
import { sandboxRoot } from "../../../src/broker/attestation/chain.js";
import type { CustodyReason, CustodyStepId, ProviderVerification } from "../../../src/domain/attestation.js";
import { stepLabel, stepSentence, stepSides } from "../../../src/view/proof/proofText.js";
import { checkView } from "../../../src/view/proof/checkView.js";
import { custodySentence } from "../../../src/view/proof/proofSummary.js";
import { proofWord } from "../../../src/view/proof/proofWord.js";
import { english as t } from "../../../src/view/translate.js";
import { assertGolden } from "../../support/golden.js";
import { aChainEntry } from "../../support/proof.js";
import { now, signer, TestEnclave } from "../../support/reports.js";

// Records, so that the compiler asks for a new step or reason here too.
const ids: Readonly<Record<CustodyStepId, true>> = {
  ...{ report: true, structure: true, root: true, chain: true, "qe-report": true, "qe-identity": true },
  ...{ "qe-binding": true, "quote-signature": true, "tdx-module": true, debug: true, "tcb-level": true },
  ...{ "report-data": true, signer: true, "llm-signer": true, nonce: true, "rtmr-replay": true },
  ...{ "event-digests": true, "compose-hash": true, "tcb-info": true, "image-digests": true, images: true },
  ...{ "os-image": true, gpu: true, unbound: true, "owner-acknowledged": true, pinned: true, routing: true },
  ...{ identity: true, certificate: true },
};
const reasons: Readonly<Record<CustodyReason, true>> = {
  ...{
    sandbox: true,
    unknownRoot: true,
    unreachable: true,
    refused: true,
    notOffered: true,
    unreadable: true,
  },
  ...{ tooLarge: true, missing: true, malformed: true, trailing: true, notTdx: true, different: true },
  ...{ notIssued: true, expired: true, debuggable: true, quoteUnproven: true, noCollateral: true },
  ...{ collateralUnreachable: true, collateralRefused: true, revoked: true, outOfDate: true },
  ...{ collateralLate: true, collateralRedirected: true, collateralNotGiven: true, collateralTooLarge: true },
  ...{ collateralOfAnotherKind: true, collateralOutdated: true, noProcessor: true, busy: true },
  ...{ needsConfiguration: true, cryptopilot: true, unknownVerifier: true, unknownClass: true },
  ...{
    standardProvider: true,
    unknownLayout: true,
    nonceIgnored: true,
    repeatedEvent: true,
    offline: true,
    firstLook: true,
    recordLost: true,
  },
  ...{
    unreadableCompose: true,
    otherRunner: true,
    scripts: true,
    variables: true,
    furtherParts: true,
    tagOnly: true,
    built: true,
    notAnnounced: true,
    notStarted: true,
    noService: true,
  },
  ...{ noAnswer: true, noRoutingProof: true, noDomain: true, privateDomain: true },
  ...{ untrustedCertificate: true, otherCertificate: true },
};
const stepIds = Object.keys(ids) as CustodyStepId[];
const whys = Object.keys(reasons) as CustodyReason[];

const verification = (changes: Partial<ProviderVerification>): ProviderVerification => ({
  ...{ provider: signer, service: "inference", providerClass: "combined", privacy: "private" },
  ...{ entry: aChainEntry(), checkedAt: now, reports: [], steps: [], word: "proven" },
  ...changes,
});

describe("A chain of custody in words", () => {
  it("has one sentence for each step that holds", () => {
    const lines = stepIds.map((id) => {
      const status = id === "unbound" || id === "owner-acknowledged" ? "observed" : "proven";
      const { left, right } = stepSides({ id }, t);
      return `${stepLabel({ id }, t)} (${left} | ${right}): ${stepSentence({ id, status }, { t, root: "intel" })}`;
    });
    assert.equal(new Set(lines).size, stepIds.length);
    assertGolden("proof-steps", lines.join("\n"));
  });

  it("has a sentence for each reason", () => {
    const lines = stepIds.flatMap((id) =>
      whys.map((why) => `${why}: ${stepSentence({ id, status: "failed", why }, { t, root: "unknown" })}`),
    );
    assert.ok(!lines.some((line) => line.endsWith("This was not checked.")), "a reason without a sentence");
    assertGolden("proof-reasons", [...new Set(lines)].sort().join("\n"));
  });

  it("says private of an enclave that runs the model, authentic of one that relays, and never both", () => {
    assert.match(custodySentence(verification({}), t), /^Private: /);
    const relayed = custodySentence(verification({ privacy: "authentic" }), t);
    assert.match(relayed, /^Authentic, not private: .*can read what you send/);
    assert.doesNotMatch(custodySentence(verification({ privacy: "none" }), t), /private|authentic/i);
    for (const word of ["failed", "notProven"] as const)
      assert.doesNotMatch(custodySentence(verification({ word }), t), /Private:|Authentic|Intel/);
    assert.deepEqual(
      (["proven", "failed", "notProven"] as const).map((word) => proofWord(word, t)),
      ["Proven", "Failed", "Not proven"],
    );
  });

  it("takes company and address of a relayed answer for the provider's word", () => {
    const check = { id: "certificate", status: "proven" } as const;
    const told = (at?: number) => checkView({ ...check, at }, { t, isSandbox: false });
    const seen = stepSentence(check, { t, root: "unknown" });
    for (const text of [seen, told().explanation, told(now).explanation])
      assert.match(text, /^The server that the provider names .*is the provider's word\.$/);
    for (const label of [stepLabel({ id: "certificate" }, t), told().label])
      assert.doesNotMatch(label, /company/i);
  });

  it("never says Intel of the sandbox", () => {
    const text = new TestEnclave().report();
    const report = checkReport(Buffer.from(text), { signer, now, root: sandboxRoot });
    const sentences = report.steps.map((step) => stepSentence(step, { t, root: report.root }));
    const whole = custodySentence(verification({ reports: [report], word: "notProven" }), t);
    assert.doesNotMatch([...sentences, whole].join("\n"), /Intel/);
    assert.match(whole, /sandbox/);
  });
});

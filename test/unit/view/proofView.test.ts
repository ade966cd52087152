// The verification page's word and line: what they claim of a provider, and of the answer it was opened from.
import assert from "node:assert/strict";
import type { ProviderVerification } from "../../../src/domain/attestation.js";
import type { ProofPanelState, ProofStepView } from "../../../src/protocol/proof.js";
import type { ProofFacts } from "../../../src/view/proof/proofView.js";
import { address, aVerdict } from "../../support/builders.js";
import {
  aReport,
  answerFacts,
  aVerification,
  forgedFacts,
  measures,
  proofFacts,
  proofState,
  rotatedFacts,
  verifications,
  withStep,
} from "../../support/proof.js";

/** The steps below the answer's heading. */
function answerSteps({ links }: ProofPanelState): readonly ProofStepView[] {
  const from = links.findIndex((link) => link.kind === "station" && link.mark === "answer");
  return from < 0 ? [] : links.slice(from).flatMap((link) => (link.kind === "step" ? [link] : []));
}

function keyStep(state: ProofPanelState): ProofStepView | undefined {
  return answerSteps(state).find(({ label }) => label === "Key held by an enclave");
}

const opened = (facts: Partial<ProofFacts>) => proofState({ ...answerFacts(), ...facts });

describe("The page of an answer", () => {
  it("is proven where the provider is, the answer is verified, and one key is in both", () => {
    const state = opened({});
    assert.equal(state.summary?.word, "proven");
    assert.match(state.summary.sentence, /The same key signed this answer\./);
    const step = keyStep(state);
    assert.equal(step?.status, "proven");
    assert.deepEqual([step.left?.label, step.right?.label], ["Key in the quote", "Key that signed"]);
  });

  it("has failed where the answer has, whatever was found of its provider", () => {
    const mismatch = opened({ verdict: aVerdict({ level: "mismatch", reason: "wrongResponse" }) });
    for (const state of [proofState(forgedFacts()), mismatch]) {
      assert.equal(state.summary?.word, "failed");
      assert.match(state.summary.sentence, /does not reach this answer\. .*Do not rely on it\./);
      assert.doesNotMatch(state.summary.sentence, /Private/);
    }
  });

  it("is not proven where the answer is not, and says why", () => {
    for (const [verdict, why] of [
      [aVerdict({ level: "unsigned", reason: "notFound", checks: [] }), /has no signature for this answer/],
      [aVerdict({ level: "pending", checks: [] }), /Comparing/],
      [aVerdict({ level: "response-bound", reason: "requestRewritten" }), /not the one we sent/],
    ] as const) {
      const { summary } = opened({ verdict });
      assert.equal(summary?.word, "notProven");
      assert.match(summary.sentence, why);
    }
  });

  it("is not proven where another key signed than the one in the quote, whatever was remembered", () => {
    const state = proofState(rotatedFacts());
    assert.equal(state.summary?.word, "notProven");
    assert.match(state.summary.sentence, /another key than the one that signed this answer/);
    const step = keyStep(state);
    assert.equal(step?.status, "not-checked");
    assert.match(step.explanation, /holds another key/);
    assert.deepEqual(
      [step.left?.value, step.right?.value].map((value) => value?.slice(0, 6)),
      ["0xbbbb", "0xeeee"],
    );
  });

  it("compares with the model's own enclave where there is one", () => {
    const reports = [
      aReport("broker", "intel", { measures: measures({ signer: address("f") }) }),
      aReport("llm"),
    ];
    const separated = (part: Partial<ProviderVerification>) =>
      opened({ verification: aVerification({ providerClass: "separated", ...part }) });
    assert.equal(keyStep(separated({ reports }))?.status, "proven");
    const other = aReport("llm", "intel", { measures: measures({ signer: address("f") }) });
    const state = separated({ reports: [aReport("broker"), other] });
    assert.equal(state.summary?.word, "notProven");
    const unknown = aReport("llm", "intel", { measures: measures({ signer: undefined }) });
    assert.equal(separated({ reports: [aReport("broker"), unknown] }).summary?.word, "notProven");
  });

  it("says of the sandbox that it is one, with both keys", () => {
    const state = proofState({
      ...proofFacts(verifications.sandbox(), {}, "sandbox"),
      verdict: aVerdict({}),
    });
    assert.equal(state.summary?.word, "notProven");
    assert.match(state.summary.sentence, /^This is the sandbox/);
    assert.equal(keyStep(state)?.explanation, "There is no enclave in the sandbox.");
  });

  it("has failed where the provider's reports did", () => {
    const { summary } = opened({ verification: verifications.failed() });
    assert.equal(summary?.word, "failed");
    assert.match(summary.sentence, /Do not send it anything private/);
  });
});

describe("The page of a provider", () => {
  const sentence = (verification: ProviderVerification) =>
    proofState(proofFacts(verification)).summary?.sentence ?? "";

  it("names in its one sentence what a proven word leaves open", () => {
    assert.match(
      sentence(verifications.proven()),
      /Not proven: that the machine is up to date and not revoked; which programs it starts; which operating system runs in it; when its report was made; that nobody reads along on the way to it\.$/,
    );
    const current = withStep(aReport(), { id: "tcb-level", status: "proven" });
    const named = withStep(current, { id: "image-digests", status: "proven" });
    assert.match(
      sentence(aVerification({ reports: [named] })),
      /Not proven: which operating system runs in it; when its report was made; that nobody reads along on the way to it\.$/,
    );
    const scripted = withStep(named, { id: "image-digests", status: "observed", why: "scripts" });
    assert.match(sentence(aVerification({ reports: [named, scripted] })), /which programs it starts/);
  });

  it("never says of a root that calls itself the sandbox's that it was made on this machine", () => {
    const { links } = proofState(proofFacts(verifications.sandbox(), {}, "mainnet"));
    const [root] = links;
    assert.equal(root?.label, "A root that calls itself the sandbox's");
    assert.ok(root.kind === "station");
    assert.doesNotMatch(root.text, /this machine/);
    const own = proofState(proofFacts(verifications.sandbox(), {}, "sandbox")).links[0];
    assert.equal(own?.label, "The sandbox's own root");
  });
});

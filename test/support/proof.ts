// Verifications as the broker hands them over, of each kind that the page must tell apart, and the page's state as the host makes it.
import {
  custodyWord,
  type ChainEntry,
  type CustodyStep,
  type Measures,
  type ProviderVerification,
  type ReportKind,
  type ReportVerification,
  type RootOrganisation,
} from "../../src/domain/attestation.js";
import type { ConversationId, Sha256Hex, TurnId } from "../../src/domain/ids.js";
import { networks, type NetworkId } from "../../src/domain/networks.js";
import { pinDifferences, pinnedReports } from "../../src/domain/pin.js";
import type { ProofPanelState } from "../../src/protocol/proof.js";
import type { Recipient } from "../../src/services/ports.js";
import { proofPanelState, type ProofFacts, type ProofTelling } from "../../src/view/proof/proofView.js";
import { english } from "../../src/view/translate.js";
import { address, aVerdict, noon } from "./builders.js";

/** Whom the verifications here are of, as the chain has it. */
export function aRecipient(): Recipient {
  return {
    ...{ provider: address("a"), service: "inference", privacy: "private", providerClass: "combined" },
    ...{ teeSigner: address("b"), url: "https://provider.example" },
  };
}

const hex = (digit: string, length = 64) => digit.repeat(length);

export const measures = (part: Partial<Measures> = {}): Measures => ({
  mrTd: hex("a", 96),
  rtmrs: ["0", "1", "2", "3"].map((digit) => hex(digit, 96)),
  composeHash: hex("c"),
  osImageHash: hex("d"),
  images: [{ name: "ghcr.io/zerog/broker", digest: `sha256:${hex("e")}` }],
  signer: address("b"),
  ...part,
});

/** What holds in every report in order, and what no report can settle here. */
function reportSteps(root: RootOrganisation): readonly CustodyStep[] {
  const isSandbox = root === "sandbox";
  const key = `04${hex("0ba9c4c0", 128)}`.slice(0, 130);
  const registers = measures().rtmrs.join("\n");
  return [
    { id: "structure", status: "proven", right: "5006" },
    isSandbox
      ? { id: "root", status: "not-checked", right: key, why: "sandbox" }
      : { id: "root", status: "proven", left: key, right: key },
    { id: "chain", status: "proven", right: "PCK Certificate < Platform CA < Root CA" },
    { id: "qe-report", status: "proven" },
    isSandbox
      ? { id: "qe-identity", status: "not-checked", right: hex("5"), why: "sandbox" }
      : { id: "qe-identity", status: "proven", left: hex("5"), right: hex("5") },
    { id: "qe-binding", status: "proven", left: hex("6"), right: hex("6") },
    { id: "quote-signature", status: "proven" },
    { id: "debug", status: "proven", right: "0000001000000000" },
    { id: "tcb-level", status: "not-checked", why: "noCollateral" },
    { id: "report-data", status: "proven", left: hex("7", 128), right: hex("7", 128) },
    { id: "signer", status: "proven", left: address("b"), right: address("b") },
    { id: "rtmr-replay", status: "proven", left: registers, right: registers },
    { id: "compose-hash", status: "proven", left: hex("c"), right: hex("c") },
    { id: "image-digests", status: "observed", right: "ghcr.io/zerog/broker:latest", why: "tagOnly" },
    { id: "os-image", status: "not-checked", right: hex("d"), why: "noService" },
    { id: "gpu", status: "not-checked", why: "noService" },
  ];
}

export function aReport(
  kind: ReportKind = "combined",
  root: RootOrganisation = "intel",
  part: Partial<ReportVerification> = {},
): ReportVerification {
  return {
    ...{ kind, root, steps: reportSteps(root), measures: measures() },
    bytes: new TextEncoder().encode('{"quote":"00"}'),
    reportDigest: hex("f") as Sha256Hex,
    quoteDigest: hex("9") as Sha256Hex,
    ...part,
  };
}

export const aChainEntry = (part: Partial<ChainEntry> = {}): ChainEntry => ({
  ...{ teeSigner: address("b"), answerSigner: address("b"), providerClass: "combined" },
  ...{ host: "provider.example", path: "" },
  ...part,
});

export function aVerification(part: Partial<ProviderVerification> = {}): ProviderVerification {
  const reports = part.reports ?? [aReport()];
  const steps = part.steps ?? [{ id: "owner-acknowledged", status: "observed", right: address("b") }];
  return {
    ...{ provider: address("a"), service: "inference", providerClass: "combined", privacy: "private" },
    entry: aChainEntry(),
    ...{ checkedAt: noon, block: 4_711_000, reports, steps },
    word: custodyWord([...reports.flatMap((report) => report.steps), ...steps]),
    ...part,
  };
}

/** With one step replaced. */
export function withStep(report: ReportVerification, step: CustodyStep): ReportVerification {
  return { ...report, steps: report.steps.map((one) => (one.id === step.id ? step : one)) };
}

const changedReport = aReport("combined", "intel", {
  measures: measures({ signer: address("f"), composeHash: hex("8"), images: [] }),
});

export const verifications = {
  proven: () => aVerification(),
  sandbox: () => aVerification({ reports: [aReport("combined", "sandbox")] }),
  failed: () =>
    aVerification({
      reports: [
        withStep(aReport(), {
          ...{ id: "signer", status: "failed", why: "different" },
          left: address("b"),
          right: `${address("c").slice(0, 30)}\u202E<img src=x>`,
        }),
      ],
    }),
  separated: () =>
    aVerification({ providerClass: "separated", reports: [aReport("broker"), aReport("llm", "unknown")] }),
  standard: () =>
    aVerification({
      ...{ providerClass: "standard", privacy: "none", reports: [] },
      steps: [{ id: "report", status: "not-checked", why: "standardProvider" }],
    }),
  changed: () =>
    aVerification({
      reports: [changedReport],
      entry: aChainEntry({ teeSigner: address("f"), answerSigner: address("f") }),
    }),
} satisfies Record<string, () => ProviderVerification>;

export const proofTelling: ProofTelling = {
  t: english,
  moment: (at) => new Date(at).toISOString().slice(0, 16).replace("T", " "),
};

export function proofFacts(
  verification: ProviderVerification | undefined,
  part: Partial<ProofFacts> = {},
  network: NetworkId = "testnet",
): ProofFacts {
  return {
    shown: { provider: address("a"), service: "inference" },
    network: network === "custom" ? undefined : networks[network],
    ...{ isBusy: false, differences: [] },
    ...(verification ? { verification } : {}),
    ...part,
  };
}

/** As the service hands it over: the step that compares with the first time has failed. */
const foundChanged = (): ProviderVerification =>
  aVerification({
    reports: [changedReport],
    steps: [{ id: "pinned", status: "failed", left: address("b"), right: address("f"), why: "different" }],
  });

export const changedFacts = (): ProofFacts =>
  proofFacts(foundChanged(), {
    differences: pinDifferences(
      pinnedReports(verifications.proven()),
      pinnedReports(verifications.changed()),
    ),
    pinnedAt: noon - 86_400_000,
  });

export const answerFacts = (): ProofFacts =>
  proofFacts(verifications.proven(), {
    verdict: aVerdict({
      checks: [
        { id: "signature", status: "observed", left: "chat-1", right: `${hex("1")}:${hex("2")}` },
        { id: "signer", status: "proven", left: address("b"), right: address("b") },
        { id: "request-hash", status: "proven", left: hex("1"), right: hex("1") },
        { id: "response-hash", status: "proven", left: hex("2"), right: hex("2") },
        { id: "enclave", status: "not-checked", why: "later" },
      ],
    }),
    shown: {
      ...{ provider: address("a"), service: "inference" },
      answer: { conversation: "1".repeat(24) as ConversationId, turn: "2".repeat(24) as TurnId },
    },
  });

/** Opened from an answer whose signature is by a key that nobody named. */
export const forgedFacts = (): ProofFacts => ({
  ...answerFacts(),
  verdict: aVerdict({
    ...{ level: "forged", reason: "wrongSigner", recoveredSigner: address("e") },
    checks: [
      { id: "signature", status: "proven" },
      { id: "signer", status: "failed", left: address("b"), right: address("e") },
      { id: "enclave", status: "not-checked", why: "otherKey" },
    ],
  }),
});

/** Opened from an answer that was signed by the key of then; the quote of now binds another. */
export const rotatedFacts = (): ProofFacts => ({
  ...answerFacts(),
  verdict: aVerdict({
    ...{ expectedSigner: address("e"), recoveredSigner: address("e") },
    checks: [
      { id: "signature", status: "proven" },
      { id: "signer", status: "proven", left: address("e"), right: address("e") },
      { id: "response-hash", status: "proven", left: hex("2"), right: hex("2") },
      { id: "enclave", status: "proven", left: address("e"), right: address("e") },
    ],
  }),
});

export function proofState(facts: ProofFacts): ProofPanelState {
  return proofPanelState(facts, proofTelling);
}

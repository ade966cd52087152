// The chain of custody as a line of stations and steps, with whole values: the page shortens them, a copy does not.
import type {
  CustodyStep,
  CustodyStepId,
  ProviderVerification,
  ReportVerification,
  RootOrganisation,
} from "../../domain/attestation.js";
import type { Check, CheckStatus, Verdict } from "../../domain/verdict.js";
import type { ReceiptCheck } from "../../domain/receipt.js";
import type { CheckView } from "../../protocol.js";
import type { ProofStationView } from "../../protocol/proof.js";
import { checkView, statusLabel } from "./checkView.js";
import { stepLabel, stepSentence, stepSides } from "./proofText.js";
import type { Translate } from "../translate.js";

export interface LinksContext {
  readonly t: Translate;
  readonly isSandbox: boolean;
  /** A moment as this user reads it; default: by the standard. */
  readonly moment?: (at: number) => string;
}

export interface ProofStep {
  readonly kind: "step";
  readonly status: CheckStatus;
  readonly statusLabel: string;
  readonly label: string;
  readonly explanation: string;
  readonly left?: ProofValue;
  readonly right?: ProofValue;
}

export interface ProofValue {
  readonly label: string;
  readonly value: string;
}

export type ProofLink = ProofStationView | ProofStep;

export interface ProofLinksOptions extends LinksContext {
  /** The answer the chain goes on to. */
  readonly answer?: AnswerLink;
}

/** An answer, and whether the verified enclave holds the key that signed it. */
export interface AnswerLink {
  readonly verdict: Verdict;
  readonly enclave: Check;
}

export function proofLinks(
  verification: ProviderVerification,
  options: ProofLinksOptions,
): readonly ProofLink[] {
  const { t, answer } = options;
  const { reports, steps } = verification;
  const step = (root: RootOrganisation) => (one: CustodyStep) => custodyStep(one, root, options);
  return [
    ...rootStation(reports, options),
    ...reports.flatMap((report) => [
      ...(reports.length > 1 ? [reportStation(report, options)] : []),
      ...report.steps.map(step(report.root)),
    ]),
    station(
      "service",
      t("The service on the chain"),
      t("What the network's contract says of this provider."),
    ),
    ...steps.map(step("unknown")),
    ...(answer ? answerLinks(answer, options) : []),
    answer
      ? station("end", t("This answer"), t("What you read in the chat."))
      : station("end", t("This provider"), verification.provider),
  ];
}

/** Of all reports: the first one's stands for the line. */
export function rootStation(
  [first]: readonly ReportVerification[],
  context: LinksContext,
): readonly ProofStationView[] {
  return first ? [station("root", rootName(first.root, context), rootSentence(first.root, context.t))] : [];
}

/** Only the pinned key is called Intel's. The sandbox's is known by its name alone, which anybody can give to his own. */
function rootName(root: RootOrganisation, { t, isSandbox }: LinksContext): string {
  switch (root) {
    case "intel":
      return t("Intel's root key");
    case "sandbox":
      return isSandbox ? t("The sandbox's own root") : t("A root that calls itself the sandbox's");
    case "unknown":
      return t("No known root");
  }
}

function rootSentence(root: RootOrganisation, t: Translate): string {
  switch (root) {
    case "intel":
      return t(
        "The maker of the processor. The key is part of this extension; everything below hangs on it.",
      );
    case "sandbox":
      return t(
        "Such a root is made for practice, and anybody can make one. It vouches for no hardware, and there is no enclave below it.",
      );
    case "unknown":
      return t("Whoever signed this report is nobody this extension knows. Nothing below rests on hardware.");
  }
}

function reportStation({ kind, root }: ReportVerification, context: LinksContext): ProofStationView {
  const { t } = context;
  const name = kind === "llm" ? t("The model's enclave") : t("The gateway's enclave");
  return station("report", name, t("Its report ends here: {0}", rootName(root, context)));
}

/** What was known of the enclave when the answer came gives way to what stands above it on the line. */
function answerLinks({ verdict, enclave }: AnswerLink, context: LinksContext): readonly ProofLink[] {
  const { t } = context;
  const checks = [enclave, ...verdict.checks.filter(({ id }) => id !== "enclave")];
  return [
    station("answer", t("The answer's signature"), t("What ties one answer to the provider's key.")),
    ...checks.map((check) => checkStep(check, checkView(check, context), context)),
  ];
}

/** `view` has the words and shortens the values; the whole ones are the check's. */
export function checkStep(
  { status, left, right }: Pick<ReceiptCheck, "status" | "left" | "right">,
  view: CheckView,
  context: LinksContext,
): ProofStep {
  const { label, explanation } = view;
  return {
    ...{ kind: "step", status, label, explanation },
    statusLabel: custodyStatus(status, context),
    ...(view.left && left !== undefined ? { left: { label: view.left.label, value: left } } : {}),
    ...(view.right && right !== undefined ? { right: { label: view.right.label, value: right } } : {}),
  };
}

export function custodyStep(step: CustodyStep, root: RootOrganisation, context: LinksContext): ProofStep {
  const { t } = context;
  const { left, right } = stepSides(step, t);
  return {
    ...{ kind: "step", status: step.status, label: stepLabel(step, t) },
    explanation: explanation(step, root, context),
    statusLabel: custodyStatus(step.status, context),
    ...(step.left === undefined ? {} : { left: { label: left, value: step.left } }),
    ...(step.right === undefined ? {} : { right: { label: right, value: foundText(step, step.right, t) } }),
  };
}

/** What was counted is told with what was counted. */
function foundText({ id }: CustodyStep, right: string, t: Translate): string {
  if (id === "structure") return t("{0} bytes", right);
  return id === "event-digests" && /^\d+$/.test(right) ? t("{0} entries", right) : right;
}

/** Steps whose sentence is about a machine, and there is none behind the sandbox's. */
const ofHardware: ReadonlySet<CustodyStepId> = new Set([
  "qe-report",
  "quote-signature",
  "tdx-module",
  "debug",
]);

function explanation(step: CustodyStep, root: RootOrganisation, { t, isSandbox }: LinksContext): string {
  if (isSandbox && step.status === "proven" && ofHardware.has(step.id))
    return t("What the sandbox made has the right form and adds up here. There is no hardware behind it.");
  return stepSentence(step, { t, root });
}

/** In the sandbox the arithmetic holds, and proves nothing of hardware: another word than where it does. */
export function custodyStatus(status: CheckStatus, { t, isSandbox }: LinksContext): string {
  return isSandbox && status === "proven" ? t("holds in the sandbox") : statusLabel({ status }, t);
}

export function station(mark: ProofStationView["mark"], label: string, text: string): ProofStationView {
  return { kind: "station", mark, label, text };
}

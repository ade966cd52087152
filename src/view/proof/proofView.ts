// The verification page of a provider: one honest word, what changed, and the chain of custody behind it.
import { answerEnclave } from "../../domain/answerCustody.js";
import type { ProviderVerification } from "../../domain/attestation.js";
import type { KeptError } from "../../domain/chat.js";
import type { Network } from "../../domain/networks.js";
import type { PinDifference } from "../../domain/pin.js";
import type { Verdict } from "../../domain/verdict.js";
import type { ProofChangeView, ProofPanelState, ProviderRef } from "../../protocol/proof.js";
import { changeNotice } from "./pinView.js";
import { proofLinks, type AnswerLink, type ProofLink } from "./proofLinks.js";
import { pageParts, proofStrings } from "./proofPage.js";
import { custodyTold } from "./proofSummary.js";
import type { Translate } from "../translate.js";

export interface ProofFacts {
  readonly shown: ProviderRef;
  readonly network: Network | undefined;
  readonly isBusy: boolean;
  readonly verification?: ProviderVerification;
  readonly error?: KeptError;
  /** What is not as when this provider was first verified. */
  readonly differences: readonly PinDifference[];
  /** When that was. */
  readonly pinnedAt?: number;
  /** Of the answer it was opened from. */
  readonly verdict?: Verdict;
}

export interface ProofTelling {
  readonly t: Translate;
  /** Milliseconds since 1970 as this machine's clock writes them. */
  readonly moment: (at: number) => string;
}

export function proofPanelState(facts: ProofFacts, telling: ProofTelling): ProofPanelState {
  const { shown, network, verification, verdict, isBusy, error } = facts;
  const { t } = telling;
  const isSandbox = network?.isSandbox === true;
  const change = changeView(facts, telling);
  const told = verification && custodyTold(verification, answerLink(verification, verdict), t);
  return {
    ...pageParts({ told, links: linksOf(facts, telling), error }, { t, isSandbox }),
    ...{ shown, isSandbox, isBusy, facts: [] },
    title: verificationTitle(t),
    subject: shown.provider,
    network: network?.name ?? t("No network"),
    status: statusText(facts, telling),
    ...(change ? { change } : {}),
    canExport: verification?.reports.some(({ bytes }) => bytes !== undefined) === true,
    strings: proofStrings(t("Chain of custody"), t),
  };
}

export function verificationTitle(t: Translate): string {
  return t("Verification");
}

/** With whole values. */
export function linksOf(
  { verification, network, verdict }: ProofFacts,
  { t, moment }: ProofTelling,
): readonly ProofLink[] {
  if (!verification) return [];
  const isSandbox = network?.isSandbox === true;
  const answer = answerLink(verification, verdict);
  return proofLinks(verification, { t, isSandbox, moment, ...(answer ? { answer } : {}) });
}

function answerLink(
  verification: ProviderVerification,
  verdict: Verdict | undefined,
): AnswerLink | undefined {
  return verdict && { verdict, enclave: answerEnclave(verification, verdict) };
}

function statusText({ verification, isBusy }: ProofFacts, { t, moment }: ProofTelling): string {
  if (isBusy) return t("Downloading the provider's reports and checking them on this machine…");
  if (!verification) return t("Not checked yet.");
  const { checkedAt, block } = verification;
  return block === undefined
    ? t("Checked on this machine, {0}", moment(checkedAt))
    : t("Checked on this machine, {0}, against block {1}", moment(checkedAt), block);
}

function changeView(
  { differences, pinnedAt }: ProofFacts,
  { t, moment }: ProofTelling,
): ProofChangeView | undefined {
  if (differences.length === 0 || pinnedAt === undefined) return undefined;
  return changeNotice(differences, moment(pinnedAt), t);
}

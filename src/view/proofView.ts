// The verification page: one honest word, what changed, and the chain of custody behind it.
import type { ProviderVerification } from "../domain/attestation.js";
import type { KeptError } from "../domain/chat.js";
import type { Network } from "../domain/networks.js";
import type { PinDifference } from "../domain/pin.js";
import type { CheckStatus, Verdict } from "../domain/verdict.js";
import type {
  ProofChangeView,
  ProofLinkView,
  ProofPanelState,
  ProofRef,
  ProofStrings,
  ProofSummaryView,
  ProofValueView,
} from "../protocol/proof.js";
import { errorView } from "./errors.js";
import { changeRows } from "./pinView.js";
import { proofLinks, type ProofLink, type ProofValue } from "./proofLinks.js";
import { custodySentence } from "./proofText.js";
import { proofWord } from "./proofWord.js";
import { shortValue } from "./shortValue.js";
import type { Translate } from "./translate.js";

export interface ProofFacts {
  readonly shown: ProofRef;
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
  const { shown, network, verification, isBusy, error } = facts;
  const { t } = telling;
  const isSandbox = network?.isSandbox === true;
  const links = linksOf(facts, telling);
  const problem = error && errorView(error, t);
  const change = changeView(facts, telling);
  return {
    shown,
    title: verificationTitle(t),
    subject: shown.provider,
    network: network?.name ?? t("No network"),
    isSandbox,
    status: statusText(facts, telling),
    isBusy,
    ...(problem ? { problem: { text: problem.text, action: problem.actions[0]?.title } } : {}),
    ...(verification ? { summary: summaryView(verification, links, { t, isSandbox }) } : {}),
    ...(change ? { change } : {}),
    links: links.map(linkView),
    canExport: verification?.reports.some(({ bytes }) => bytes !== undefined) === true,
    strings: proofStrings(t),
  };
}

export function verificationTitle(t: Translate): string {
  return t("Verification");
}

/** With whole values. */
export function linksOf(
  { verification, network, verdict }: ProofFacts,
  { t }: ProofTelling,
): readonly ProofLink[] {
  if (!verification) return [];
  const isSandbox = network?.isSandbox === true;
  return proofLinks(verification, { t, isSandbox, ...(verdict ? { verdict } : {}) });
}

function statusText({ verification, isBusy }: ProofFacts, { t, moment }: ProofTelling): string {
  if (isBusy) return t("Downloading the provider's reports and checking them on this machine…");
  if (!verification) return t("Not checked yet.");
  const { checkedAt, block } = verification;
  return block === undefined
    ? t("Checked on this machine, {0}", moment(checkedAt))
    : t("Checked on this machine, {0}, against block {1}", moment(checkedAt), block);
}

interface SummaryContext {
  readonly t: Translate;
  readonly isSandbox: boolean;
}

function summaryView(
  verification: ProviderVerification,
  links: readonly ProofLink[],
  context: SummaryContext,
): ProofSummaryView {
  const { t } = context;
  const { word } = verification;
  const order: readonly CheckStatus[] = ["failed", "proven", "observed", "not-checked"];
  const counts = order.flatMap((status) => {
    const count = links.filter((link) => link.kind === "step" && link.status === status).length;
    return count === 0 ? [] : [{ status, text: countText(status, count, context) }];
  });
  return { word, label: proofWord(word, t), sentence: custodySentence(verification, t), counts };
}

function countText(status: CheckStatus, count: number, { t, isSandbox }: SummaryContext): string {
  switch (status) {
    case "proven":
      return isSandbox ? t("{0} hold in the sandbox", count) : t("{0} proven", count);
    case "observed":
      return t("{0} observed", count);
    case "not-checked":
      return t("{0} not checked", count);
    case "failed":
      return t("{0} failed", count);
  }
}

function changeView(
  { differences, pinnedAt }: ProofFacts,
  { t, moment }: ProofTelling,
): ProofChangeView | undefined {
  if (differences.length === 0 || pinnedAt === undefined) return undefined;
  return {
    text: t(
      "This provider is not the one you verified on {0}. An update looks like this, and so does a stranger in its place. You are asked again before your next message to it.",
      moment(pinnedAt),
    ),
    rows: changeRows(differences, t).map(({ label, before, now }) => ({
      label,
      before: shortValue(before),
      now: shortValue(now),
    })),
    accept: t("Accept the change"),
  };
}

function linkView(link: ProofLink): ProofLinkView {
  if (link.kind === "station") return link;
  const { left, right, ...rest } = link;
  return {
    ...rest,
    ...(left ? { left: valueView(left) } : {}),
    ...(right ? { right: valueView(right) } : {}),
  };
}

function valueView({ label, value }: ProofValue): ProofValueView {
  return { label, value: shortValue(value) };
}

export function proofStrings(t: Translate): ProofStrings {
  return {
    again: t("Check again"),
    copyAll: t("Copy all"),
    exportReports: t("Export reports…"),
    copy: t("Copy: {0}"),
    copied: t("Copied"),
    chain: t("Chain of custody"),
    summary: t("In one word"),
    before: t("First verified"),
    now: t("Now"),
  };
}

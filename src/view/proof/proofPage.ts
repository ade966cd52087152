// What every verification page is made of, of a provider or of a file: the word with its counts, the line, the problem, the page's own words.
import type { KeptError } from "../../domain/chat.js";
import type { CheckStatus, ProofWord } from "../../domain/verdict.js";
import type {
  ProofLinkView,
  ProofPanelState,
  ProofStrings,
  ProofSummaryView,
  ProofValueView,
} from "../../protocol/proof.js";
import { errorView } from "../errors/errors.js";
import type { ProofLink, ProofValue } from "./proofLinks.js";
import { proofWord } from "./proofWord.js";
import { shortValue } from "../shortValue.js";
import type { Translate } from "../translate.js";

export interface PageContext {
  readonly t: Translate;
  readonly isSandbox: boolean;
}

export interface PageFacts {
  /** Absent until something was checked, and where there is nothing to check. */
  readonly told?: { readonly word: ProofWord; readonly sentence: string };
  /** With whole values. */
  readonly links: readonly ProofLink[];
  readonly error?: KeptError;
}

export function pageParts(
  { told, links, error }: PageFacts,
  context: PageContext,
): Pick<ProofPanelState, "problem" | "summary" | "links"> {
  const problem = error && errorView(error, context.t);
  return {
    ...(problem ? { problem: { text: problem.text, action: problem.actions[0]?.title } } : {}),
    ...(told ? { summary: summaryView(told, links, context) } : {}),
    links: links.map(linkView),
  };
}

function summaryView(
  { word, sentence }: NonNullable<PageFacts["told"]>,
  links: readonly ProofLink[],
  context: PageContext,
): ProofSummaryView {
  const order: readonly CheckStatus[] = ["failed", "proven", "observed", "not-checked"];
  const counts = order.flatMap((status) => {
    const count = links.filter((link) => link.kind === "step" && link.status === status).length;
    return count === 0 ? [] : [{ status, text: countText(status, count, context) }];
  });
  return { word, label: proofWord(word, context.t), sentence, counts };
}

function countText(status: CheckStatus, count: number, { t, isSandbox }: PageContext): string {
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

/** `chain`: what the line is called. */
export function proofStrings(chain: string, t: Translate): ProofStrings {
  return {
    chain,
    again: t("Check again"),
    copyAll: t("Copy all"),
    exportReports: t("Export reports…"),
    askChain: t("Check against the chain"),
    copy: t("Copy: {0}"),
    copied: t("Copied"),
    summary: t("In one word"),
    before: t("First verified"),
    now: t("Now"),
  };
}

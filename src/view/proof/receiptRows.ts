// Receipts as choices of a list, and what stands above one that is open.
import type { ReceiptKind, ReceiptSummary, Recheck } from "../../domain/receipt.js";
import { networks } from "../../domain/networks.js";
import type { ProofWord } from "../../domain/verdict.js";
import { shortAddress } from "../address.js";
import type { Entry } from "../choice.js";
import { proofWord } from "./proofWord.js";
import { formatAgo } from "../time.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

export function receiptChoice(
  summary: ReceiptSummary,
  { t, now }: { readonly t: Translate; readonly now: number },
): Entry {
  const { kind, title, model, task, provider, network, word, madeAt } = summary;
  const where = network === "custom" ? t("Custom") : networks[network].name;
  return {
    icon: icons[word],
    label: title === undefined ? receiptKind(kind, t) : cleanText(title, 80),
    description: `${proofWord(word, t)} · ${formatAgo(madeAt, now, t)}`,
    detail: [
      cleanText(model, 40),
      ...(task === undefined ? [] : [cleanText(task, 40)]),
      shortAddress(provider),
      where,
    ].join(" · "),
  };
}

const icons: Readonly<Record<ProofWord, string>> = {
  proven: "pass",
  failed: "error",
  notProven: "question",
};

export function receiptKind(kind: ReceiptKind, t: Translate): string {
  switch (kind) {
    case "answer":
      return t("Answer");
    case "image":
      return t("Image");
    case "transcript":
      return t("Transcript");
    case "model":
      return t("Tuned model");
  }
}

/** One line above an open receipt. */
export function receiptLens(recheck: Recheck, t: Translate): string {
  const { word, checks } = recheck;
  const failed = checks.filter(({ status }) => status === "failed").length;
  const told =
    word === "failed" && failed > 0
      ? t("{0}: {1} checks failed", proofWord(word, t), failed)
      : proofWord(word, t);
  return `$(${icons[word]}) ${told}`;
}

// Receipts as choices of a list, and what stands above one that is open.
import type { ReceiptKind, ReceiptSummary, ReceiptWord, Recheck } from "../domain/receipt.js";
import { networks } from "../domain/networks.js";
import { verdictWord } from "../domain/verdict.js";
import { shortAddress } from "./address.js";
import type { Entry } from "./choice.js";
import { formatAgo } from "./time.js";
import { cleanText } from "./text.js";
import type { Translate } from "./translate.js";

export function receiptChoice(
  summary: ReceiptSummary,
  { t, now }: { readonly t: Translate; readonly now: number },
): Entry {
  const { kind, title, model, provider, network, level, madeAt } = summary;
  const word = level === undefined ? undefined : recordedWord(level);
  const icon = word === undefined ? "file" : icons[word];
  const where = network === "custom" ? t("Custom") : networks[network].name;
  return {
    icon,
    label: title === undefined ? receiptKind(kind, t) : cleanText(title, 80),
    description: [word === undefined ? "" : receiptWord(word, t), formatAgo(madeAt, now, t)]
      .filter((part) => part !== "")
      .join(" · "),
    detail: [cleanText(model, 40), shortAddress(provider), where].join(" · "),
  };
}

const icons: Readonly<Record<ReceiptWord, string>> = {
  proven: "pass",
  failed: "error",
  notProven: "question",
};

/** As it was found when the receipt was made; opened, it is checked again. */
function recordedWord(level: NonNullable<ReceiptSummary["level"]>): ReceiptWord {
  const word = verdictWord(level);
  return word === "verified" ? "proven" : word === "failed" ? "failed" : "notProven";
}

export function receiptWord(word: ReceiptWord, t: Translate): string {
  switch (word) {
    case "proven":
      return t("Proven");
    case "failed":
      return t("Failed");
    case "notProven":
      return t("Not proven");
  }
}

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
      ? t("{0}: {1} checks failed", receiptWord(word, t), failed)
      : receiptWord(word, t);
  return `$(${icons[word]}) ${told}`;
}

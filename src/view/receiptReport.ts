// A receipt, checked again, as a document: what it proves in one sentence, then each check with both values.
import type { AnswerReceipt, Receipt, Recheck } from "../domain/receipt.js";
import { receiptCheckView } from "./receiptChecks.js";
import { proofWord } from "./proofWord.js";
import { receiptKind } from "./receiptRows.js";
import { plainLine } from "./text.js";
import type { Translate } from "./translate.js";
import { verdictView } from "./verdictView.js";

export interface ReceiptReportOptions {
  readonly t: Translate;
  /** A moment as this user reads it. */
  readonly moment: (at: number) => string;
}

export function receiptReport(recheck: Recheck, { t, moment }: ReceiptReportOptions): string {
  const { word, receipt, checks } = recheck;
  const isSandbox = receipt?.network.id === "sandbox";
  return [
    `# ${t("Receipt: {0}", proofWord(word, t))}`,
    "",
    receiptSentence(recheck, t),
    "",
    ...(receipt ? [...facts(receipt, t, moment), ""] : []),
    `## ${t("What was checked, without asking anyone")}`,
    "",
    ...checks.flatMap((check) => {
      const view = receiptCheckView(check, t, isSandbox);
      const sides = [view.left, view.right].flatMap((side) =>
        side ? [`  - ${side.label}: ${code(side.value)}`] : [],
      );
      return [`- **${view.statusLabel}** · ${view.label}. ${view.explanation}`, ...sides];
    }),
    "",
  ].join("\n");
}

/** Never more than what the checks say. */
function receiptSentence(recheck: Recheck, t: Translate): string {
  const { receipt, word, level, reason, checks } = recheck;
  if (!receipt) return unreadSentence(checks, t);
  const isOwnFailure = checks.some(({ id, status }) => isDocument(id) && status === "failed");
  if (isOwnFailure) return t("The receipt does not fit together. Do not rely on it.");
  const isSandbox = receipt.network.id === "sandbox";
  if (receipt.kind === "model")
    return t(
      "The key {0} signed this encrypted model. That it was the provider's key is the chain's word of then.",
      receipt.file.signer,
    );
  if (word === "proven") {
    const told = [
      signedSentence(receipt, checks, t),
      t("That it was the provider's key is the chain's word of then."),
      isSandbox ? t("In the sandbox this proves possession of a key, not an enclave.") : "",
    ];
    return told.join(" ").trim();
  }
  if (reason === "noBytes")
    return t(
      "The provider's key signed something else than the plain hashes in this receipt, and the bytes were not kept.",
    );
  const verdict = {
    ...receipt.verdict,
    checks: [],
    checkedAt: 0,
    level: level ?? receipt.verdict.level,
    reason,
  };
  return verdictView(verdict, { t, isSandbox }).sentence;
}

function unreadSentence(checks: Recheck["checks"], t: Translate): string {
  const later = checks.find(({ why }) => why === "laterSchema");
  return later
    ? t(
        "This receipt has the form {0}, which is newer than this version of 0G Compute knows. Update it to check the receipt.",
        code(later.right ?? ""),
      )
    : t("This is no receipt that can be read.");
}

function signedSentence(
  { signed, request, response }: AnswerReceipt,
  checks: Recheck["checks"],
  t: Translate,
): string {
  const signer = signed?.signer ?? "";
  if (request.base64 === undefined || response.base64 === undefined)
    return t("The key {0} signed these hashes; the bytes themselves are not in the receipt.", signer);
  if (checks.some(({ why }) => why === "pictures"))
    return t("The key {0} signed this request and exactly the pictures in this answer.", signer);
  return checks.some(({ why }) => why === "rewritten")
    ? t("The key {0} signed this request and this answer, in other bytes that say the same.", signer)
    : t("The key {0} signed exactly these bytes.", signer);
}

function isDocument(id: Recheck["checks"][number]["id"]): boolean {
  return ["form", "digest", "request-bytes", "response-bytes", "chain", "verdict", "known-signer"].includes(
    id,
  );
}

function facts(receipt: Receipt, t: Translate, moment: (at: number) => string): string[] {
  const isModel = receipt.kind === "model";
  const { name, chainId } = receipt.network;
  const row = (label: string, value: string) => `- ${label}: ${value}`;
  return [
    row(t("Kind"), receiptKind(receipt.kind, t)),
    row(t("Model"), code(isModel ? receipt.baseModel : receipt.model)),
    row(t("Provider"), isModel ? receipt.provider : receipt.service.provider),
    row(t("Network"), t("{0}, chain {1}", code(name), chainId)),
    row(t("Made"), moment(Date.parse(receipt.madeAt))),
  ];
}

/** Nothing that a stranger wrote acts in a code span, and it can be read in the source too. */
function code(text: string): string {
  return `\`${plainLine(text, 300).replace(/`/g, "'")}\``;
}

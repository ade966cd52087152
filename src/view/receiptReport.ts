// What a receipt is about, and what it proves in one sentence.
import type { AnswerReceipt, Receipt, Recheck } from "../domain/receipt.js";
import type { ProofFactView } from "../protocol/proof.js";
import { receiptKind } from "./receiptRows.js";
import type { Translate } from "./translate.js";
import { verdictView } from "./verdictView.js";

/** Never more than what the checks say. */
export function receiptSentence(recheck: Recheck, t: Translate): string {
  const { receipt, word, level, reason, checks } = recheck;
  if (!receipt) return t("This is no receipt that can be read.");
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

function signedSentence(
  { signed, request, response }: AnswerReceipt,
  checks: Recheck["checks"],
  t: Translate,
): string {
  const signer = signed?.signer ?? "";
  if (request.base64 === undefined || response.base64 === undefined)
    return t("The key {0} signed these hashes; the bytes themselves are not in the receipt.", signer);
  return checks.some(({ why }) => why === "rewritten")
    ? t("The key {0} signed this request and this answer, in other bytes that say the same.", signer)
    : t("The key {0} signed exactly these bytes.", signer);
}

function isDocument(id: Recheck["checks"][number]["id"]): boolean {
  return ["form", "digest", "request-bytes", "response-bytes", "chain", "verdict", "known-signer"].includes(
    id,
  );
}

/** `moment`: as this user reads a time. */
export function receiptFacts(
  receipt: Receipt,
  t: Translate,
  moment: (at: number) => string,
): readonly ProofFactView[] {
  const isModel = receipt.kind === "model";
  const { name, chainId } = receipt.network;
  return [
    { label: t("Kind"), value: receiptKind(receipt.kind, t) },
    { label: t("Model"), value: isModel ? receipt.baseModel : receipt.model },
    { label: t("Provider"), value: isModel ? receipt.provider : receipt.service.provider },
    { label: t("Network"), value: t("{0}, chain {1}", name, chainId) },
    { label: t("Made"), value: moment(Date.parse(receipt.madeAt)) },
  ];
}

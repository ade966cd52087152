// The one word for a provider, or for one of its answers, and the one sentence for a reader in a hurry. Never claims more than was compared.
import { answerWord } from "../../domain/answerCustody.js";
import type { CustodyStepId, ProviderVerification, ReportVerification } from "../../domain/attestation.js";
import { verdictWord, type ProofWord } from "../../domain/verdict.js";
import type { AnswerLink } from "./proofLinks.js";
import type { Translate } from "../translate.js";
import { verdictSentence } from "./verdictView.js";

export function custodyTold(
  verification: ProviderVerification,
  answer: AnswerLink | undefined,
  t: Translate,
): { readonly word: ProofWord; readonly sentence: string } {
  const { word } = verification;
  if (!answer) return { word, sentence: custodySentence(verification, t) };
  return {
    word: answerWord(verification, answer.verdict, answer.enclave),
    sentence: answerSentence(verification, answer, t),
  };
}

/** What keeps the line from reaching the answer, the nearest to the reader first. */
function answerSentence(
  verification: ProviderVerification,
  { verdict, enclave }: AnswerLink,
  t: Translate,
): string {
  if (verification.word === "failed") return custodySentence(verification, t);
  if (verdictWord({ level: verdict.level }) !== "verified")
    return t("What was found of the provider does not reach this answer. {0}", verdictSentence(verdict, t));
  if (verification.word !== "proven") return custodySentence(verification, t);
  return enclave.status === "proven"
    ? [
        heldSentence(verification, t),
        t("The same key signed this answer."),
        openSentence(verification, t),
      ].join(" ")
    : t(
        "The enclave that was verified now holds another key than the one that signed this answer, so it proves nothing of it. A provider may change its key.",
      );
}

/** Private and authentic are two properties, with two words. */
export function custodySentence(verification: ProviderVerification, t: Translate): string {
  const { word, reports, steps } = verification;
  if (word === "failed")
    return t(
      "Something this provider shows about its enclave does not hold. Do not send it anything private.",
    );
  if (reports.some(({ root }) => root === "sandbox"))
    return t(
      "This is the sandbox: its reports are complete in form and prove nothing, because there is no enclave.",
    );
  if (word === "notProven")
    return steps.some(({ why }) => why === "noAnswer")
      ? t(
          "Not everything is proven yet: ask this provider something first, so that there is a signed answer to look at.",
        )
      : t("Not everything that must be proven about this provider could be proven.");
  return [heldSentence(verification, t), openSentence(verification, t)].join(" ");
}

/** Where the model runs, and who answers, is what the provider says of itself on chain. */
function heldSentence({ privacy }: ProviderVerification, t: Translate): string {
  switch (privacy) {
    case "private":
      return t(
        "Private: an enclave under Intel's root key holds the key that signs for this provider, and the provider states that the model runs in it.",
      );
    case "authentic":
      return t(
        "Authentic, not private: an enclave under Intel's root key signs what it relays from a company that the provider names. That company can read what you send.",
      );
    case "passedOn":
      return t("Passed on: the sandbox sends what you ask to your server outside this machine.");
    case "none":
      return t("An enclave under Intel's root key holds this provider's key; it does not sign answers.");
  }
}

function openSentence({ reports }: ProviderVerification, t: Translate): string {
  return t("Not proven: {0}.", leftOpen(reports, t));
}

/**
 * What a proven word leaves open, in a few words. Never known from here: the operating system, and who reads along, as the quote binds the
 * key that signs answers and not the connection.
 */
export function leftOpen(reports: readonly ReportVerification[], t: Translate): string {
  const isOpen = (id: CustodyStepId) =>
    reports.some(({ steps }) => !steps.some((step) => step.id === id && step.status === "proven"));
  return [
    ...(isOpen("tcb-level") ? [t("that the machine is up to date and not revoked")] : []),
    ...(isOpen("image-digests") ? [t("which programs it starts")] : []),
    t("which operating system runs in it"),
    ...(isOpen("nonce") ? [t("when its report was made")] : []),
    t("that nobody reads along on the way to it"),
  ].join("; ");
}

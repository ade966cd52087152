// A verdict in words. Never claims more than was checked; a failed answer is called failed.
import { hasEnclaveFailed, verdictWord, type Verdict, type VerdictReason } from "../../domain/verdict.js";
import type { VerdictView } from "../../protocol.js";
import { checkView } from "./checkView.js";
import type { Translate } from "../translate.js";

export interface VerdictContext {
  readonly t: Translate;
  readonly isSandbox: boolean;
  /** A moment as this user reads it; default: by the standard. */
  readonly moment?: (at: number) => string;
}

export function verdictView(verdict: Verdict, context: VerdictContext): VerdictView {
  const { t, isSandbox } = context;
  const word = verdictWord(verdict);
  const told = receiptTold(verdict, answerSentence(verdict, t), t);
  const isProven = verdict.level === "verified" || verdict.level === "response-bound";
  return {
    word,
    label: verdictLabel(verdict, t),
    sentence:
      isSandbox && isProven
        ? t("{0} In the sandbox this proves possession of a key, not an enclave.", told)
        : told,
    checks: verdict.checks.map((check) => checkView(check, context)),
    ...(mayHaveReceipt(verdict) ? { receipt: t("Show receipt") } : {}),
  };
}

function mayHaveReceipt({ level, responseHash, isWithoutReceipt }: Verdict): boolean {
  return level !== "pending" && responseHash !== undefined && isWithoutReceipt !== true;
}

function receiptTold({ isWithoutReceipt }: Verdict, told: string, t: Translate): string {
  return isWithoutReceipt === true
    ? t("{0} Its receipt could not be written to the disk: this cannot be checked again later.", told)
    : told;
}

export function verdictLabel(verdict: Pick<Verdict, "level"> & Partial<Verdict>, t: Translate): string {
  switch (verdictWord(verdict)) {
    case "checking":
      return t("Checking…");
    case "verified":
      return t("Verified");
    case "failed":
      return t("Failed");
    case "notProven":
      return t("Not proven");
  }
}

function answerSentence(verdict: Verdict, t: Translate): string {
  const told = verdictSentence(verdict, t);
  return verdict.level === "verified" && hasEnclaveFailed(verdict)
    ? t("{0} But the provider's enclave did not pass its verification, or is not the one you verified.", told)
    : told;
}

/** Of the signature alone. */
export function verdictSentence(verdict: Verdict, t: Translate): string {
  const { level, reason, providerClass, isAskedAgain } = verdict;
  switch (level) {
    case "pending":
      return t("Comparing the provider's signature with the bytes sent and received.");
    case "verified":
      return providerClass === "centralized"
        ? t(
            "Signed by the provider's key over exactly your question and this answer, which an outside company wrote, as the provider states. That company can read the conversation.",
          )
        : t("Signed by the provider's key over exactly your question and this answer.");
    case "response-bound":
      return t(
        "This answer is signed by the provider's key, but the question that was signed with it is not the one we sent.",
      );
    case "signer-only":
      return signerOnlySentence(reason, t);
    case "unsigned":
      return isAskedAgain === true ? askedAgain(reason, t) : unsignedSentence(reason, t);
    case "mismatch":
      return t("The provider's key signed another answer than the one shown here. Do not rely on it.");
    case "forged":
      return isAskedAgain === true
        ? t(
            "The signature is by another key than the one the chain names for this provider. Whether it names a new one is looked at for about 20 minutes after the answer; do not rely on it before.",
          )
        : t(
            "The signature is by another key than the one the chain names for this provider. Do not rely on it.",
          );
  }
}

function signerOnlySentence(reason: VerdictReason | undefined, t: Translate): string {
  switch (reason) {
    case "noRoutingProof":
      return t("Signed by the provider's key, but without the proof of which company answered.");
    case "wrongRouting":
      return t("Signed by the provider's key, but for another company than the one the provider announces.");
    case "ownerNotAcknowledged":
      return t("Signed by the provider's key, but the network's operator has not accepted that key.");
    case "stopped":
      return t(
        "You stopped this answer; the provider's key signed the whole of it, so this part cannot be compared.",
      );
    case "cut":
      return t(
        "The connection broke off; the provider's key signed the whole answer, so this part cannot be compared.",
      );
    case "unknownClass":
      return t(
        "Signed by the provider's key, but the provider does not say in a readable form what that key stands for.",
      );
    case "picturesElsewhere":
      return t(
        "Signed by the provider's key, but other pictures than the signed ones may be seen in this answer: behind a link, or where it can be read in more than one way.",
      );
    case "noBytes":
      return t(
        "Signed by the provider's key, but not over the hashes that were kept; the bytes that could say why were not kept.",
      );
    case "signerRotated":
      return t(
        "The provider changed its key around this answer, so it is not clear which one should have signed.",
      );
    default:
      return t(
        "The provider's key signed something, but not in a form that ties it to this question and answer.",
      );
  }
}

/** Not the last word. */
function askedAgain(reason: VerdictReason | undefined, t: Translate): string {
  const told = reason === "interrupted" ? t("The check was interrupted.") : unsignedSentence(reason, t);
  return t("{0} The signature is asked for again, for about 20 minutes after the answer.", told);
}

function unsignedSentence(reason: VerdictReason | undefined, t: Translate): string {
  switch (reason) {
    case "stopped":
      return t("You stopped this answer. A signature covers only the whole of it.");
    case "cut":
      return t("The connection broke off. A signature covers only the whole answer.");
    case "closed":
      return t(
        "The window was closed before this answer was whole. A signature covers only the whole of it.",
      );
    case "noChatId":
      return t("The provider gave this answer no number, so its signature cannot be asked for.");
    case "notFound":
      return t("The provider has no signature for this answer.");
    case "unreadable":
      return t("What the provider sent as a signature cannot be read.");
    case "unreachable":
      return t("The provider could not be reached for its signature.");
    case "standardProvider":
      return t("This provider never signs its answers.");
    case "ownerNotAcknowledged":
      return t("The network's operator has not accepted this provider's key.");
    case "interrupted":
      return t("The check was interrupted, and the exact bytes it needs are gone.");
    default:
      return t("There is no signature to check.");
  }
}

// What a movement is called, which way the money went, and what else is to be said of it.
import type { Movement, MovementKind, MovementNote, PaidFor } from "../../domain/activity.js";
import { shortAddress } from "../address.js";
import { formatExact, formatOg } from "../money/money.js";
import { cleanText } from "../text.js";
import { transactionName } from "../money/transactionRows.js";
import type { Translate } from "../translate.js";

export function kindLabel(kind: MovementKind, t: Translate): string {
  switch (kind) {
    case "deposit":
      return t("Deposit");
    case "transfer":
      return t("Transfer");
    case "refundRequested":
      return t("Refund requested");
    case "refundCollected":
      return t("Refund collected");
    case "withdrawal":
      return t("Withdrawal");
    case "settlement":
      return t("Settlement");
    case "fineTuningFee":
      return t("Fine-tuning fee");
    case "acknowledgement":
      return t("Acknowledgement");
    case "answer":
      return t("Answer");
    case "networkFee":
      return t("Network fee");
    case "storageFee":
      return t("Storage fee");
    case "sentElsewhere":
      return t("Sent elsewhere");
  }
}

/** Empty where nothing moved. */
export function routeOf({ kind, note }: Movement, t: Translate): string {
  switch (kind) {
    case "deposit":
      return note?.kind === "forOther" ? t("Wallet → other ledger") : t("Wallet → ledger");
    case "withdrawal":
      return t("Ledger → wallet");
    case "transfer":
      return t("Ledger → provider account");
    case "refundCollected":
      return t("Provider account → ledger");
    case "settlement":
      return note?.kind === "refused" ? "" : t("Provider account → provider");
    case "fineTuningFee":
      return t("Provider account → provider");
    case "refundRequested":
      return t("Locked in the provider account");
    case "answer":
      return t("Estimated; settled later");
    case "networkFee":
      return t("Wallet → network");
    case "storageFee":
      return t("Wallet → 0G Storage");
    case "sentElsewhere":
      return t("Wallet → elsewhere");
    case "acknowledgement":
      return "";
  }
}

export function noteText(note: MovementNote | undefined, t: Translate): string {
  if (!note) return "";
  switch (note.kind) {
    case "tookBack":
      return t("{0} of it had been asked back and stayed", formatOg(note.amount, t));
    case "keptFunded":
      return t("By itself: you keep this account funded");
    case "partly":
      return t("All there was; {0} more was wanted", formatExact(note.unsettled, t));
    case "refused":
      return t(
        "Refused by the contract: {0} ({1})",
        formatExact(note.unsettled, t),
        reasonOf(note.status, t),
      );
    case "penalty":
      return t("The model was not acknowledged in time: its penalty");
    case "task":
      return t("Model {0}", cleanText(note.task, 40));
    case "signer":
      return t("Provider's signer accepted");
    case "signerRevoked":
      return t("Provider's signer no longer accepted");
    case "forOther":
      return t("For {0}", shortAddress(note.recipient));
    case "atMost":
      return t("At most: the exact cost is not known");
    case "paidFor":
      return paidForText(note.paidFor, t);
  }
}

function paidForText({ outcome, purpose }: PaidFor, t: Translate): string {
  if (outcome === "cancelled") return t("A cancellation, or nothing sent to oneself");
  const name = purpose ? transactionName(purpose, t) : t("A transaction outside the marketplace");
  return outcome === "refused" ? t("{0}: refused by the contract", name) : name;
}

/** Spec 6.5. */
function reasonOf(status: number, t: Translate): string {
  switch (status) {
    case 2:
      return t("it was another provider's");
    case 3:
      return t("the signer is not accepted");
    case 4:
      return t("it was an old one");
    case 5:
      return t("its signature is wrong");
    default:
      return t("status {0}", status);
  }
}

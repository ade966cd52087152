// What a confirmation says before anything is signed: amount, recipient, reason, fee and what is left afterwards.
import {
  askedIn,
  type LedgerOperation,
  type SubAccount,
  type TransactionPlan,
} from "../../domain/account.js";
import { neuron, type Neuron, zeroNeuron } from "../../domain/money.js";
import type { InferenceService } from "../../domain/provider.js";
import type {
  Confirmation,
  ConfirmationTexts,
  LongQuestion,
  OperationFacts,
  OperationReason,
} from "../../services/ports.js";
import { balanceLines } from "./balanceLines.js";
import { retrievalLines } from "./retrievalLines.js";
import { revocationTexts } from "../apiKeys/apiKeyTexts.js";
import { withFeeWarning } from "./feeWarning.js";
import { endOfKeepingText } from "./keepFundedView.js";
import { modelName } from "../providers/modelNames.js";
import { formatBound, formatExact } from "./money.js";
import { retrievalsConfirmation } from "./retrievalsConfirmation.js";
import { cleanText } from "../text.js";
import { formatPeriod } from "../time.js";
import { waitingText } from "./transactionTexts.js";
import type { Translate } from "../translate.js";

export function createConfirmationTexts(t: Translate): ConfirmationTexts {
  return {
    operation: (facts) => operationConfirmation(facts, t),
    consent: async (facts) => (await import("./consent.js")).consentConfirmation(facts, t),
    tooLong: (facts) => longQuestion(facts, t),
    retrievals: (facts) => retrievalsConfirmation(facts, t),
  };
}

function longQuestion({ model, tokens, room, worstCase }: LongQuestion, t: Translate): Confirmation {
  return {
    title: t("Send a question that is longer than the model reads?"),
    detail: t(
      "This question alone, with what goes along, is about {0} tokens; “{1}” reads {2} beside its answer. Its provider may refuse it, or charge up to {3} for an answer to a part of it.",
      ...[tokens, modelName({ model }, t), room, formatBound(worstCase, t)],
    ),
    confirmLabel: t("Send all the same"),
  };
}

export function operationConfirmation(facts: OperationFacts, t: Translate): Confirmation {
  const { plan, network, wallet, reason } = facts;
  const { operation } = plan;
  const confirmation = {
    title: titleOf(plan, t),
    detail: [
      recipientLine(facts, t),
      reasonLine(reason, operation, t),
      consequence(facts, t),
      t(
        "Fee: at most {0} (gas: {1}), paid by your wallet “{2}” on {3}.",
        formatBound(plan.maxFee, t),
        String(plan.gasLimit),
        cleanText(wallet.name, 60),
        cleanText(network.name, 40),
      ),
      balanceLines(plan, t),
      waitingText(facts.waiting, t),
      network.isSandbox ? t("This is the sandbox: its money is worth nothing.") : "",
    ]
      .filter((line) => line !== "")
      .join("\n\n"),
    confirmLabel: confirmLabel(plan, t),
  };
  return withFeeWarning(confirmation, plan.maxFee, movedBy(plan), t);
}

function movedBy(plan: TransactionPlan): Neuron {
  const { operation, collected } = plan;
  if ("amount" in operation) return operation.amount;
  return operation.kind === "retrieveFund" ? neuron(collected + askedIn(plan)) : zeroNeuron;
}

function titleOf(plan: TransactionPlan, t: Translate): string {
  const { operation } = plan;
  switch (operation.kind) {
    case "addLedger":
      return t("Create your ledger with {0}?", formatExact(operation.amount, t));
    case "depositFund":
      return t("Deposit {0} to your ledger?", formatExact(operation.amount, t));
    case "transferFund":
      return t("Transfer {0} to a provider?", formatExact(operation.amount, t));
    case "retrieveFund":
      if (plan.collected > 0n) return t("Collect {0}?", formatExact(plan.collected, t));
      return operation.providers.length === 1
        ? t("Ask {0} back from this provider?", formatExact(askedIn(plan), t))
        : t("Ask {0} back from {1} providers?", formatExact(askedIn(plan), t), operation.providers.length);
    case "refund":
      return t("Withdraw {0} to your wallet?", formatExact(operation.amount, t));
    case "deleteLedger":
      return t("Delete your ledger?");
    case "acknowledge":
      return operation.isAcknowledged
        ? t("Acknowledge this provider?")
        : t("Take back your acknowledgement?");
    case "revokeToken":
    case "revokeAllTokens":
      return revocationTexts(operation, t).title;
  }
}

function recipientLine({ plan, service }: OperationFacts, t: Translate): string {
  const { operation, to } = plan;
  switch (operation.kind) {
    case "addLedger":
    case "depositFund":
      return t("Recipient: your own ledger in the network's contract {0}.", to);
    case "transferFund":
      return operation.service === "fine-tuning"
        ? t("Recipient: your own account for fine-tuning with {0}.", operation.provider)
        : t("Recipient: your own account with {0}.", providerName(operation.provider, service, t));
    case "retrieveFund":
      return retrievalLines(plan, t);
    case "refund":
      return t("Recipient: your wallet {0}.", plan.from);
    case "deleteLedger":
      return t("In the network's contract {0}.", to);
    case "acknowledge":
    case "revokeToken":
    case "revokeAllTokens":
      return t("Provider: {0}.", providerName(operation.provider, service, t));
  }
}

function providerName(provider: string, service: InferenceService | undefined, t: Translate): string {
  return service ? t("{0} (“{1}”)", provider, modelName(service, t)) : provider;
}

function reasonLine(reason: OperationReason, operation: LedgerOperation, t: Translate): string {
  switch (reason) {
    case "asked":
      return askedReason(operation, t);
    case "chat":
      return operation.kind === "acknowledge"
        ? t("Reason: a provider answers only those who accept its key.")
        : t("Reason: your question needs money on the account with this provider.");
    case "tryOut":
      return t("Reason: trying the sandbox.");
    case "keepFunded":
      return t("Reason: you keep this account funded.");
    case "fineTuning":
      return operation.kind === "acknowledge"
        ? t("Reason: a provider takes tasks only from those who accept its key.")
        : t("Reason: your fine-tuning task.");
  }
}

/** Why anybody would do it: that the user wants it, goes without saying. */
function askedReason(operation: LedgerOperation, t: Translate): string {
  switch (operation.kind) {
    case "addLedger":
    case "depositFund":
      return t("Reason: what is in the ledger can be passed on to providers.");
    case "transferFund":
      return t("Reason: a provider works only for those who have money on an account with it.");
    case "retrieveFund":
      return t("Reason: money that is not used with a provider comes back to your ledger.");
    case "refund":
      return t("Reason: what is in the ledger and not with a provider can go back to your wallet.");
    case "deleteLedger":
      return t("Reason: an empty ledger that is not used any more.");
    case "acknowledge":
      return operation.isAcknowledged
        ? t("Reason: a provider answers only those who accept its key.")
        : t("Reason: you do not accept its key any more.");
    case "revokeToken":
    case "revokeAllTokens":
      return t("Reason: nothing but the chain can stop a key that somebody has.");
  }
}

function consequence(facts: OperationFacts, t: Translate): string {
  const { plan, lockTime, accounts = [] } = facts;
  switch (plan.operation.kind) {
    case "addLedger":
    case "depositFund":
      return t("You can withdraw what is not with a provider at any time.");
    case "transferFund":
      return lockTime === undefined
        ? t("The provider takes its fees from there. It also means that you accept the key it signs with.")
        : t(
            "The provider takes its fees from there; what is left can be asked back and is free {0} later. It also means that you accept the key it signs with.",
            formatPeriod(lockTime, t),
          );
    case "retrieveFund":
      return retrievalConsequence(facts, t);
    case "refund":
      return plan.ledgerAfter
        ? t("It reaches your wallet at once.")
        : [t("It reaches your wallet at once."), deletionConsequence(accounts, t)].join("\n\n");
    case "deleteLedger":
      return deletionConsequence(accounts, t);
    case "acknowledge":
      return plan.operation.isAcknowledged
        ? t("It means that you accept the key this provider signs answers with. No money moves but the fee.")
        : t(
            "This provider will refuse your requests until you accept its key again; a transfer to it does that too.",
          );
    case "revokeToken":
    case "revokeAllTokens":
      return revocationTexts(plan.operation, t).consequence;
  }
}

/** The contract collects and asks back with one call, and leaves no choice of what (spec contracts.md 5.4). */
function retrievalConsequence(
  { plan: { subAccounts, collected }, lockTime, keptFunded = [] }: OperationFacts,
  t: Translate,
): string {
  const asked = askedIn({ subAccounts });
  const lines = [collected > 0n ? t("{0} come to your ledger at once.", formatExact(collected, t)) : ""];
  if (asked > 0n && collected > 0n)
    lines.push(
      t(
        "The contract cannot collect alone: it also asks back the {0} that can be spent there now. A transfer to the provider takes that back.",
        formatExact(asked, t),
      ),
    );
  if (asked > 0n || collected === 0n)
    lines.push(
      lockTime === undefined
        ? t("It reaches your ledger after a lock period; call it again then.")
        : t(
            "What is asked back can be collected after {0}; until then the provider may still take open fees from it.",
            formatPeriod(lockTime, t),
          ),
    );
  lines.push(endOfKeepingText(keptFunded, t));
  return lines.filter((line) => line !== "").join("\n\n");
}

/** Spec contracts.md 5.5 and 6.6: what the ledger's end takes with it, and what outlives it. */
function deletionConsequence(accounts: readonly SubAccount[], t: Translate): string {
  const models = accounts.reduce((sum, { deliverables }) => sum + (deliverables?.total ?? 0), 0);
  return [
    accounts.length === 0
      ? t("The contract then deletes the ledger; a later deposit begins a new one.")
      : t(
          "The contract then deletes the ledger and your accounts with providers ({0}), with your acceptance of their keys and your revocations of single API keys. A later deposit begins a new ledger.",
          accounts.length,
        ),
    models > 0
      ? t(
          "The keys of {0} tuned models are recorded there and are deleted too: a model that is not decrypted by then can never be read.",
          models,
        )
      : "",
  ]
    .filter((line) => line !== "")
    .join("\n\n");
}

function confirmLabel({ operation, collected }: TransactionPlan, t: Translate): string {
  switch (operation.kind) {
    case "addLedger":
    case "depositFund":
      return t("Deposit");
    case "transferFund":
      return t("Transfer");
    case "retrieveFund":
      return collected > 0n ? t("Collect") : t("Ask back");
    case "refund":
      return t("Withdraw");
    case "deleteLedger":
      return t("Delete");
    case "acknowledge":
      return operation.isAcknowledged ? t("Acknowledge") : t("Take back");
    case "revokeToken":
    case "revokeAllTokens":
      return revocationTexts(operation, t).confirmLabel;
  }
}

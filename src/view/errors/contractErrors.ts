// What the chain's refusals mean, in one sentence and one button each. Names are those of the three contracts (spec contracts.md 5 to 7);
// a name that is missing here fails a test over all recorded refusals.
import type { ErrorFacts } from "../../domain/error.js";
import { formatExact } from "../money/money.js";
import { neuron } from "../../domain/money.js";
import { shortAddress } from "../address.js";
import type { ErrorAction } from "./errorAction.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

type Refusal = Pick<ErrorFacts["rejectedByChain"], "reason" | "args">;

/** Undefined for a name that no known contract has. */
export function contractReason(refusal: Refusal, t: Translate): string | undefined {
  return (
    ledgerReason(refusal, t) ??
    accountReason(refusal, t) ??
    deliverableReason(refusal, t) ??
    operatorReason(refusal, t) ??
    plainReason(refusal, t)
  );
}

function ledgerReason({ reason, args }: Refusal, t: Translate): string | undefined {
  switch (reason) {
    case "LedgerExists":
      return t("this wallet has a ledger already");
    case "LedgerLocked":
      return t("another transaction works on this ledger at the same moment");
    case "MustWithdrawAllFundsFirst":
      return t(
        "the ledger still holds {0}; ask back what is with providers and withdraw all of it, which deletes it by itself",
        amountOf(args[0], t),
      );
    case "TooManyProvidersForService":
      return t(
        "this wallet has accounts with as many providers as the network allows ({0})",
        countOf(args[1]),
      );
    case "TooManyProviders":
      return t("one call takes at most {0} providers", countOf(args[1]));
    case "CallFailed":
      return t(
        "the provider's side of the transfer failed, which happens when provider and wallet are the same",
      );
    case "ProviderCannotBeUser":
      return t("a provider cannot be its own user");
    case "DirectDepositsDisabled":
      return t("money sent straight to a contract is not taken; use a deposit");
    case "AdditionalInfoTooLong":
      return t("the text that goes with it is too long");
    case "TransferFailed":
    case "ETHTransferFailed":
    case "TransferToLedgerFailed":
      return t("the receiver did not take the money");
    case "ZeroAddressNotAllowed":
    case "InvalidAddress":
      return t("that is not an address money can go to");
    default:
      return undefined;
  }
}

function accountReason({ reason, args }: Refusal, t: Translate): string | undefined {
  switch (reason) {
    case "AccountNotExists":
      return t("you have no account with {0} yet; a transfer makes one", addressOf(args[1], t));
    case "AccountExists":
      return t("you have an account with {0} already", addressOf(args[1], t));
    case "TooManyRefunds":
      return t(
        "five requests for money back are open with {0}; collect one that is free first",
        addressOf(args[1], t),
      );
    case "CannotRevokeWithNonZeroBalance":
      return t(
        "your account with {0} still holds {1}; ask it back and collect it first",
        addressOf(args[1], t),
        amountOf(args[2], t),
      );
    case "ServiceNotFound":
    case "ServiceNotRegistered":
    case "NoRecommendedService":
      return t("the network's ledger does not know this service");
    case "InvalidServiceAddress":
      return t("that is not the address of a service");
    default:
      return undefined;
  }
}

function deliverableReason({ reason, args }: Refusal, t: Translate): string | undefined {
  switch (reason) {
    case "DeliverableNotExists":
      return t("the contract knows no such model; the oldest of twenty has to go");
    case "CannotAcknowledgeSettledDeliverable":
    case "DeliverableAlreadySettled":
      return t("the provider has settled this model already, so it cannot be acknowledged any more");
    case "CannotAbandonSettledDeliverable":
      return t("the provider has settled this model already, so it cannot be given up");
    case "PreviousDeliverableNotAcknowledged":
      return t("the model before this one was never acknowledged");
    case "CannotEvictUnsettledDeliverable":
      return t("the oldest of twenty models is not settled yet, so there is no room for another");
    case "DeliverableAlreadyExists":
      return t("this model was announced before");
    case "DeliverableIdInvalidLength":
      return t("the model's id is empty or too long");
    case "SecretShouldBeEmpty":
      return t("the provider sent a key for a model that was not acknowledged");
    case "SecretShouldNotBeEmpty":
      return t("the provider sent no key for an acknowledged model");
    case "InvalidVerifierInput":
    case "InvalidTEESignature":
      return t("the provider's settlement is not valid ({0})", cleanText(args[0] ?? "", 60));
    default:
      return undefined;
  }
}

/** What only providers, the operator and the contracts among themselves run into. */
function operatorReason({ reason }: Refusal, t: Translate): string | undefined {
  switch (reason) {
    case "InsufficientStake":
    case "CannotAddStakeWhenUpdating":
      return t("a provider's stake is not what the network asks for");
    case "TooManySettlements":
    case "NoSettlementsProvided":
      return t("a settlement has no entries, or more than the contract takes");
    case "AlreadyInitialized":
    case "InvalidLedgerAddress":
    case "InvalidServiceType":
    case "LockTimeOutOfRange":
    case "PenaltyPercentageTooHigh":
    case "ServiceAlreadyRegistered":
    case "ServiceMustImplementIServing":
    case "ServiceNameExists":
    case "ServiceRegistryLimitReached":
    case "ServiceTypeRequired":
    case "VersionRequired":
      return t("only the network's operator can do this, and not in this way");
    case "CallerNotLedger":
    case "CallerNotRegisteredService":
      return t("only the network's own contracts may call this");
    case "BatchSizeTooLarge":
    case "LimitTooLarge":
      return t("more was asked for at once than the contract gives");
    default:
      return undefined;
  }
}

function plainReason({ reason, args }: Refusal, t: Translate): string | undefined {
  switch (reason) {
    case "Error":
      return args[0] === "Ownable: caller is not the owner"
        ? t("only the network's operator may do this")
        : t("it says “{0}”", cleanText(args[0] ?? "", 120));
    case "Panic":
      return t("its arithmetic failed (code {0})", countOf(args[0]));
    case "reverted":
    case "unknown":
      return t("it gives no reason");
    default:
      return undefined;
  }
}

/** What nodes and fees stopped, as whole sentences: no contract was asked. */
export function nodeReason({ reason }: Refusal, t: Translate): string | undefined {
  switch (reason) {
    case "feeRose":
      return t("Nothing was sent, because the network now asks for a higher fee than you confirmed.");
    case "feeTooLow":
      return t("The node refused the transaction because its fee is too low by now.");
    case "nonceTaken":
      return t("Another transaction of this wallet came first; look at your balances before you try again.");
    case "replaced":
      return t("Another transaction of this wallet took the place of this one, which did not happen.");
    case "cancelled":
      return t("You cancelled the transaction, and only the fee of the cancellation was paid.");
    case "ended":
      return t("It no longer waits: there is nothing left to speed up or to cancel.");
    case "stillWaits":
      return t("It still waits and may be mined any time, so that it cannot be given up.");
    case "tooLateToGiveUp":
      return t("It no longer waits for its turn: it is on its way, or has ended.");
    default:
      return undefined;
  }
}

/** The one button that helps. */
export function chainAction({ reason, args }: Refusal, t: Translate): ErrorAction {
  const about = (index: number) => [{ subject: { provider: cleanText(args[index] ?? "", 60) } }];
  switch (reason) {
    case "feeRose":
    case "feeTooLow":
    case "nonceTaken":
    case "LedgerLocked":
      return { id: "retry", title: t("Retry") };
    case "TooManyRefunds":
      return { id: "zgCompute.collectRefunds", title: t("Collect") };
    case "MustWithdrawAllFundsFirst":
      return { id: "zgCompute.requestAllReturns", title: t("Ask all money back") };
    case "CannotRevokeWithNonZeroBalance":
      return { id: "zgCompute.requestReturn", title: t("Ask back"), arguments: about(1) };
    case "AccountNotExists":
      return { id: "zgCompute.transfer", title: t("Transfer"), arguments: about(1) };
    case "DirectDepositsDisabled":
    case "ZeroAmountNotAllowed":
      return { id: "zgCompute.deposit", title: t("Deposit") };
    case "LedgerExists":
    case "AccountExists":
    case "TooManyProvidersForService":
    case "replaced":
    case "cancelled":
    case "ended":
    case "stillWaits":
    case "tooLateToGiveUp":
      return { id: "zgCompute.accounts.focus", title: t("Show accounts") };
    case "CannotAcknowledgeSettledDeliverable":
    case "PreviousDeliverableNotAcknowledged":
    case "DeliverableNotExists":
      return { id: "zgCompute.tasks.focus", title: t("Show tasks") };
    case "ServiceNotFound":
    case "ServiceNotRegistered":
    case "NoRecommendedService":
      return { id: "zgCompute.openSettings", title: t("Open settings") };
    default:
      return { id: "zgCompute.showLog", title: t("Show log") };
  }
}

function addressOf(arg: string | undefined, t: Translate): string {
  return arg === undefined ? t("this provider") : shortAddress(cleanText(arg, 60));
}

function amountOf(arg: string | undefined, t: Translate): string {
  return /^\d{1,78}$/.test(arg ?? "") ? formatExact(neuron(BigInt(arg ?? "0")), t) : t("money");
}

function countOf(arg: string | undefined): string {
  return cleanText(arg ?? "?", 20);
}

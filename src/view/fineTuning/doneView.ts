// How a transaction ended: its hash, and the numbers that are new.
import type { AccountOverview, LedgerOperation, TransactionResult } from "../../domain/account.js";
import { providerReserve, spendable, usableNow } from "../../domain/account.js";
import { sameAddress } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import { shortAddress } from "../address.js";
import { formatCost, formatExact, formatOg } from "../money/money.js";
import { formatPeriod } from "../time.js";
import type { Translate } from "../translate.js";

/** `overview` as read after it. */
export function doneText(
  operation: LedgerOperation,
  { hash, fee }: Pick<TransactionResult, "hash" | "fee">,
  overview: AccountOverview | undefined,
  t: Translate,
): string {
  const transaction = t("Transaction {0}", hash);
  const numbers = overview ? [newNumbers(operation, overview, t)] : [];
  const paid = t("Fee paid: {0}.", formatCost(fee, t));
  // A toast cuts off its end, and the hash is the longest.
  return [whatWasDone(operation, overview, t), ...numbers, paid, transaction].join(" ");
}

function whatWasDone(
  operation: LedgerOperation,
  overview: AccountOverview | undefined,
  t: Translate,
): string {
  switch (operation.kind) {
    case "addLedger":
    case "depositFund":
      return t("{0} are deposited.", formatExact(operation.amount, t));
    case "transferFund":
      return t(
        "{0} are transferred to {1}.",
        formatExact(operation.amount, t),
        shortAddress(operation.provider),
      );
    case "retrieveFund":
      return wayBack(operation, overview, t);
    case "refund":
      return t("{0} are withdrawn.", formatExact(operation.amount, t));
    case "deleteLedger":
      return t("The ledger is deleted.");
    case "acknowledge":
      return operation.isAcknowledged
        ? t("The key of {0} is accepted.", shortAddress(operation.provider))
        : t("The key of {0} is no longer accepted.", shortAddress(operation.provider));
    case "revokeToken":
      return t("The API key is revoked.");
    case "revokeAllTokens":
      return t("All API keys for {0} are revoked.", shortAddress(operation.provider));
  }
}

/** What one call asked back, or what it collected: the contract does both, and tells by what is left. */
function wayBack(
  { service, providers }: Extract<LedgerOperation, { kind: "retrieveFund" }>,
  overview: AccountOverview | undefined,
  t: Translate,
): string {
  const [first] = providers;
  const from = providers.length === 1 && first ? shortAddress(first) : t("{0} providers", providers.length);
  const accounts = (overview?.subAccounts ?? []).filter(
    (account) => account.service === service && providers.some((one) => sameAddress(one, account.provider)),
  );
  const pending = neuron(accounts.reduce((sum, { pendingRefund }) => sum + pendingRefund, 0n));
  if (!overview || pending === 0n) return t("What was due from {0} is in your ledger.", from);
  return t(
    "{0} are on their way back from {1}, the last of it free in {2}.",
    formatOg(pending, t),
    from,
    formatPeriod(overview.limits.lockTime[service], t),
  );
}

function newNumbers(operation: LedgerOperation, overview: AccountOverview, t: Translate): string {
  const { ledger, walletBalance } = overview;
  const wallet = formatOg(walletBalance, t);
  const money = ledger
    ? t(
        "Wallet: {0}. Ledger: {1} available of {2}.",
        wallet,
        formatOg(ledger.available, t),
        formatOg(ledger.total, t),
      )
    : t("Wallet: {0}. There is no ledger any more.", wallet);
  const usable = accountText(operation, overview, t);
  return usable === undefined ? money : `${usable} ${money}`;
}

function accountText(
  operation: LedgerOperation,
  { subAccounts }: AccountOverview,
  t: Translate,
): string | undefined {
  if (operation.kind !== "transferFund") return undefined;
  const account = subAccounts.find(
    ({ service, provider }) => service === operation.service && sameAddress(provider, operation.provider),
  );
  if (!account) return undefined;
  const usable = usableNow(account);
  return usable === 0n && spendable(account) >= providerReserve && account.service === "inference"
    ? t(
        "Your account there holds {0}, the least that the provider answers with: after its next answers it needs more.",
        formatOg(spendable(account), t),
      )
    : t("Usable with the provider now: {0}.", formatOg(usable, t));
}

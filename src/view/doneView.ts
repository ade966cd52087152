// How a transaction ended: its hash, and the numbers that are new.
import type { AccountOverview, LedgerOperation, TransactionResult } from "../domain/account.js";
import { usableNow } from "../domain/account.js";
import { sameAddress } from "../domain/ids.js";
import { formatOg } from "./money.js";
import type { Translate } from "./translate.js";

/** `overview` as read after it. */
export function doneText(
  operation: LedgerOperation,
  { hash }: Pick<TransactionResult, "hash">,
  overview: AccountOverview | undefined,
  t: Translate,
): string {
  const transaction = t("Transaction {0}", hash);
  const numbers = overview ? [newNumbers(operation, overview, t)] : [];
  return [t("Done."), ...numbers, transaction].join(" "); // a toast cuts off its end, and the hash is the longest
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
  return account && t("Usable with the provider now: {0}.", formatOg(usableNow(account), t));
}

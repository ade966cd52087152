// What is said about money that cannot be asked back, or not be collected, yet.
import { maxRefunds, spendable, type AccountOverview, type LeftAlone } from "../../domain/account.js";
import { chainNow } from "../../domain/chainTime.js";
import type { KeptError } from "../../domain/chat.js";
import type { ProviderId } from "../../domain/ids.js";
import type { CollectPlan, LeftOut } from "../../services/money/returns.js";
import { shortAddress } from "../address.js";
import { errorView } from "../errors/errors.js";
import { formatOg } from "./money.js";
import { formatRemaining } from "../time.js";
import type { Translate } from "../translate.js";

/** Why accounts are left out of a request. */
export function leftOutText(leftOut: readonly LeftOut[], t: Translate): string {
  const names = leftOut.map(({ account, freeIn }) =>
    t("{0} (in {1})", shortAddress(account.provider), formatRemaining(freeIn * 1000, t)),
  );
  return t(
    "Left out, because {0} requests are open there already and the contract would refuse the others with it: {1}. Collect what is due there first.",
    maxRefunds,
    names.join(", "),
  );
}

/** When the next request can be collected; that nothing was asked back where that is so. */
export function nothingDueText(
  { subAccounts, limits, blockTimestamp: timestamp, readAt }: AccountOverview,
  now: number,
  t: Translate,
): string {
  const ends = subAccounts.flatMap(({ service, refunds }) =>
    (refunds ?? []).map(({ createdAt }) => createdAt + limits.lockTime[service]),
  );
  if (ends.length === 0) return t("No money was asked back from providers.");
  const left = Math.min(...ends) - chainNow({ timestamp, readAt }, now);
  return t("Nothing can be collected yet. The next is free in {0}.", formatRemaining(left * 1000, t));
}

/** What is due and is not collected with the rest, and the way to it. */
export function collectLeftOutText({ leftOut, amountLeftOut }: CollectPlan, t: Translate): string {
  const names = leftOut.map(({ provider }) => shortAddress(provider)).slice(0, 3);
  return t(
    "{0} more is due from {1}. It is left out, because the contract would ask back what is in use there as well; “Collect” on the account's row does that.",
    formatOg(amountLeftOut, t),
    leftOut.length > names.length ? t("{0} providers", leftOut.length) : names.join(", "),
  );
}

/** Why no acknowledgement can be taken back now. */
export function notRevocableText({ subAccounts }: AccountOverview, t: Translate): string {
  return subAccounts.some(({ isAcknowledged }) => isAcknowledged)
    ? t("Every provider whose key you accept holds money of yours: ask it back and collect it first.")
    : t("There is no provider whose key you accept.");
}

/** Why nothing can be withdrawn, and the command that is the way there. */
export function nothingToWithdraw(
  { subAccounts, limits, blockTimestamp: timestamp, readAt }: AccountOverview,
  now: number,
  t: Translate,
): { readonly text: string; readonly action?: { readonly id: string; readonly title: string } } {
  const chain = chainNow({ timestamp, readAt }, now);
  const ends = subAccounts.flatMap(({ service, refunds }) =>
    (refunds ?? []).map(({ createdAt }) => createdAt + limits.lockTime[service]),
  );
  if (ends.some((end) => end <= chain))
    return {
      text: t("Nothing is in the ledger to withdraw; what is due from providers has to be collected first."),
      action: { id: "zgCompute.collectRefunds", title: t("Collect") },
    };
  if (subAccounts.some((account) => spendable(account) > 0n))
    return {
      text: t("Nothing is in the ledger to withdraw; all of it is with providers."),
      action: { id: "zgCompute.requestAllReturns", title: t("Ask all money back") },
    };
  return ends.length > 0
    ? {
        text: t(
          "Nothing is in the ledger to withdraw; the first of what was asked back is free in {0}.",
          formatRemaining((Math.min(...ends) - chain) * 1000, t),
        ),
      }
    : { text: t("Nothing is in the ledger, and nothing with providers.") };
}

/** Offered by itself, when a lock ended. */
export function collectOfferText({ amount, accounts, inUse }: CollectPlan, t: Translate): string {
  const [first] = accounts;
  const from =
    accounts.length === 1 && first ? shortAddress(first.provider) : t("{0} providers", accounts.length);
  const offer = t("{0} that you asked back from {1} can be collected now.", formatOg(amount, t), from);
  if (inUse.length === 0) return offer;
  return `${offer} ${t("Collecting asks back what can be spent there as well.")}`;
}

/** An account is not kept funded now: its cap, another limit, an empty ledger, or what the user did with it. */
export function topUpStoppedText(provider: ProviderId, why: KeptError | LeftAlone, t: Translate): string {
  const reason = typeof why === "string" ? leftAloneText(why, t) : errorView(why, t).text;
  return t("The account with {0} is not topped up by itself now. {1}", shortAddress(provider), reason);
}

export function leftAloneText(why: LeftAlone, t: Translate): string {
  return why === "askedBack"
    ? t("Money was asked back from it, and a top-up would undo that.")
    : t("You do not accept its provider's key, and a top-up would accept it.");
}

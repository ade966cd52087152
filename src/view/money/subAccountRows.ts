// The accounts with providers as rows: grouped by service, each with what can be used now and the requests for money back below it.
import {
  dueRefunds,
  isLow,
  isRevocable,
  providerReserve,
  refundRemaining,
  spendable,
  usableNow,
  whyLeftAlone,
  type AccountOverview,
  type Refund,
  type SubAccount,
} from "../../domain/account.js";
import { chainNow } from "../../domain/chainTime.js";
import { sameAddress, type ProviderId } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";
import type { ProvidersState } from "../../services/providers/providers.js";
import { accountLabel, serviceLabel } from "./accountWords.js";
import { formatExact, formatOg } from "./money.js";
import { leftAloneText } from "./returnTexts.js";
import type { Row } from "../rows.js";
import { formatAgo, formatPeriod, formatRemaining } from "../time.js";
import type { Translate } from "../translate.js";

export interface SubAccountRowsOptions {
  readonly t: Translate;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** For the names of the models behind accounts. */
  readonly providers: ProvidersState;
  readonly lowLevel?: Neuron;
  readonly keptFunded?: readonly ProviderId[];
}

const services: readonly ServiceName[] = ["inference", "fine-tuning"];

export function subAccountRows(overview: AccountOverview, options: SubAccountRowsOptions): readonly Row[] {
  const { t } = options;
  return services.flatMap((service) => {
    const accounts = overview.subAccounts.filter((account) => account.service === service);
    if (accounts.length === 0) return [];
    return [
      {
        id: `service:${service}`,
        label: serviceLabel(service, t),
        description: String(accounts.length),
        children: accounts.map((account) => subAccountRow(account, overview, options)),
        context: "service",
      },
    ];
  });
}

function subAccountRow(account: SubAccount, overview: AccountOverview, options: SubAccountRowsOptions): Row {
  const { t, providers } = options;
  const { provider, service, isAcknowledged } = account;
  const key = `subAccount:${service}:${provider.toLowerCase()}`;
  const due = dueNow(account, overview, options);
  const words = [
    "subAccount provider address",
    spendable(account) > 0n ? "spendable" : "",
    due > 0n ? "due" : "",
    isAcknowledged ? "accepted" : "",
    isRevocable(account) ? "revocable" : "",
    service === "inference" ? "chatAccount" : "",
  ];
  const refunds = refundRows(key, account, overview, options);
  const name = accountLabel(account, overview.subAccounts, providers.value, t);
  const usable = formatOg(usableNow(account), t);
  const facts = notes(account, overview, options).join(" · ");
  return {
    // The editor would leave a row folded that had nothing below it before.
    id: refunds.length > 0 ? `${key}:back` : key,
    // The number first: a narrow view cuts off what is behind a name.
    label: usable,
    description: [name, facts].filter((part) => part !== "").join(" · "),
    accessibleLabel: t("{0}: {1} usable now, {2}", name, usable, facts),
    tooltip: () => subAccountTooltip(account, overview, options),
    ...(isLowAt(account, options)
      ? { icon: "warning", iconColor: "list.warningForeground" }
      : { icon: "credit-card" }),
    context: words.filter((word) => word !== "").join(" "),
    subject: { provider, service, address: provider },
    ...(refunds.length > 0 ? { children: refunds } : {}),
  };
}

/** Behind what is usable and the name; what matters most comes first: the view is narrow. */
function notes(account: SubAccount, overview: AccountOverview, options: SubAccountRowsOptions): string[] {
  const { t } = options;
  const { balance, pendingRefund, isAcknowledged, deliverables } = account;
  const due = dueNow(account, overview, options);
  return [
    isLowAt(account, options) ? t("nearly used up") : "",
    balance === 0n ? t("empty") : t("usable of {0}", formatOg(balance, t)),
    due > 0n ? t("{0} ready to collect", formatOg(due, t)) : "",
    pendingRefund > due ? wayBack(neuron(pendingRefund - due), account, overview, options) : "",
    isAcknowledged ? "" : t("not acknowledged"),
    isKeptFunded(account, options)
      ? whyLeftAlone(account)
        ? t("kept funded, paused")
        : t("kept funded")
      : "",
    deliverables ? t("{0} of {1} models settled", deliverables.settled, deliverables.total) : "",
  ].filter((note) => note !== "");
}

function wayBack(
  amount: Neuron,
  { service, refunds = [] }: SubAccount,
  overview: AccountOverview,
  { t, now }: SubAccountRowsOptions,
): string {
  const chain = chainTime(overview, now);
  const waiting = refunds
    .map(({ createdAt }) => refundRemaining(createdAt, overview.limits.lockTime[service], chain))
    .filter((left) => left > 0);
  return waiting.length === 0
    ? t("{0} on its way back", formatOg(amount, t))
    : t(
        "{0} on its way back, free in {1}",
        formatOg(amount, t),
        formatRemaining(Math.min(...waiting) * 1000, t),
      );
}

function isLowAt(account: SubAccount, { lowLevel }: SubAccountRowsOptions): boolean {
  return lowLevel !== undefined && isLow(account, lowLevel);
}

function isKeptFunded(
  { service, provider }: SubAccount,
  { keptFunded = [] }: SubAccountRowsOptions,
): boolean {
  return service === "inference" && keptFunded.some((one) => sameAddress(one, provider));
}

function subAccountTooltip(
  account: SubAccount,
  overview: AccountOverview,
  options: SubAccountRowsOptions,
): string {
  const { t, now } = options;
  const { balance, pendingRefund, isAcknowledged, provider, service, unsettled, deliverables } = account;
  const paused = isKeptFunded(account, options) ? whyLeftAlone(account) : undefined;
  const isInference = service === "inference";
  return [
    t("Money set aside for one provider."),
    t("Balance: {0}", formatExact(balance, t)),
    pendingRefund > 0n ? t("Asked back: {0}", formatExact(pendingRefund, t)) : "",
    isInference && balance > 0n ? unsettledLine(unsettled, t) : "",
    isInference && balance > 0n
      ? t("Kept as a reserve, untouched, before the provider answers: {0}", formatExact(providerReserve, t))
      : "",
    t("Usable now: {0}", formatExact(usableNow(account), t)),
    isInference
      ? t(
          "Fees are settled in batches: the balance does not drop with each answer, but at once for many, whenever the provider collects.",
        )
      : t("The fee of a task is taken when its model is settled."),
    deliverables ? t("Models delivered: {0}, settled: {1}.", deliverables.total, deliverables.settled) : "",
    isAcknowledged
      ? t("You accept this provider's key.")
      : t("You have not accepted this provider's key yet."),
    paused ? t("It is kept funded, but not now. {0}", leftAloneText(paused, t)) : "",
    t("Money asked back is free after {0}.", formatPeriod(overview.limits.lockTime[service], t)),
    t("Provider: {0}", provider),
    t("Read {0}", formatAgo(overview.readAt, now, t)),
  ]
    .filter((line) => line !== "")
    .join("\n\n");
}

function unsettledLine(unsettled: SubAccount["unsettled"], t: Translate): string {
  return unsettled === undefined
    ? t("Used and not settled yet: not known; asked of providers that you chat with.")
    : t("Used and not settled yet, by the provider's word: {0}", formatExact(unsettled, t));
}

/** Oldest first, as the contract keeps them. */
function refundRows(
  parent: string,
  account: SubAccount,
  overview: AccountOverview,
  options: SubAccountRowsOptions,
): readonly Row[] {
  return (account.refunds ?? []).map((refund, index) => ({
    id: `${parent}:refund:${index}`,
    ...refundWords(refund, overview.limits.lockTime[account.service], overview, options),
    subject: { provider: account.provider, service: account.service, address: account.provider },
  }));
}

function refundWords(
  { amount, createdAt }: Refund,
  lockTime: number,
  overview: AccountOverview,
  { t, now }: SubAccountRowsOptions,
): Pick<Row, "label" | "description" | "accessibleLabel" | "tooltip" | "icon" | "context"> {
  const left = refundRemaining(createdAt, lockTime, chainTime(overview, now));
  const isDue = left <= 0;
  return {
    label: formatOg(amount, t),
    description: isDue ? t("ready to collect") : t("free in {0}", formatRemaining(left * 1000, t)),
    tooltip: () =>
      [
        t("Asked back: {0}", formatExact(amount, t)),
        isDue
          ? t("Its lock is over by the chain's clock. It reaches your ledger when you collect it.")
          : t(
              "Locked for {0} by the chain's clock. Until then the provider may still take open fees from it.",
              formatRemaining(left * 1000, t),
            ),
        t("Read {0}", formatAgo(overview.readAt, now, t)),
      ].join("\n\n"),
    accessibleLabel: isDue
      ? t("{0} asked back, ready to collect", formatOg(amount, t))
      : t("{0} asked back, free in {1}", formatOg(amount, t), formatRemaining(left * 1000, t)),
    icon: isDue ? "check" : "history",
    context: isDue ? "refund due" : "refund",
  };
}

function dueNow(
  account: SubAccount,
  overview: AccountOverview,
  { now }: Pick<SubAccountRowsOptions, "now">,
): Neuron {
  return dueRefunds(account, overview.limits.lockTime[account.service], chainTime(overview, now));
}

function chainTime({ blockTimestamp: timestamp, readAt }: AccountOverview, now: number): number {
  return chainNow({ timestamp, readAt }, now);
}

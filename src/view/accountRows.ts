// Where the user's money is, as rows: network, wallet, ledger, one row per sub-account.
import { spendable, type AccountOverview, type Ledger, type SubAccount } from "../domain/account.js";
import type { Network } from "../domain/networks.js";
import { neuron } from "../domain/money.js";
import { sameAddress } from "../domain/ids.js";
import type { ServiceName } from "../domain/provider.js";
import type { Wallet } from "../domain/wallet.js";
import type { AccountsState } from "../services/accounts.js";
import type { ProvidersState } from "../services/providers.js";
import type { SandboxState } from "../services/sandbox.js";
import { shortAddress } from "./address.js";
import { formatExact, formatOg } from "./money.js";
import { modelName } from "./providerRows.js";
import type { Row } from "./rows.js";
import { stateRows } from "./stateRows.js";
import { markdownText } from "./text.js";
import { formatAgo, formatPeriod } from "./time.js";
import type { Translate } from "./translate.js";

export interface AccountRowsOptions {
  readonly t: Translate;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Absent while a setting cannot be used: then the only row leads to the settings. */
  readonly network?: Network;
  /** Absent: there are no rows, the view's welcome is shown. */
  readonly wallet?: Wallet;
  readonly accounts: AccountsState;
  /** For the names of the models behind sub-accounts. */
  readonly providers: ProvidersState;
  readonly sandbox: SandboxState;
}

export function accountRows(options: AccountRowsOptions): readonly Row[] {
  const { t, now, network, wallet, accounts, sandbox } = options;
  if (!network) return [settingsRow(t)];
  if (!wallet) return [];
  const texts = { loading: t("Loading accounts…"), retryCommand: "zgCompute.refreshAccounts" };
  const overview = accounts.value;
  return [
    ...stateRows("accounts", accounts, texts, t),
    networkRow(network, sandbox, t),
    walletRow(wallet, network, overview, t, now),
    ...(overview ? [ledgerRow(overview.ledger, overview, t), ...serviceRows(overview, options)] : []),
  ];
}

/** The way out while a setting cannot be used; the sentence above the rows says which. */
function settingsRow(t: Translate): Row {
  return {
    id: "accounts:settings",
    label: t("Open settings"),
    icon: "gear",
    context: "error",
    command: { id: "zgCompute.openSettings" },
  };
}

function networkRow(network: Network, sandbox: SandboxState, t: Translate): Row {
  return {
    id: "network",
    label: network.name,
    description: network.isSandbox ? sandboxWord(sandbox, t) : t("chain {0}", network.chainId),
    tooltip: () =>
      network.isSandbox
        ? t(
            "A network on this machine. Its money is worth nothing, and its signatures prove possession of a key, not an enclave.",
          )
        : t(
            "{0}, chain {1}. Contracts: ledger {2}, inference {3}.",
            markdownText(network.name),
            network.chainId,
            network.contracts.ledger,
            network.contracts.inference,
          ),
    icon: network.isSandbox ? "beaker" : "globe",
    context: "network",
  };
}

export function sandboxWord(sandbox: SandboxState, t: Translate): string {
  switch (sandbox.kind) {
    case "stopped":
      return t("not running");
    case "starting":
      return t("starting…");
    case "ready":
      return t("on this machine");
    case "failed":
      return t("failed");
  }
}

function walletRow(
  wallet: Wallet,
  network: Network,
  overview: AccountOverview | undefined,
  t: Translate,
  now: number,
): Row {
  const balance = overview && formatOg(overview.walletBalance, t);
  const kind = wallet.kind === "session" ? t("until this window closes") : "";
  return {
    id: "wallet",
    label: wallet.name,
    description: [balance ?? "", shortAddress(wallet.address), kind]
      .filter((part) => part !== "")
      .join(" · "),
    tooltip: () =>
      [
        `**${markdownText(wallet.name)}**`,
        wallet.address,
        overview ? t("Balance: {0}", formatExact(overview.walletBalance, t)) : "",
        wallet.kind === "session" ? t("Its key is in memory only and is gone when this window closes.") : "",
        wallet.kind === "sandbox" ? t("Made for the sandbox. It cannot be used on a live network.") : "",
        overview ? t("Read {0}", formatAgo(overview.readAt, now, t)) : "",
      ]
        .filter((line) => line !== "")
        .join("\n\n"),
    icon: "key",
    context: network.explorer ? "wallet address explorer" : "wallet address",
    subject: { address: wallet.address },
  };
}

function ledgerRow(ledger: Ledger | undefined, overview: AccountOverview, t: Translate): Row {
  if (!ledger)
    return {
      id: "ledger",
      label: t("Ledger"),
      description: t(
        "none yet; a first deposit of at least {0} creates it",
        formatOg(overview.limits.minLedger, t),
      ),
      icon: "book",
      context: "ledger",
      command: { id: "zgCompute.deposit" },
    };
  const locked = neuron(ledger.total - ledger.available);
  return {
    id: "ledger",
    label: t("Ledger"),
    description: t("{0} available of {1}", formatOg(ledger.available, t), formatOg(ledger.total, t)),
    tooltip: () =>
      [
        t("Your main balance in the network's contract."),
        t("Available: {0}", formatExact(ledger.available, t)),
        t("With providers: {0}", formatExact(locked, t)),
        t("Total: {0}", formatExact(ledger.total, t)),
      ].join("\n\n"),
    icon: "book",
    context: "ledger",
  };
}

function serviceRows(overview: AccountOverview, options: AccountRowsOptions): readonly Row[] {
  const { t } = options;
  const names: readonly (readonly [ServiceName, string])[] = [
    ["inference", t("Inference")],
    ["fine-tuning", t("Fine-tuning")],
  ];
  return names.flatMap(([service, label]) => {
    const accounts = overview.subAccounts.filter((account) => account.service === service);
    if (accounts.length === 0) return [];
    const children = accounts.map((account) => subAccountRow(account, overview, options));
    return [
      { id: `service:${service}`, label, description: String(accounts.length), children, context: "service" },
    ];
  });
}

function subAccountRow(account: SubAccount, overview: AccountOverview, options: AccountRowsOptions): Row {
  const { t, providers } = options;
  const { provider, service } = account;
  const known = providers.value?.find((item) => sameAddress(item.service.provider, provider))?.service;
  const notes = [
    formatOg(spendable(account), t),
    account.pendingRefund > 0n ? t("{0} on its way back", formatOg(account.pendingRefund, t)) : "",
    account.isAcknowledged ? "" : t("not acknowledged"),
  ].filter((note) => note !== "");
  return {
    id: `subAccount:${service}:${provider.toLowerCase()}`,
    label: known ? modelName(known, t) : shortAddress(provider),
    description: notes.join(" · "),
    tooltip: () => subAccountTooltip(account, overview, t),
    icon: "credit-card",
    context: "subAccount provider address",
    subject: { provider, address: provider },
  };
}

function subAccountTooltip(account: SubAccount, overview: AccountOverview, t: Translate): string {
  const { balance, pendingRefund, isAcknowledged, provider, service } = account;
  return [
    t("Money set aside for one provider."),
    t("To spend: {0}", formatExact(spendable(account), t)),
    pendingRefund > 0n
      ? t("Asked back: {0} of {1}", formatExact(pendingRefund, t), formatExact(balance, t))
      : "",
    isAcknowledged
      ? t("You accept this provider's key.")
      : t("You have not accepted this provider's key yet."),
    t("Money asked back is free after {0}.", formatPeriod(overview.limits.lockTime[service], t)),
    t("Provider: {0}", provider),
  ]
    .filter((line) => line !== "")
    .join("\n\n");
}

// Where the user's money is, as rows: network, wallet, ledger, sub-accounts.
import type { AccountOverview } from "../../domain/account.js";
import type { Network } from "../../domain/networks.js";
import type { ProviderId } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { SentTransaction, PlannedTransaction } from "../../domain/transaction.js";
import type { Wallet } from "../../domain/wallet.js";
import type { AccountsState } from "../../services/money/accounts.js";
import type { ProvidersState } from "../../services/providers/providers.js";
import type { SandboxState } from "../../services/sandbox.js";
import { shortAddress } from "../address.js";
import { formatExact, formatOg } from "./money.js";
import type { Row } from "../rows.js";
import { stateRows } from "../stateRows.js";
import { subAccountRows } from "./subAccountRows.js";
import { cleanText, markdownText } from "../text.js";
import { formatAgo } from "../time.js";
import { transactionRows } from "./transactionRows.js";
import type { Translate } from "../translate.js";

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
  /** From apiKeyRows.ts; absent until they were read. */
  readonly apiKeys?: Row;
  /** Accounts in use below it are marked. */
  readonly lowLevel?: Neuron;
  /** Providers whose accounts are topped up by themselves. */
  readonly keptFunded?: readonly ProviderId[];
  /** Those on their way; absent: none. */
  readonly transactions?: readonly SentTransaction[];
  /** Those that wait for their turn behind them. */
  readonly planned?: readonly PlannedTransaction[];
}

export function accountRows(options: AccountRowsOptions): readonly Row[] {
  const { t, now, network, wallet, accounts, sandbox, transactions: pending = [], planned } = options;
  if (!network) return [settingsRow(t)];
  if (!wallet) return [];
  const texts = { loading: t("Loading accounts…"), retryCommand: "zgCompute.refreshAccounts" };
  const overview = accounts.value;
  return [
    ...stateRows("accounts", accounts, texts, t),
    networkRow(network, sandbox, t),
    walletRow(wallet, network, overview, t, now),
    ...transactionRows({ t, now, network, pending, planned }),
    ...(overview ? [ledgerRow(overview, t, now), ...subAccountRows(overview, options)] : []),
    ...(overview && options.apiKeys ? [options.apiKeys] : []),
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
    label: cleanText(network.name, 40),
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
  const name = cleanText(wallet.name, 60);
  const balance = overview && formatOg(overview.walletBalance, t);
  const kind = wallet.kind === "session" ? t("until this window closes") : "";
  return {
    id: "wallet",
    // The number first, as with accounts.
    label: balance ?? name,
    accessibleLabel: [name, balance ?? "", shortAddress(wallet.address), kind]
      .filter((part) => part !== "")
      .join(", "),
    description: [balance === undefined ? "" : name, shortAddress(wallet.address), kind]
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

function ledgerRow(overview: AccountOverview, t: Translate, now: number): Row {
  const { ledger, limits, readAt } = overview;
  if (!ledger)
    return {
      id: "ledger",
      label: t("Ledger"),
      description: t("none yet; a first deposit of at least {0} creates it", formatOg(limits.minLedger, t)),
      icon: "book",
      context: "ledger",
      command: { id: "zgCompute.deposit" },
    };
  const { available, total } = ledger;
  const locked = neuron(total - available);
  const words = ["ledger", available > 0n ? "withdrawable" : "", total === 0n ? "deletable" : ""];
  return {
    id: "ledger",
    label: t("Ledger"),
    description: [
      t("{0} available of {1}", formatOg(available, t), formatOg(total, t)),
      locked > 0n ? t("{0} with providers", formatOg(locked, t)) : "",
    ]
      .filter((part) => part !== "")
      .join(" · "),
    tooltip: () =>
      [
        t("Your main balance in the network's contract."),
        t("Available: {0}", formatExact(available, t)),
        t("Locked, with providers: {0}", formatExact(locked, t)),
        t("Total: {0}", formatExact(total, t)),
        t("Read {0}", formatAgo(readAt, now, t)),
      ].join("\n\n"),
    icon: "book",
    context: words.filter((word) => word !== "").join(" "),
  };
}

// The one status bar item: network and balance, giving way to what is urgent.
import { toComputeError, type ComputeError } from "../domain/error.js";
import { chainNow } from "../domain/chainTime.js";
import { isLow, usableNow } from "../domain/account.js";
import { neuron, type Neuron } from "../domain/money.js";
import type { Network } from "../domain/networks.js";
import type { Wallet } from "../domain/wallet.js";
import type { AccountsState } from "../services/money/accounts.js";
import type { Guarded, GuardedElsewhere, GuardianState } from "../services/fineTuning/types.js";
import type { SandboxState } from "../services/sandbox.js";
import type { Place } from "../services/wallets/scope.js";
import { sandboxWord } from "./money/accountRows.js";
import { shortAddress } from "./address.js";
import { errorView } from "./errors/errors.js";
import { formatExact, formatOg } from "./money/money.js";
import { shortTask } from "./fineTuning/taskView.js";
import { cleanText, markdownText } from "./text.js";
import { formatRemaining } from "./time.js";
import type { Translate } from "./translate.js";

export interface StatusFacts {
  /** Its `network` throws `badSetting`. */
  readonly session: { network(): Network; wallet(): Wallet | undefined };
  readonly sandbox: SandboxState;
  readonly accounts: AccountsState;
  /** Absent before fine-tuning was looked at. */
  readonly guardian?: GuardianState;
  /** Milliseconds since 1970. */
  readonly now?: number;
  /** Accounts in use below it are told of. */
  readonly lowLevel?: Neuron;
}

export interface StatusView {
  /** With codicons. */
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
  readonly isWarning: boolean;
}

export function statusView(facts: StatusFacts, t: Translate): StatusView {
  const { session, sandbox, accounts } = facts;
  try {
    const network = readable(session.network());
    const wallet = session.wallet();
    if (network.isSandbox && sandbox.kind === "failed")
      return failed(network.name, sandbox.error, "zgCompute.startSandbox", t);
    if (network.isSandbox && sandbox.kind === "starting")
      return plain(`$(loading~spin) ${network.name}`, t("The sandbox is starting."), "zgCompute.showLog");
    const next = deadline(facts, t);
    if (next?.isUrgent) return next.view;
    if (!wallet) {
      const command = network.isSandbox ? "zgCompute.trySandbox" : "zgCompute.setUpWallet";
      return plain(`${icon(network)} ${network.name}`, t("{0}: no wallet yet.", network.name), command);
    }
    const low = lowBalance(facts, t);
    if (low) return low;
    const usual = balances(network, wallet, sandbox, accounts, t);
    if (!next) return usual;
    const { view } = next;
    return { ...view, text: `${usual.text} ${view.text}`, tooltip: `${usual.tooltip}\n${view.tooltip}` };
  } catch (error) {
    return failed("0G", toComputeError(error), "zgCompute.openSettings", t);
  }
}

function balances(
  network: Network,
  wallet: Wallet,
  sandbox: SandboxState,
  { value, isStale }: AccountsState,
  t: Translate,
): StatusView {
  const all = value && neuron(value.walletBalance + (value.ledger?.total ?? 0n));
  const amount = all === undefined ? "" : ` ${formatOg(all, t)}`;
  const where = network.isSandbox ? t("{0}, {1}", network.name, sandboxWord(sandbox, t)) : network.name;
  const lines = [
    where,
    t("Wallet: {0} ({1})", cleanText(wallet.name, 60), shortAddress(wallet.address)),
    value ? t("In the wallet: {0}", formatExact(value.walletBalance, t)) : "",
    value?.ledger ? t("In the ledger and with providers: {0}", formatExact(value.ledger.total, t)) : "",
    isStale ? t("The last reading failed; these amounts are older.") : "",
  ];
  const text = `${icon(network)} ${network.name}${amount}${isStale ? " $(history)" : ""}`;
  return plain(text, lines.filter((line) => line !== "").join("\n"), "zgCompute.accounts.focus");
}

/** The next model that must be acknowledged. Urgent, and alone on the item: within the last quarter of its time, or the last hour. */
function deadline(
  { session, guardian, now = 0 }: StatusFacts,
  t: Translate,
): { readonly view: StatusView; readonly isUrgent: boolean } | undefined {
  const { open = [], elsewhere = [], chainTime } = guardian ?? {};
  const here = chainTime ? open.map((one) => ({ ...one, place: undefined, chainTime })) : [];
  const leftOf = (one: (typeof here)[number] | GuardedElsewhere) =>
    (one.deadline - chainNow(one.chainTime, now)) * 1000;
  const [next] = [...here, ...elsewhere].sort((a, b) => leftOf(a) - leftOf(b));
  if (!next) return undefined;
  const left = leftOf(next);
  const isUrgent = left < Math.max(((next.deadline - next.deliveredAt) * 1000) / 4, 60 * 60_000);
  const { place } = next;
  const lines = [
    t(
      "The model of task {0} at {1} is not acknowledged yet. {2}",
      shortTask(next.taskId),
      shortAddress(next.provider),
      nextText(next, t),
    ),
    place ? t("It is on {0}, with your wallet “{1}”.", place.network.name, place.wallet.name) : "",
  ];
  const view = {
    text:
      left <= 0 ? t("$(watch) Model: time is up") : t("$(watch) Model: {0} left", formatRemaining(left, t)),
    tooltip: lines.filter((line) => line !== "").join("\n"),
    command: place ? wayTo(place, session.network()) : "zgCompute.tasks.focus",
    isWarning: isUrgent,
  };
  return { view, isUrgent };
}

function wayTo({ network }: Place, here: Network): string {
  return network.id === here.id ? "zgCompute.switchWallet" : "zgCompute.switchNetwork";
}

/** An account in use that is nearly used up: the next answers would be refused. */
function lowBalance({ accounts, lowLevel }: StatusFacts, t: Translate): StatusView | undefined {
  const low =
    lowLevel === undefined ? undefined : accounts.value?.subAccounts.find((one) => isLow(one, lowLevel));
  if (!low || lowLevel === undefined) return undefined;
  const left = usableNow(low);
  return {
    text: t("$(warning) {0} left for chat", formatOg(left, t)),
    tooltip: t(
      "Of your account with {0} only {1} can be used; you are warned below {2}. Top it up, or it will refuse your questions.",
      shortAddress(low.provider),
      formatExact(left, t),
      formatOg(lowLevel, t),
    ),
    command: "zgCompute.accounts.focus",
    isWarning: true,
  };
}

function nextText({ next, error }: Guarded, t: Translate): string {
  switch (next) {
    case "download":
      return t("It is downloaded and checked next.");
    case "acknowledge":
      return t("It is acknowledged next.");
    case "consent":
      return t("It waits for your word.");
    case "otherWindow":
      return t("Another window is at it.");
    case "failed":
      return error ? errorView(error, t).text : t("The last attempt failed.");
  }
}

/** What the item says when it is pointed at, as Markdown: its lines, and the ways into what has no view of its own. */
export function statusHover({ tooltip }: StatusView, t: Translate): string {
  const lines = tooltip.split("\n").map((line) => markdownText(line, 600));
  const ways = statusWays(t).map(([command, label]) => `[${label}](command:${command})`);
  return [...lines, ways.join(" · ")].join("\n\n");
}

export function statusWays(t: Translate): readonly (readonly [command: string, label: string])[] {
  return [
    ["zgCompute.showEndpoint", t("Local endpoint")],
    ["zgCompute.showActivity", t("Activity")],
    ["zgCompute.doctor", t("Doctor")],
  ];
}

/** Its name is the user's own in a custom network, and the item makes pictures of words such as $(verified). */
function readable(network: Network): Network {
  return { ...network, name: cleanText(network.name, 40) };
}

function icon(network: Network): string {
  return network.isSandbox ? "$(beaker)" : "$(globe)";
}

function plain(text: string, tooltip: string, command: string): StatusView {
  return { text, tooltip, command, isWarning: false };
}

function failed(name: string, error: ComputeError, command: string, t: Translate): StatusView {
  return { text: `$(warning) ${name}`, tooltip: errorView(error, t).text, command, isWarning: true };
}

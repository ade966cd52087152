// Each fact of the doctor as one sentence: short, as a list shows one line of each.
import { providerReserve } from "../../domain/account.js";
import type { ErrorCode } from "../../domain/error.js";
import type { Network } from "../../domain/networks.js";
import type { CheckId, Fact, Finding, Word } from "../../services/doctor/doctorFinding.js";
import { shortAddress } from "../address.js";
import { errorView } from "../errors/errors.js";
import { formatOg } from "../money/money.js";
import { formatSize } from "../size.js";
import { cleanText } from "../text.js";
import { formatRemaining } from "../time.js";
import type { HelpTopic } from "../help.js";
import { transactionName } from "../money/transactionRows.js";
import type { Translate } from "../translate.js";

export interface DoctorTelling {
  readonly t: Translate;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined while a setting cannot be used. */
  readonly network: Network | undefined;
  /** Where the clock is set; undefined where that cannot be opened from here. */
  readonly dateSettings?: HelpTopic | undefined;
}

/** What a check waits for, which another row tells of. */
export type Wait =
  | { readonly for: "wallet" | "sandbox" | "rpc" | "mendedRpc" }
  | { readonly for: "setting"; readonly name: string };

export function wordText(word: Word, t: Translate): string {
  switch (word) {
    case "broken":
      return t("broken");
    case "look":
      return t("to look at");
    case "notChecked":
      return t("not checked");
    case "fine":
      return t("fine");
  }
}

/** What a row is about: of the checks that look at several things, the thing. */
export function findingLabel({ check, fact }: Finding, t: Translate): string {
  const isError = (code: ErrorCode) => fact.kind === "error" && fact.error.code === code;
  if (fact.kind === "wallet" || (check === "money" && isError("noWallet"))) return t("Wallet");
  if (fact.kind === "ledger" || (check === "money" && isError("noLedger"))) return t("Ledger");
  return fact.kind === "short" ? t("Accounts") : checkLabel(check, t);
}

function checkLabel(check: CheckId, t: Translate): string {
  switch (check) {
    case "settings":
      return t("Settings");
    case "nodes":
      return t("RPC server");
    case "clock":
      return t("Clock");
    case "money":
      return t("Money");
    case "acknowledgements":
      return t("Accepted keys");
    case "signers":
      return t("Verified keys");
    case "transactions":
      return t("Transactions");
    case "records":
      return t("Spending records");
    case "keychain":
      return t("Keychain");
    case "sandbox":
      return t("Sandbox");
    case "disk":
      return t("Disk");
  }
}

/** Of findings that read the same, wait for the same, or are the same of several providers. */
export function groupSentence(
  findings: readonly [Finding, ...Finding[]],
  wait: Wait | undefined,
  telling: DoctorTelling,
): string {
  const { t } = telling;
  if (wait) return waitText(wait, t);
  const [{ fact }, ...more] = findings;
  const names = namesOf(findings, t);
  if (fact.kind === "signer") return signerText(fact, names, t);
  if (more.length === 0) return doctorSentence(findings[0], telling);
  switch (fact.kind) {
    case "short":
      return t(
        "Your accounts with {0} pay for no answer: {1} must always stay in each, and they have no more.",
        names,
        formatOg(providerReserve, t),
      );
    case "unacknowledged":
      return t(
        "You have not accepted the keys that {0} sign with; acknowledge these providers first.",
        names,
      );
    default:
      return doctorSentence(findings[0], telling);
  }
}

function waitText(wait: Wait, t: Translate): string {
  switch (wait.for) {
    case "wallet":
      return t("Can be looked at once there is a wallet for this network.");
    case "sandbox":
      return t("Can be looked at once the sandbox runs.");
    case "rpc":
      return t("Can be looked at once an RPC server answers for this network.");
    case "mendedRpc":
      return t("Can be looked at once the broken RPC server is mended or removed.");
    case "setting":
      return t("Can be looked at once {0} can be used.", cleanText(wait.name, 60));
  }
}

const mostNames = 3;

/** Each provider once; the first few by name. */
function namesOf(findings: readonly Finding[], t: Translate): string {
  const names = findings.flatMap(({ fact }) => ("provider" in fact ? [shortAddress(fact.provider)] : []));
  const all = [...new Set(names)];
  const shown = all.slice(0, mostNames).join(", ");
  return all.length > mostNames ? t("{0} and {1} more", shown, all.length - mostNames) : shown;
}

export function doctorSentence({ word, fact }: Omit<Finding, "check">, { t, now }: DoctorTelling): string {
  switch (fact.kind) {
    case "error":
      return fact.error.code === "noWallet"
        ? t("There is no wallet for this network yet.")
        : errorView(fact.error, t).text;
    case "late":
      return t("Did not answer in {0} s.", fact.seconds);
    case "sandboxRests":
      return t("The sandbox does not run.");
    case "settings":
      return t("All of them can be used.");
    case "node":
      return t("{0} answers for this network, at block {1}.", cleanText(fact.host, 80), fact.block);
    case "nodeBehind":
      return t(
        "{0} is {1} blocks ({2}) behind the others.",
        cleanText(fact.host, 80),
        fact.blocks,
        formatRemaining(fact.seconds * 1000, t),
      );
    case "clock":
      return clockText(fact.seconds, t);
    case "noClock":
      return fact.why === "quiet"
        ? t("There is nothing to compare it with: this network makes a block only when something is sent.")
        : t("No RPC server named a block to compare it with.");
    case "wallet":
      return fact.balance === 0n
        ? t("It is empty, and cannot pay for any transaction.")
        : t("It holds {0}.", formatOg(fact.balance, t));
    case "ledger":
      return t("It holds {0}, {1} of it available.", formatOg(fact.total, t), formatOg(fact.available, t));
    case "short":
      return t(
        "Your account with {0} has {1} and pays for no answer: {2} must always stay there.",
        shortAddress(fact.provider),
        formatOg(fact.balance, t),
        formatOg(providerReserve, t),
      );
    case "acknowledged":
      return fact.accounts === 0
        ? t("There is no account with a provider yet.")
        : t("Of every provider you have an account with ({0}) you have accepted the key.", fact.accounts);
    case "unacknowledged":
      return errorView({ code: "notAcknowledged", facts: { provider: fact.provider, by: "user" } }, t).text;
    case "signers":
      return fact.providers === 0
        ? t("There is no account with a provider yet.")
        : t("They are still as you verified or accepted them ({0}).", fact.providers);
    case "signer":
      return signerText(fact, shortAddress(fact.provider), t);
    case "waiting":
      return t(
        "“{0}” has waited for {1}.",
        transactionName(fact.sent.purpose, t),
        formatRemaining(now - fact.sent.sentAt, t),
      );
    case "queue":
      return fact.waiting + fact.planned === 0
        ? t("None of yours waits.")
        : t("{0} on their way, {1} more behind them.", fact.waiting, fact.planned);
    case "foreign":
      return t(
        "Sent with this wallet by another program, and not on the chain yet: {0}. Yours wait behind them.",
        fact.transactions,
      );
    case "records":
      return fact.wallets === 0
        ? t("Nothing was spent yet.")
        : t("They can be read, those of every wallet ({0}).", fact.wallets);
    case "keychain":
      return t("It keeps what it is given, and gives it back.");
    case "sandbox":
      return sandboxText(fact.state, word, t);
    case "disk":
      return diskText(fact, word, t);
  }
}

/** Providers refuse what is signed by a clock that is minutes off. */
function clockText(seconds: number, t: Translate): string {
  const off = formatRemaining(Math.abs(seconds) * 1000, t);
  if (seconds < -30) return t("This machine's clock is at least {0} behind the network's.", off);
  if (seconds > 60)
    return t("The newest block is {0} old: this clock is ahead, or the network stands still.", off);
  return t("It agrees with the network's newest block.");
}

function signerText(
  { provider, look }: Extract<Fact, { kind: "signer" }>,
  names: string,
  t: Translate,
): string {
  switch (look) {
    case "changed":
      return errorView({ code: "enclaveChanged", facts: { provider } }, t).text;
    case "unknown":
      return t("You have not verified {0} yet: there is no earlier key to compare with.", names);
    case "lost":
      return t("What was remembered of {0} is lost: verify again.", names);
    case "damaged":
      return t("What is remembered of {0} cannot be read; verifying sets that aside.", names);
  }
}

function sandboxText(state: Extract<Fact, { kind: "sandbox" }>["state"], word: Word, t: Translate): string {
  switch (state) {
    case "stopped":
      return word === "fine" ? t("It is stopped, and nothing here needs it.") : t("It is stopped.");
    case "starting":
      return t("It is starting.");
    case "ready":
      return t("It runs.");
    case "joined":
      return t("It runs in another window, which this one has joined.");
  }
}

function diskText({ free, isWritable }: Extract<Fact, { kind: "disk" }>, word: Word, t: Translate): string {
  if (!isWritable) return t("The folder for what this extension keeps cannot be written to.");
  const size = formatSize(free, t);
  return word === "fine" ? t("{0} are free.", size) : t("Only {0} are free.", size);
}

// Each fact of the doctor as one sentence: short, as a list shows one line of each.
import { providerReserve } from "../../domain/account.js";
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

export function wordText(word: Word, t: Translate): string {
  switch (word) {
    case "broken":
      return t("broken");
    case "look":
      return t("look");
    case "notChecked":
      return t("not checked");
    case "fine":
      return t("fine");
  }
}

export function checkLabel(check: CheckId, t: Translate): string {
  switch (check) {
    case "settings":
      return t("Settings");
    case "nodes":
      return t("RPC");
    case "clock":
      return t("Clock");
    case "money":
      return t("Money");
    case "acknowledgements":
      return t("Acknowledgements");
    case "signers":
      return t("Signers");
    case "transactions":
      return t("Transactions");
    case "records":
      return t("Records");
    case "keychain":
      return t("Keychain");
    case "sandbox":
      return t("Sandbox");
    case "disk":
      return t("Disk");
  }
}

export function doctorSentence({ fact }: Pick<Finding, "fact">, { t, now }: DoctorTelling): string {
  switch (fact.kind) {
    case "error":
      return errorView(fact.error, t).text;
    case "late":
      return t("Did not answer in {0} s.", fact.seconds);
    case "sandboxRests":
      return t("The sandbox does not run.");
    case "settings":
      return t("All can be used.");
    case "node":
      return t("{0} answers for this network, at block {1}.", cleanText(fact.host, 80), fact.block);
    case "nodeBehind":
      return t(
        "{0} is {1} blocks behind ({2}).",
        cleanText(fact.host, 80),
        fact.blocks,
        formatRemaining(fact.seconds * 1000, t),
      );
    case "clock":
      return clockText(fact.seconds, t);
    case "noClock":
      return fact.why === "quiet"
        ? t("This chain makes blocks only when something is sent: they do not tell the time.")
        : t("No RPC server named a block to compare it with.");
    case "wallet":
      return fact.balance === 0n
        ? t("The wallet is empty: it cannot pay for a transaction.")
        : t("The wallet has {0}.", formatOg(fact.balance, t));
    case "ledger":
      return t("The ledger has {0}, {1} of it free.", formatOg(fact.total, t), formatOg(fact.available, t));
    case "short":
      return t(
        "{0} has {1} from you and answers nothing: it wants {2} to stay untouched.",
        shortAddress(fact.provider),
        formatOg(fact.balance, t),
        formatOg(providerReserve, t),
      );
    case "acknowledged":
      return fact.accounts === 0
        ? t("There is no account with a provider yet.")
        : t("Accounts with acknowledged providers: {0}, all there are.", fact.accounts);
    case "unacknowledged":
      return errorView({ code: "notAcknowledged", facts: { provider: fact.provider, by: "user" } }, t).text;
    case "signers":
      return fact.providers === 0
        ? t("There is no account with a provider yet.")
        : t("Keys on the chain that are as you verified or accepted them: {0}.", fact.providers);
    case "signer":
      return signerText(fact, t);
    case "waiting":
      return t(
        "“{0}” has waited for {1}.",
        transactionName(fact.sent.purpose, t),
        formatRemaining(now - fact.sent.sentAt, t),
      );
    case "queue":
      return fact.waiting + fact.planned === 0
        ? t("None waits.")
        : t("On their way: {0}; behind them: {1}.", fact.waiting, fact.planned);
    case "foreign":
      return t(
        "Waiting, and not sent from here: {0}. Yours wait behind them; only what sent them can hurry them.",
        fact.transactions,
      );
    case "records":
      return fact.wallets === 0
        ? t("Nothing was spent yet.")
        : t("Records of spending that can be read: {0}, all there are.", fact.wallets);
    case "keychain":
      return t("It keeps, returns and forgets a value.");
    case "sandbox":
      return sandboxText(fact.state, t);
    case "disk":
      return diskText(fact, t);
  }
}

/** Providers refuse what is signed by a clock that is minutes off. */
function clockText(seconds: number, t: Translate): string {
  const off = formatRemaining(Math.abs(seconds) * 1000, t);
  if (seconds < -30) return t("This machine's clock is at least {0} behind the network's.", off);
  if (seconds > 60)
    return t("The newest block is {0} old: this clock is ahead, or the network stands still.", off);
  return t("It agrees with the newest block.");
}

function signerText({ provider, look }: Extract<Fact, { kind: "signer" }>, t: Translate): string {
  const name = shortAddress(provider);
  switch (look) {
    case "changed":
      return errorView({ code: "enclaveChanged", facts: { provider } }, t).text;
    case "unknown":
      return t("{0} was never verified: there is nothing to compare its key with.", name);
    case "lost":
      return t("What was remembered of {0} is lost: verify it again.", name);
    case "damaged":
      return t("What is remembered of {0} cannot be read; verifying sets that aside.", name);
  }
}

function sandboxText(state: Extract<Fact, { kind: "sandbox" }>["state"], t: Translate): string {
  switch (state) {
    case "stopped":
      return t("It is stopped.");
    case "starting":
      return t("It is starting.");
    case "ready":
      return t("It runs.");
    case "joined":
      return t("It runs in another window, which this one has joined.");
  }
}

function diskText({ free, isWritable }: Extract<Fact, { kind: "disk" }>, t: Translate): string {
  if (!isWritable) return t("Our folder cannot be written.");
  return t("{0} are free.", formatSize(free, t));
}

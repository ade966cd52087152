// What mends each finding of the doctor: commands there are, that which most likely helps first. To look again is the list's own. Whatever
// is broken, or is to be looked at, has one.
import type { Network } from "../../domain/networks.js";
import type { CheckId, Fact, Finding } from "../../services/doctor/doctorFinding.js";
import type { DoctorTelling } from "./doctorSentences.js";
import type { ErrorAction } from "../errors/errorAction.js";
import { errorView } from "../errors/errors.js";
import type { HelpTopic } from "../help.js";
import type { Translate } from "../translate.js";

type Remedies = readonly ErrorAction[];

export function remedies({ check, word, fact }: Finding, telling: DoctorTelling): Remedies {
  const { t, network } = telling;
  switch (fact.kind) {
    case "error":
      return errorRemedies(check, fact, telling);
    case "late":
      return checkRemedies(check, telling);
    case "nodeBehind":
      return chainRemedies(network, t);
    case "noClock":
      return fact.why === "noBlock" ? chainRemedies(network, t) : [];
    case "clock":
      return word === "fine" ? [] : clockRemedies(telling);
    case "sandboxRests":
      return [start(t)];
    case "sandbox":
      return fact.state === "stopped" ? [start(t)] : [];
    case "wallet":
      return fact.balance === 0n ? [{ id: "zgCompute.fundWallet", title: t("Add funds") }] : [];
    case "short":
      return [about("zgCompute.transfer", t("Top up"), { provider: fact.provider, service: "inference" })];
    case "unacknowledged":
      return [about("zgCompute.acknowledge", t("Acknowledge"), account(fact))];
    case "signer":
      return [about("zgCompute.verifyProvider", t("Verify provider"), account(fact))];
    case "waiting":
      return [
        about("zgCompute.speedUpTransaction", t("Speed up"), { transaction: fact.sent.id }),
        about("zgCompute.cancelTransaction", t("Cancel transaction"), { transaction: fact.sent.id }),
      ];
    case "foreign":
      return foreignRemedies(fact, telling);
    case "disk":
      return word === "fine" ? [] : diskRemedies(fact.isWritable, t);
    case "settings":
    case "node":
    case "ledger":
    case "acknowledged":
    case "signers":
    case "queue":
    case "records":
    case "keychain":
      return [];
  }
}

type ErrorFact = Extract<Fact, { kind: "error" }>;

/** What the error itself names, but for trying again; where that is nothing, what there is for such a check. */
function errorRemedies(
  check: CheckId,
  { error, account: about }: ErrorFact,
  telling: DoctorTelling,
): Remedies {
  const { t, network } = telling;
  const { actions } = errorView(error, t);
  const logs = actions.filter(({ id }) => id === "zgCompute.showLog");
  const own = actions.filter(({ id }) => id !== "retry" && id !== "zgCompute.showLog");
  if (error.code === "internal") return logs;
  if (error.code === "sandboxFailed") return sandboxRemedies(own, logs, t);
  if (check === "nodes" || error.code === "network" || error.code === "wrongChain")
    return [...chainRemedies(network, t), ...logs];
  if (about && (error.code === "unknownProvider" || error.code === "notAcknowledged"))
    return [...own, askBack(about, t)];
  return own.length > 0 ? [...own, ...logs] : [...checkRemedies(check, telling), ...logs];
}

function checkRemedies(check: CheckId, telling: DoctorTelling): Remedies {
  const { t, network } = telling;
  switch (check) {
    case "settings":
      return [settings(undefined, t)];
    case "nodes":
    case "money":
    case "acknowledgements":
    case "signers":
    case "transactions":
      return chainRemedies(network, t);
    case "clock":
      return clockRemedies(telling);
    case "records":
    case "disk":
      return diskRemedies(false, t);
    case "keychain":
      return [
        help("keychain", t("How to mend it")),
        help("keychainOfEditor", t("VS Code's guide")),
        { id: "workbench.action.reloadWindow", title: t("Reload window") },
      ];
    case "sandbox":
      return sandboxRemedies([], [], t);
  }
}

/** The sandbox's URL is its own to say: a process that does not answer is started again. */
function chainRemedies(network: Network | undefined, t: Translate): Remedies {
  if (network?.isSandbox)
    return [{ id: "zgCompute.takeOverSandbox", title: t("Restart the sandbox") }, startOver(t)];
  if (!network) return [settings("zgCompute.network", t)];
  return [settings(network.id === "custom" ? "zgCompute.customNetwork" : "zgCompute.rpcUrls", t)];
}

function clockRemedies({ t, dateSettings }: DoctorTelling): Remedies {
  const how = help("clock", t("How to set it"));
  return dateSettings ? [help(dateSettings, t("Open date settings")), how] : [how];
}

function diskRemedies(isWritable: boolean, t: Translate): Remedies {
  const room = { id: "zgCompute.showDiskUse", title: t("What takes room") };
  return isWritable ? [room] : [help("disk", t("How to mend it")), room];
}

/** Where another process holds its state, that one is ended first; else the state may be what keeps it from starting. */
function sandboxRemedies(own: Remedies, logs: Remedies, t: Translate): Remedies {
  const first = own.length > 0 && !own.some(({ id }) => id === "zgCompute.resetSandbox") ? own : [start(t)];
  return [...first, startOver(t), ...logs];
}

/** They are another program's: what can be done from here is to see what they are. */
function foreignRemedies(
  { wallet }: Extract<Fact, { kind: "foreign" }>,
  { t, network }: DoctorTelling,
): Remedies {
  const explorer = about("zgCompute.openInExplorer", t("Open in block explorer"), { address: wallet });
  const activity = { id: "zgCompute.showActivity", title: t("Show activity") };
  return network?.explorer === undefined ? [activity] : [explorer, activity];
}

type Account = NonNullable<ErrorFact["account"]>;

function account({ provider, service }: Account): Account {
  return { provider, service };
}

function askBack(of: Account, t: Translate): ErrorAction {
  return about("zgCompute.requestReturn", t("Ask money back"), account(of));
}

function about(id: string, title: string, subject: object): ErrorAction {
  return { id, title, arguments: [{ subject }] };
}

function help(topic: HelpTopic, title: string): ErrorAction {
  return { id: "zgCompute.openHelp", title, arguments: [topic] };
}

function settings(name: string | undefined, t: Translate): ErrorAction {
  return {
    ...{ id: "zgCompute.openSettings", title: t("Open settings") },
    ...(name === undefined ? {} : { arguments: [name] }),
  };
}

function start(t: Translate): ErrorAction {
  return { id: "zgCompute.startSandbox", title: t("Start") };
}

function startOver(t: Translate): ErrorAction {
  return { id: "zgCompute.resetSandbox", title: t("Start over") };
}

// Every error code as one sentence and the buttons that help. Facts may be hostile text: they are cleaned before they are shown.
import type { ComputeError, ErrorFacts } from "../../domain/error.js";
import { shortAddress } from "../address.js";
import { chainAction, contractReason, nodeReason } from "./contractErrors.js";
import {
  apiKeyAction,
  apiKeyText,
  badAmountText,
  limitSetting,
  limitText,
  shortFundsText,
  toolsCutText,
  walletText,
} from "./errorSentences.js";
import { enclaveActions, enclaveText } from "./enclaveErrors.js";
import type { ErrorAction, ErrorLike, ErrorView } from "./errorAction.js";
import { settingText } from "./settingText.js";
import {
  datasetText,
  keyMissingText,
  taskConflictText,
  verificationText,
} from "../fineTuning/fineTuningErrors.js";
import { modelName } from "../providers/modelNames.js";
import { cleanText, fileName } from "../text.js";
import type { Translate } from "../translate.js";
import { urlOf } from "../../domain/url.js";

/** For errors as thrown and as kept. */
export function errorView(error: Pick<ComputeError, "code" | "facts">, t: Translate): ErrorView {
  const known = error as ErrorLike;
  return { text: errorText(known, t), actions: errorActions(known, t) };
}

function errorText(error: ErrorLike, t: Translate): string {
  switch (error.code) {
    case "cancelled":
      return t("Cancelled.");
    case "noWallet":
      return t("This needs a wallet, and there is none yet for this network.");
    case "walletLocked":
    case "badWallet":
      return walletText(error, t);
    case "badApiKey":
    case "noApiKeyLeft":
      return apiKeyText(error, t);
    case "badAmount":
      return badAmountText(error.facts, t);
    case "insufficientFunds":
      return shortFundsText(error.facts, t);
    case "limitReached":
      return limitText(error.facts, t);
    case "privateOnly":
    case "publicStorage":
    case "enclaveChanged":
      return enclaveText(error, t);
    case "noLedger":
      return t("You have no ledger on this network yet; a deposit creates one.");
    case "unsupported":
      return error.facts.what === "pictures"
        ? t("“{0}” reads no pictures, by its provider's word.", modelName(error.facts, t))
        : t("“{0}” calls no tools, by its provider's word.", modelName(error.facts, t));
    case "toolsCut":
      return toolsCutText(error.facts, t);
    case "tooLong":
      return t(
        "That is {0} tokens at least, and “{1}” reads {2} at most: nothing was sent. Shorten it, or choose a model that reads more.",
        error.facts.tokens,
        modelName(error.facts, t),
        error.facts.context,
      );
    case "pictureGone":
      return t(
        "The picture {0} is gone from this machine, or was changed there. Ask anew with it attached again.",
        fileName(error.facts.path),
      );
    case "unpriced":
      return t("What “{0}” costs is not known: its provider tells no price.", modelName(error.facts, t));
    case "notAcknowledged":
    case "unknownProvider":
    case "unknownServiceType":
    case "providerUnavailable":
    case "rateLimited":
    case "refusedByProvider":
      return providerText(error, t);
    case "verificationFailed":
      return verificationText(error.facts, t);
    case "badParameters":
      return t("The training configuration would be refused: {0}", sentence(error.facts.detail));
    case "badDataset":
      return datasetText(error.facts, t);
    case "taskConflict":
      return taskConflictText(error.facts, t);
    case "keyMissing":
      return keyMissingText(error.facts, t);
    case "deadQueue":
      return t(
        "{0} settled a model that was not acknowledged in time, and cannot deliver another to this account.",
        shortAddress(cleanText(error.facts.provider, 60)),
      );
    case "rejectedByChain":
      return chainText(error.facts, t);
    case "network":
      return networkText(error.facts, t);
    case "wrongChain":
      return t(
        "{0} answers for chain {1}; this network is chain {2}. Nothing was sent.",
        hostOf(error.facts.url),
        error.facts.actual,
        error.facts.expected,
      );
    case "sandboxFailed":
      return error.facts.why === "taken"
        ? t("Another process ({0}) holds the sandbox's state and cannot be joined.", error.facts.pid ?? 0)
        : t("The sandbox does not run: {0}", sentence(error.facts.detail));
    case "badSetting":
      return settingText(error.facts, t);
    case "journalDamaged":
      return t(
        "The record of what was spent is damaged, and nothing is spent before it is set aside: {0}",
        fileName(error.facts.name),
      );
    case "apiKeysDamaged":
      return t(
        "The list of API keys is damaged, and no key is made before it is set aside: {0}",
        cleanText(error.facts.path, 300),
      );
    case "badFile":
      return error.facts.line === undefined
        ? t("{0} cannot be used: {1}", fileName(error.facts.path), sentence(error.facts.detail))
        : t("{0}, line {1}: {2}", fileName(error.facts.path), error.facts.line, sentence(error.facts.detail));
    case "diskFull":
      return t("The disk is full: {0} could not be written.", cleanText(error.facts.path));
    case "untrustedWorkspace":
      return t("This sends files of the workspace away, so it needs a trusted workspace.");
    case "internal":
      return t("Something went wrong that should not have. The log has the details.");
  }
}

type ProviderError = Extract<
  ErrorLike,
  {
    code:
      | "notAcknowledged"
      | "unknownProvider"
      | "unknownServiceType"
      | "providerUnavailable"
      | "rateLimited"
      | "refusedByProvider";
  }
>;

function providerText(error: ProviderError, t: Translate): string {
  const name = shortAddress(cleanText(error.facts.provider, 60));
  switch (error.code) {
    case "notAcknowledged":
      return error.facts.by === "owner"
        ? t("The network's operator has not accepted the key {0} signs with; choose another provider.", name)
        : t("You have not accepted the key {0} signs with; acknowledge the provider first.", name);
    case "unknownProvider":
      return error.facts.provider === ""
        ? error.facts.why === "noTuning"
          ? t("This network lists no provider that trains models.")
          : t("This network lists no provider to chat with.")
        : error.facts.why === "development"
          ? t("{0} is a test address whose key is public. No money goes there on this network.", name)
          : t("{0} is not registered on this network (any more).", name);
    case "unknownServiceType":
      return t(
        "{0} offers “{1}”, which this version cannot use here.",
        name,
        cleanText(error.facts.serviceType, 40),
      );
    case "providerUnavailable":
      if (error.facts.detail === "cut")
        return t("The connection to {0} broke off before the answer was complete.", name);
      return error.facts.status === undefined
        ? t("{0} does not answer as it should: {1}", name, sentence(error.facts.detail))
        : t("{0} cannot answer now (HTTP {1}).", name, error.facts.status);
    case "rateLimited":
      return error.facts.retryAfterSeconds === undefined
        ? t("{0} is busy. Try again in a moment.", name)
        : t("{0} is busy. Try again in {1} s.", name, error.facts.retryAfterSeconds);
    case "refusedByProvider": {
      const { status, detail } = error.facts;
      // It took the request, and then says that nothing comes of it.
      return status === 200
        ? t("{0} brings no result: {1}", name, sentence(detail))
        : t("{0} refused the request (HTTP {1}): {2}", name, status, sentence(detail));
    }
  }
}

function chainText(facts: ErrorFacts["rejectedByChain"], t: Translate): string {
  const { reason, args, hash } = facts;
  const whole = nodeReason(facts, t);
  if (whole !== undefined) return whole;
  const why = sentence(contractReason(facts, t) ?? contractWords(reason, args));
  return hash === undefined
    ? t("The contract would refuse this, so nothing was sent: {0}", why)
    : t("The contract refused the transaction, and only its fee was paid: {0}", why);
}

/** The name and arguments of an error that no known contract has. */
function contractWords(reason: string, args: readonly string[]): string {
  const name = cleanText(reason, 60);
  return args.length === 0 ? name : `${name} (${args.map((argument) => cleanText(argument, 50)).join(", ")})`;
}

function networkText({ what, url, detail }: ErrorFacts["network"], t: Translate): string {
  const host = hostOf(url);
  const why = sentence(detail);
  switch (what) {
    case "rpc":
      return t("The network's RPC at {0} did not give a usable answer: {1}", host, why);
    case "provider":
      return t("The provider at {0} did not give a usable answer: {1}", host, why);
    case "storage":
      return t("The storage node at {0} did not give a usable answer: {1}", host, why);
    case "status":
      return t("The status service at {0} did not give a usable answer: {1}", host, why);
  }
}

const moneyActions = new Set([
  "zgCompute.transfer",
  "zgCompute.deposit",
  "zgCompute.fundWallet",
  "zgCompute.acknowledge",
  "zgCompute.requestReturn",
  "zgCompute.requestAllReturns",
  "zgCompute.collectRefunds",
]);

/** Of an answer. Not asked on the current network, nothing is offered that would move this one's money for it. */
export function answerErrorView(
  error: Pick<ComputeError, "code" | "facts">,
  isOfCurrentNetwork: boolean,
  t: Translate,
): ErrorView {
  const { text, actions } = errorView(error, t);
  return { text, actions: actions.filter(({ id }) => isOfCurrentNetwork || !moneyActions.has(id)) };
}

function errorActions(error: ErrorLike, t: Translate): readonly ErrorAction[] {
  const retry = { id: "retry", title: t("Retry") };
  const log = { id: "zgCompute.showLog", title: t("Show log") };
  const settings = (...names: readonly string[]): ErrorAction => ({
    ...{ id: "zgCompute.openSettings", title: t("Open settings"), arguments: names },
  });
  const others = { id: "zgCompute.providers.focus", title: t("Show providers") };
  const tasks = { id: "zgCompute.tasks.focus", title: t("Show tasks") };
  const about = (provider: string | undefined) => [{ subject: { provider } }];
  switch (error.code) {
    case "noWallet":
    case "badWallet":
      return [{ id: "zgCompute.setUpWallet", title: t("Set up wallet") }];
    case "walletLocked":
      return error.facts.why === "missing"
        ? [{ id: "zgCompute.setUpWallet", title: t("Set up wallet") }]
        : [retry];
    case "insufficientFunds":
      if (error.facts.account === "wallet") return [{ id: "zgCompute.fundWallet", title: t("Add funds") }];
      return error.facts.account === "ledger"
        ? [{ id: "zgCompute.deposit", title: t("Deposit") }]
        : [{ id: "zgCompute.transfer", title: t("Top up"), arguments: about(error.facts.provider) }];
    case "noApiKeyLeft":
      return [
        {
          id: "zgCompute.revokeAllApiKeys",
          title: t("Revoke all keys"),
          arguments: about(error.facts.provider),
        },
      ];
    case "noLedger":
      return [{ id: "zgCompute.deposit", title: t("Deposit") }];
    case "limitReached":
      return limitActions(error.facts, settings, t);
    case "badSetting":
      return [settings(error.facts.setting)];
    case "wrongChain":
      return [settings()];
    case "notAcknowledged":
      return error.facts.by === "user"
        ? [{ id: "zgCompute.acknowledge", title: t("Acknowledge"), arguments: about(error.facts.provider) }]
        : [others];
    case "privateOnly":
    case "publicStorage":
    case "enclaveChanged":
      return enclaveActions(error, settings, t);
    case "badAmount":
    case "providerUnavailable":
    case "rateLimited":
    case "diskFull":
    case "badFile":
    case "badParameters":
    case "pictureGone":
    case "toolsCut":
      return [retry];
    case "unknownProvider":
      return error.facts.why === "development" ? [others] : [retry];
    case "sandboxFailed":
      return sandboxActions(error.facts, retry, log, t);
    case "refusedByProvider":
    case "network":
    case "verificationFailed":
      return [retry, log];
    case "rejectedByChain":
      return [chainAction(error.facts, t)];
    case "internal":
      return [log];
    case "journalDamaged":
      return [
        {
          id: "zgCompute.setJournalAside",
          title: t("Set it aside…"),
          arguments: [error.facts.name],
        },
      ];
    case "apiKeysDamaged":
      return [{ id: "zgCompute.setApiKeysAside", title: t("Set it aside…") }];
    case "untrustedWorkspace":
      return [{ id: "workbench.trust.manage", title: t("Trust") }];
    case "badDataset":
      return [{ id: "workbench.actions.view.problems", title: t("Show problems") }];
    case "taskConflict":
      return error.facts.why === "unfinished" ? [tasks] : [retry];
    case "keyMissing":
      return error.facts.why === "notSettled" ? [retry] : [tasks];
    case "badApiKey":
      return [apiKeyAction(error.facts, t)];
    case "deadQueue":
      return [tasks];
    case "unknownServiceType":
    case "unsupported":
    case "tooLong":
    case "unpriced":
      return [others];
    case "cancelled": // shown to nobody
      return [];
  }
}

/** Those to show: nobody is left without one where nothing can be tried again. */
export function actionsToShow(
  { actions }: ErrorView,
  canRetry: boolean,
  t: Translate,
): readonly ErrorAction[] {
  const left = actions.filter(({ id }) => id !== "retry" || canRetry);
  return left.length > 0 ? left : [{ id: "zgCompute.showLog", title: t("Show log") }];
}

function limitActions(
  { limit, provider }: ErrorFacts["limitReached"],
  settings: (...names: readonly string[]) => ErrorAction,
  t: Translate,
): readonly ErrorAction[] {
  switch (limit) {
    case "unaskedFee":
      return [{ id: "zgCompute.transfer", title: t("Top up"), arguments: [{ subject: { provider } }] }];
    case "perKey":
      return [{ id: "zgCompute.showEndpoint", title: t("Show local endpoint") }];
    default:
      return [settings(limitSetting(limit))];
  }
}

/** Damaged state fails at every start: then only a new one helps. */
function sandboxActions(
  { why }: ErrorFacts["sandboxFailed"],
  retry: ErrorAction,
  log: ErrorAction,
  t: Translate,
): readonly ErrorAction[] {
  if (why === "taken") return [{ id: "zgCompute.takeOverSandbox", title: t("Stop it and start ours") }, log];
  return why === "start"
    ? [retry, { id: "zgCompute.resetSandbox", title: t("Start over") }, log]
    : [retry, log];
}

/** Others' words with one full stop at their end. */
function sentence(text: string): string {
  const clean = cleanText(text);
  return clean === "" || /[.!?…]$/.test(clean) ? clean : `${clean}.`;
}

/** Which machine, without paths and keys that a URL may carry. */
function hostOf(url: string): string {
  return urlOf(url)?.host ?? cleanText(url, 60);
}

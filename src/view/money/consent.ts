// What is agreed to before a provider gets the first question, order or recording.
import type { InferenceService } from "../../domain/provider.js";
import type { Confirmation, ConsentFacts } from "../../services/ports.js";
import { modelName } from "../providers/modelNames.js";
import { formatBound, formatCost, formatExact } from "./money.js";
import { tieredPrice } from "../providers/providerRows.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

/** The same consent in the words of each trade. */
interface Trade {
  /** Asked every time, and once for all times. */
  readonly once: string;
  readonly always: string;
  readonly onceLabel: string;
  readonly alwaysLabel: string;
}

export function consentConfirmation(facts: ConsentFacts, t: Translate): Confirmation {
  const { service, model, network, wallet, limit, spent, worstCase } = facts;
  const isChat = service.serviceType === "chatbot";
  const { once, always, onceLabel, alwaysLabel } = tradeOf(service, modelName({ model }, t), t);
  return {
    title: limit === undefined ? once : always,
    detail: [
      t("Provider: {0}, on {1}.", service.provider, cleanText(network.name, 40)),
      t("Price: {0}.", tieredPrice(service, t)),
      limit === undefined ? costLine(worstCase, isChat, t) : limitLine(limit, spent, isChat, t),
      privacyLine(service, isChat, t),
      t(
        "Your wallet “{0}” signs passes for this provider, each valid for two hours. They allow nothing but to spend what is on your account with this provider.",
        cleanText(wallet.name, 60),
      ),
    ].join("\n\n"),
    confirmLabel: limit === undefined ? onceLabel : alwaysLabel,
  };
}

function tradeOf({ serviceType }: InferenceService, name: string, t: Translate): Trade {
  switch (serviceType) {
    case "text-to-image":
      return {
        once: t("Let “{0}” make what you asked for?", name),
        always: t("Let “{0}” make pictures?", name),
        ...sameLabel(t("Generate")),
      };
    case "image-editing":
      return {
        once: t("Let “{0}” edit this picture?", name),
        always: t("Let “{0}” edit pictures?", name),
        ...sameLabel(t("Edit")),
      };
    case "speech-to-text":
      return {
        once: t("Let “{0}” hear this recording?", name),
        always: t("Let “{0}” hear recordings?", name),
        ...sameLabel(t("Transcribe")),
      };
    default:
      return {
        once: t("Ask “{0}” this question?", name),
        always: t("Chat with “{0}”?", name),
        onceLabel: t("Ask"),
        alwaysLabel: t("Chat"),
      };
  }
}

function sameLabel(label: string): Pick<Trade, "onceLabel" | "alwaysLabel"> {
  return { onceLabel: label, alwaysLabel: label };
}

function costLine(worstCase: ConsentFacts["worstCase"], isChat: boolean, t: Translate): string {
  const cost = formatBound(worstCase, t);
  return isChat
    ? t("This question may cost up to {0}. You set no limit, so you are asked every time.", cost)
    : t("This may cost up to {0}. You set no limit, so you are asked every time.", cost);
}

export function limitLine(
  limit: ConsentFacts["worstCase"],
  spent: ConsentFacts["spent"],
  isChat: boolean,
  t: Translate,
): string {
  const [most, so] = [formatExact(limit, t), formatCost(spent, t)];
  return isChat
    ? t(
        "Your limit for this provider is {0}; {1} is spent. Below it you are not asked again; at it the chat stops.",
        most,
        so,
      )
    : t(
        "Your limit for this provider is {0}; {1} is spent. Below it you are not asked again; at it nothing more is ordered.",
        most,
        so,
      );
}

function privacyLine({ privacy, info }: InferenceService, isChat: boolean, t: Translate): string {
  switch (privacy) {
    case "private":
      return t("The provider states that the model runs inside an enclave.");
    case "authentic":
      return passedOnLine(info.providerIdentity, isChat, t);
    case "passedOn":
      return t("Your questions are passed on to your server outside this machine.");
    case "none":
      return t("This provider never signs its answers: nothing about them can be proved.");
  }
}

function passedOnLine(company: string | undefined, isChat: boolean, t: Translate): string {
  if (company === undefined)
    return isChat
      ? t("The provider states that your questions are passed on to an outside company, which can read them.")
      : t("The provider states that what you send is passed on to an outside company, which can read it.");
  const name = cleanText(company, 40);
  return isChat
    ? t("The provider states that your questions are passed on to “{0}”, which can read them.", name)
    : t("The provider states that what you send is passed on to “{0}”, which can read it.", name);
}

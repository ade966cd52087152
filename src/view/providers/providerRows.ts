// The marketplace as rows: grouped by what a service does, with price, privacy and what was observed of its health.
import { atOwnPrices, isUnpriced, pricedAs, tokenPrices } from "../../domain/pricing.js";
import type { InferenceService, ModelInfo, Privacy } from "../../domain/provider.js";
import type { ProviderItem, ProvidersState } from "../../services/providers/providers.js";
import { shortAddress } from "../address.js";
import { modelName, namesOf } from "./modelNames.js";
import { markdownText, cleanText } from "../text.js";
import { formatPerMillion, formatCost } from "../money/money.js";
import type { Row } from "../rows.js";
import { stateRows } from "../stateRows.js";
import { formatAgo } from "../time.js";
import type { Translate } from "../translate.js";

export interface ProviderRowsOptions {
  readonly t: Translate;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Only services in which every one of these words occurs. */
  readonly words?: string;
}

export function providerRows(
  state: ProvidersState,
  { t, now, words = "" }: ProviderRowsOptions,
): readonly Row[] {
  const texts = {
    loading: t("Loading providers…"),
    retryCommand: "zgCompute.refreshProviders",
  };
  const around = stateRows("providers", state, texts, t);
  if (!state.value) return around;
  const found = state.value.filter((item) => matches(item, words, t));
  if (found.length === 0) {
    const label = state.value.length === 0 ? t("No providers are registered here") : t("No provider matches");
    return [...around, { id: "providers:none", label, icon: "info" }];
  }
  const types = [...new Set(found.map((item) => item.service.serviceType))].sort(byKnownType);
  const groups = types.map((type) =>
    groupRow(
      type,
      found.filter((item) => item.service.serviceType === type),
      t,
      now,
    ),
  );
  return [...around, ...groups];
}

const knownTypes = ["chatbot", "text-to-image", "image-editing", "speech-to-text"];

/** Chats first, as everywhere. */
export function byKnownType(a: string, b: string): number {
  const rank = (type: string) => (knownTypes.includes(type) ? knownTypes.indexOf(type) : knownTypes.length);
  return rank(a) - rank(b) || a.localeCompare(b);
}

function groupRow(type: string, items: readonly ProviderItem[], t: Translate, now: number): Row {
  return {
    id: `type:${type}`,
    label: serviceTypeName(type, t),
    description: String(items.length),
    children: items.map((item) => providerRow(item, hasTwin(item, items), t, now)),
    isCollapsed: type !== "chatbot",
    context: "serviceType",
  };
}

export function serviceTypeName(type: string, t: Translate): string {
  switch (type) {
    case "chatbot":
      return t("Chat");
    case "text-to-image":
      return t("Text to image");
    case "image-editing":
      return t("Image editing");
    case "speech-to-text":
      return t("Speech to text");
    default:
      return cleanText(type, 40) || t("Other");
  }
}

/** Another provider offers a model of the same name: only the address tells them apart. */
function hasTwin({ service }: ProviderItem, items: readonly ProviderItem[]): boolean {
  return items.some((other) => other.service !== service && other.service.model === service.model);
}

function providerRow(item: ProviderItem, isTwin: boolean, t: Translate, now: number): Row {
  const { service } = item;
  const { provider } = service;
  const label = modelName(service, t);
  const description = [
    isTwin ? shortAddress(provider) : "",
    privacyWord(service.privacy, t),
    shortPrice(atOwnPrices(item), t),
    observed(item, t),
  ]
    .filter((part) => part !== "")
    .join(" · ");
  return {
    id: `provider:${service.serviceType}:${provider.toLowerCase()}`,
    label,
    description,
    tooltip: () => providerTooltip(item, t, now),
    icon: privacyIcon(service.privacy),
    context: service.serviceType === "chatbot" ? "provider chat address" : "provider address",
    subject: { provider, address: provider },
    accessibleLabel: `${label}, ${description}`,
  };
}

/** Of one of its models, where several are offered. */
export function modelPrice(
  service: InferenceService,
  name: string,
  info: ModelInfo | undefined,
  t: Translate,
): string {
  return isUnpriced(service, name, info) ? t("price not known") : tieredPrice(pricedAs(service, info), t);
}

/** With a word where the price rises with the prompt. */
export function tieredPrice(service: InferenceService, t: Translate): string {
  const price = shortPrice(service, t);
  const [first, ...others] = service.serviceType === "chatbot" ? tokenPrices(service) : [];
  const rises = others.some(({ input, output }) => first && (input > first.input || output > first.output));
  return rises ? t("{0}, long prompts cost more", price) : price;
}

/** Both prices per million tokens, or the price of one unit. */
export function shortPrice(service: InferenceService, t: Translate): string {
  const { serviceType, inputPrice, outputPrice } = service;
  switch (serviceType) {
    case "chatbot":
      if (inputPrice === 0n && outputPrice === 0n) return t("free");
      return t(
        "{0} in, {1} out per M tokens",
        formatPerMillion(inputPrice, t),
        formatPerMillion(outputPrice, t),
      );
    case "text-to-image":
    case "image-editing":
      return t("{0} an image", formatCost(outputPrice, t));
    case "speech-to-text":
      return t("{0} a second", formatCost(inputPrice, t));
    default:
      return "";
  }
}

/** The word for who can see and who vouches; see the tooltip for what it means. */
export function privacyWord(privacy: Privacy, t: Translate): string {
  switch (privacy) {
    case "private":
      return t("private");
    case "authentic":
      return t("authentic");
    case "passedOn":
      return t("passed on");
    case "none":
      return t("unverified");
  }
}

export function privacyBadge(privacy: Privacy, t: Translate): string {
  switch (privacy) {
    case "private":
      return t("Private");
    case "authentic":
      return t("Authentic");
    case "passedOn":
      return t("Passed on");
    case "none":
      return t("Unverified");
  }
}

export function privacyIcon(privacy: Privacy): string {
  return privacy === "private" ? "shield" : privacy === "authentic" ? "organization" : "question";
}

export function privacySentence(privacy: Privacy, t: Translate): string {
  switch (privacy) {
    case "private":
      return t("Private: the provider states that the model runs in the enclave itself.");
    case "authentic":
      return t(
        "Authentic: the provider states that an enclave passes the conversation to an outside company, which can read it, and signs its answer.",
      );
    case "passedOn":
      return t("Passed on: the sandbox sends what you ask to your server outside this machine.");
    case "none":
      return t("Unverified: this provider never signs answers, so nothing about them can be proved.");
  }
}

/** What we or the status service saw: observed, never proven. */
function observed({ probe, health }: ProviderItem, t: Translate): string {
  if (probe?.error) return t("not answering");
  if (probe?.latencyMs !== undefined) return t("{0} ms", Math.round(probe.latencyMs));
  switch (health?.status) {
    case "healthy":
      return t("healthy");
    case "warning":
      return t("unsteady");
    case "critical":
      return t("down");
    default:
      return "";
  }
}

function providerTooltip(
  { service, health, probe, models }: ProviderItem,
  t: Translate,
  now: number,
): string {
  const model = models?.find((candidate) => candidate.id === service.model);
  const lines = [
    `**${markdownText(service.model, 80)}**`,
    privacySentence(service.privacy, t),
    service.isSignerAcknowledgedByOwner ? "" : t("The network's operator has not accepted its key."),
    model?.description ? markdownText(model.description, 300) : "",
    model?.contextLength ? t("Context: {0} tokens", model.contextLength) : "",
    priceLine(atOwnPrices({ service, models }), t),
    probe?.latencyMs === undefined
      ? ""
      : t("Answered in {0} ms, {1}", Math.round(probe.latencyMs), formatAgo(probe.at, now, t)),
    probe?.error ? t("Did not answer, {0}", formatAgo(probe.at, now, t)) : "",
    health?.uptimePercent === undefined
      ? ""
      : t("Uptime by the network's status service: {0} %", Math.round(health.uptimePercent)),
    t("Provider: {0}", service.provider),
    t("Address: {0}", markdownText(service.url, 120)),
  ];
  return lines.filter((line) => line !== "").join("\n\n");
}

function priceLine(service: InferenceService, t: Translate): string {
  const notes = [
    service.info.tiers.length > 0 ? t("long prompts have another price") : "",
    service.info.cacheDivisor ? t("repeated prompts cost less") : "",
    service.info.priceDenomination === "USD" ? t("set in dollars, so it moves") : "",
  ].filter((note) => note !== "");
  const price = shortPrice(service, t);
  if (price === "") return "";
  return notes.length > 0 ? t("Price: {0} ({1})", price, notes.join(", ")) : t("Price: {0}", price);
}

/** Every word occurs in what it is called, whose it is, or what else is served there. */
export function matches(item: ProviderItem, words: string, t: Translate): boolean {
  const { service } = item;
  const text = [
    service.model,
    service.provider,
    service.serviceType,
    serviceTypeName(service.serviceType, t),
    privacyWord(service.privacy, t),
    service.info.providerIdentity ?? "",
    ...namesOf(item, []),
  ]
    .join(" ")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

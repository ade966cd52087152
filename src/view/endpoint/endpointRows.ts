// The local endpoint's keys as entries of a list: what each spent, how much it was used, and what it may.
import type { ModelRoute } from "../../domain/modelNames.js";
import { neuron, type Neuron } from "../../domain/money.js";
import { networks } from "../../domain/networks.js";
import type { EndpointKey } from "../../services/endpoint/keyFile.js";
import type { KeyUsage, Tally } from "../../services/endpoint/usage.js";
import type { ServedModel } from "../../services/endpoint/routing.js";
import { shortAddress } from "../address.js";
import type { Choice, Entry } from "../choice.js";
import { modelName } from "../providers/modelNames.js";
import {
  byKnownType,
  modelPrice,
  privacyIcon,
  privacyWord,
  serviceTypeName,
} from "../providers/providerRows.js";
import { formatCost, formatOg } from "../money/money.js";
import { cleanText } from "../text.js";
import { formatRemaining } from "../time.js";
import type { Translate } from "../translate.js";

export interface KeyFacts {
  readonly key: EndpointKey;
  readonly usage: KeyUsage;
  readonly spent: Neuron;
  /** Made for the wallet and the network in use. */
  readonly isUsable: boolean;
}

export function keyEntry({ key, usage, spent, isUsable }: KeyFacts, now: number, t: Translate): Entry {
  const { label, budget, expiresAt, models, scope } = key;
  const tokens = usage.promptTokens + usage.completionTokens;
  const network = scope.network === "custom" ? "Custom" : networks[scope.network].name;
  const details = [
    isUsable ? "" : t("for another wallet or network: {0}", network),
    expiresAt === undefined
      ? t("until it is revoked")
      : expiresAt <= now
        ? t("ended")
        : t("{0} left", formatRemaining(expiresAt - now, t)),
    models ? t("models: {0}", models.map(({ model }) => model).join(", ")) : t("every model"),
    usage.refused > 0 ? t("{0} refused", usage.refused) : "",
    verdictCounts(usage, t),
  ];
  return {
    icon: "key",
    label,
    description: [
      t("{0} of {1}", formatCost(neuron(spent), t), formatOg(budget, t)),
      usage.requests === 1 ? t("1 request") : t("{0} requests", usage.requests),
      t("{0} tokens", tokens),
    ].join(" · "),
    detail: details.filter((part) => part !== "").join(" · "),
  };
}

/** What a key may be bound to: each model of each provider, by kind. */
export function modelChoices(served: readonly ServedModel[], t: Translate): readonly Choice<ModelRoute>[] {
  const kinds = [...new Set(served.map(({ service }) => service.serviceType))].sort(byKnownType);
  return kinds.flatMap((kind) =>
    served
      .filter(({ service }) => service.serviceType === kind)
      .map(({ provider, model, service, info, isTuned }) => ({
        icon: privacyIcon(service.privacy),
        label: modelName({ model }, t),
        description: modelPrice(service, model, info, t),
        detail: [
          serviceTypeName(kind, t),
          privacyWord(service.privacy, t),
          shortAddress(provider),
          ...(isTuned ? [t("tuned by you")] : []),
        ].join(" · "),
        group: serviceTypeName(kind, t),
        value: { provider, model },
      })),
  );
}

/** What a program that chats may ask for, each name once. */
export function chatModels(served: readonly ServedModel[]): readonly string[] {
  const chats = served.filter(({ service }) => service.serviceType === "chatbot");
  return [...new Set(chats.map(({ model }) => model))];
}

/** Each model that a key was used for, the dearest first. */
export function modelEntries({ models }: Pick<KeyUsage, "models">, t: Translate): readonly Entry[] {
  const all = Object.entries(models).map(([model, tally]) => ({
    model,
    tally,
    cost: neuron(BigInt(tally.cost)),
  }));
  return all
    .sort((a, b) => Number(b.cost - a.cost))
    .map(({ model, tally, cost }) => ({
      icon: "symbol-method",
      label: cleanText(model, 60),
      description: [
        formatCost(cost, t),
        tally.requests === 1 ? t("1 request") : t("{0} requests", tally.requests),
        t("{0} tokens", tally.promptTokens + tally.completionTokens),
      ].join(" · "),
      detail: verdictCounts(tally, t),
    }));
}

function verdictCounts({ verified, notProven, failed }: Tally, t: Translate): string {
  return [
    failed > 0 ? t("{0} failed", failed) : "",
    verified > 0 ? t("{0} verified", verified) : "",
    notProven > 0 ? t("{0} not proven", notProven) : "",
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

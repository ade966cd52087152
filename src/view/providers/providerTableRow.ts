// One service of the provider table: what the chain says, what it comes to, and what was measured. What was never measured has no figure.
import { neuron, type Neuron } from "../../domain/money.js";
import { tokenPrices, type TokenPrices } from "../../domain/pricing.js";
import type { InferenceService } from "../../domain/provider.js";
import type { FigureView, PriceLineView, ProviderRowView } from "../../protocol/providerTable.js";
import type { Figure, Measurement } from "../../services/providers/measurements.js";
import type { PromptPrice } from "../../services/money/promptPrice.js";
import type { ProviderItem } from "../../services/providers/providers.js";
import { shortAddress } from "../address.js";
import { formatCost, formatExact, formatPerMillion } from "../money/money.js";
import { modelName, namesOf } from "./modelNames.js";
import { privacyBadge, privacySentence, serviceTypeName, shortPrice } from "./providerRows.js";
import { formatAgo, formatDuration } from "../time.js";
import type { Translate } from "../translate.js";

/** A service with what is known of it beside the chain's word. */
export interface ComparedProvider {
  readonly id: string;
  readonly item: ProviderItem;
  /** Of the prompt that was typed; absent while there is none, or where a prompt alone has no price. */
  readonly price?: PromptPrice;
  /** A prompt was typed. */
  readonly isAsked: boolean;
  readonly measured?: Measurement;
  /** The most that measuring it costs; absent where it cannot be measured. */
  readonly measuringCost?: Neuron;
  readonly isMeasuring: boolean;
}

export interface ProviderTelling {
  readonly t: Translate;
  readonly now: number;
}

export interface RowContext extends ProviderTelling {
  /** Among which a name must tell it apart. */
  readonly all: readonly ComparedProvider[];
  readonly find: string;
}

export function providerTableRow(one: ComparedProvider, context: RowContext): ProviderRowView {
  const { t, all } = context;
  const { service } = one.item;
  const { privacy, provider, serviceType } = service;
  return {
    id: one.id,
    name: modelName(service, t),
    detail: t("{0} · {1}", serviceTypeName(serviceType, t), shortAddress(provider)),
    address: provider,
    ...otherModels(one, context),
    className: privacyBadge(privacy, t),
    classTitle: privacySentence(privacy, t),
    price: priceFigure(one, t),
    prices: priceLines(service, t),
    ...measuredFigures(one, context),
    ...measureButton(one, all, t),
  };
}

/** One row is one entry of the chain, with its price; what else is served there must not be hidden by that. */
function otherModels({ item }: ComparedProvider, { t, find }: RowContext): Pick<ProviderRowView, "others"> {
  const names = namesOf(item, [])
    .filter((name) => name !== item.service.model)
    .map((model) => modelName({ model }, t));
  if (names.length === 0) return {};
  const words = find
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return {
    others: {
      label: names.length === 1 ? t("and 1 more model") : t("and {0} more models", names.length),
      names,
      note: t("The chain names one price, that of this row. What these cost is for the provider to say."),
      isFound: words.some((word) => names.some((name) => name.toLowerCase().includes(word))),
    },
  };
}

function priceFigure({ item, price, isAsked }: ComparedProvider, t: Translate): FigureView {
  if (!price) return isAsked ? unpriced(item.service, t) : noFigure;
  if (item.service.serviceType !== "chatbot")
    return {
      value: price.cost === 0n ? t("free") : formatCost(price.cost, t),
      detail: t("for one picture"),
      title: formatExact(price.cost, t),
      isKnown: true,
    };
  const { cost, cachedCost } = price;
  const once = formatCost(cost, t);
  const again = formatCost(cachedCost ?? cost, t);
  return {
    value: cost === 0n ? t("free") : once,
    detail: again === once ? "" : t("{0} if repeated", again),
    title:
      cachedCost === undefined
        ? formatExact(cost, t)
        : t(
            "{0}; {1} if the provider has kept all of the prompt",
            formatExact(cost, t),
            formatExact(cachedCost, t),
          ),
    isKnown: true,
  };
}

/** A recording's length decides, which no prompt tells; what is counted is for the provider to say (spec inference.md 6.6). */
function unpriced({ serviceType, inputPrice, outputPrice }: InferenceService, t: Translate): FigureView {
  if (serviceType !== "speech-to-text") return noFigure;
  if (inputPrice === 0n && outputPrice === 0n) return { ...noFigure, value: t("free") };
  return {
    value: t("by length"),
    detail: t("{0} a minute", formatCost(neuron(inputPrice * 60n), t)),
    title: t("A recording costs by its seconds, or by its tokens where the provider counts those."),
    isKnown: false,
  };
}

const noFigure: FigureView = { value: "–", detail: "", title: "", isKnown: false };

/** Of a chat each tier with its prices per million tokens; of the others the price of a unit. */
function priceLines(service: InferenceService, t: Translate): readonly PriceLineView[] {
  const moves =
    service.info.priceDenomination === "USD"
      ? [{ label: "", value: "", detail: t("set in dollars, so it moves"), title: "" }]
      : [];
  if (service.serviceType !== "chatbot") {
    const value = shortPrice(service, t);
    return value === "" ? [] : [{ label: "", value, detail: "", title: "" }, ...moves];
  }
  const tiers = tokenPrices(service);
  const lines = tiers.map((tier, index) => tierLine(tier, tiers[index - 1], tiers.length > 1, t));
  return [...lines, ...moves];
}

function tierLine(
  { maxInputTokens, input, output, cachedPerMillion }: TokenPrices,
  before: TokenPrices | undefined,
  isOneOfSeveral: boolean,
  t: Translate,
): PriceLineView {
  const isFree = input === 0n && output === 0n;
  const hasDiscount = cachedPerMillion !== undefined && input > 0n;
  return {
    label: isOneOfSeveral ? tierLabel(maxInputTokens, before?.maxInputTokens, t) : "",
    value: isFree ? t("free") : t("{0} in, {1} out", formatPerMillion(input, t), formatPerMillion(output, t)),
    detail: hasDiscount ? t("{0} in if repeated", formatCost(cachedPerMillion, t)) : "",
    title: t("{0} a token in, {1} a token out", formatExact(input, t), formatExact(output, t)),
  };
}

function tierLabel(most: number, before: number | undefined, t: Translate): string {
  if (most > 0) return t("prompts up to {0} tokens", most);
  return before ? t("longer prompts") : t("all prompts");
}

function measuredFigures(
  { item, measured }: ComparedProvider,
  { t, now }: ProviderTelling,
): Pick<ProviderRowView, "firstToken" | "speed" | "uptime"> {
  if (item.service.serviceType !== "chatbot")
    return { firstToken: noFigure, speed: noFigure, uptime: noFigure };
  const figure = (known: Figure | undefined, value: (median: number) => string): FigureView =>
    known
      ? {
          value: value(known.median),
          detail: figureDetail(known.samples, known.latestAt, now, t),
          title: known.samples === 1 ? "" : t("The middle one of the last {0}", known.samples),
          isKnown: true,
        }
      : notMeasured(t);
  return {
    firstToken: figure(measured?.firstTokenMs, (ms) => formatDuration(ms, t)),
    speed: figure(measured?.tokensPerSecond, (speed) =>
      speed < 10 ? speed.toFixed(1) : String(Math.round(speed)),
    ),
    uptime: measured ? uptimeFigure(measured, now, t) : notMeasured(t),
  };
}

function notMeasured(t: Translate): FigureView {
  return { value: t("not measured"), detail: "", title: "", isKnown: false };
}

function figureDetail(samples: number, latestAt: number, now: number, t: Translate): string {
  const ago = formatAgo(latestAt, now, t);
  return samples === 1 ? t("1 answer, {0}", ago) : t("{0} answers, {1}", samples, ago);
}

/** Rounded down: one failure in a thousand is no 100 %. */
function uptimeFigure({ requests, failures, latestAt }: Measurement, now: number, t: Translate): FigureView {
  const answered = requests - failures;
  const ago = formatAgo(latestAt, now, t);
  return {
    value: t("{0} %", Math.floor((answered * 100) / requests)),
    detail: t("{0} of {1}, {2}", answered, requests, ago),
    title: t("{0} of the last {1} requests had a whole answer", answered, requests),
    isKnown: true,
  };
}

function measureButton(
  { item, measuringCost, isMeasuring }: ComparedProvider,
  all: readonly ComparedProvider[],
  t: Translate,
): Pick<ProviderRowView, "measure"> {
  if (measuringCost === undefined) return {};
  const { service } = item;
  const hasTwin = all.some((other) => other.item !== item && other.item.service.model === service.model);
  const name = hasTwin
    ? t("{0} · {1}", modelName(service, t), shortAddress(service.provider))
    : modelName(service, t);
  const label = isMeasuring ? t("Stop") : t("Measure");
  const cost = measuringCost === 0n ? t("free") : t("at most {0}", formatCost(measuringCost, t));
  return {
    measure: {
      label,
      cost: isMeasuring ? t("measuring…") : cost,
      isRunning: isMeasuring,
      name: isMeasuring ? t("Stop measuring {0}", name) : t("Measure {0}, {1}", name, cost),
    },
  };
}

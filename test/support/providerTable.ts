// The provider table with services of every kind, as a test wants it.
import { networks } from "../../src/domain/networks.js";
import { neuron } from "../../src/domain/money.js";
import type { InferenceService, ModelInfo } from "../../src/domain/provider.js";
import type { ProviderTableState } from "../../src/protocol/providerTable.js";
import type { Measurement } from "../../src/services/providers/measurements.js";
import { planMeasuring, priceOfPrompt, promptTokensOf } from "../../src/services/money/promptPrice.js";
import {
  firstProviderQuery,
  type ProviderQuery,
  type ProviderTableFacts,
  providerTableState,
} from "../../src/view/providers/providerTable.js";
import type { ComparedProvider } from "../../src/view/providers/providerTableRow.js";
import { english } from "../../src/view/translate.js";
import { address, anInfo, aProvider, noon } from "./builders.js";

export const aPrompt =
  "Explain in two sentences why the sky is blue, for somebody who knows what a wavelength is.";

export function aMeasurement(part: Partial<Measurement> = {}): Measurement {
  return {
    requests: 8,
    failures: 1,
    latestAt: noon - 4 * 60_000,
    firstTokenMs: { median: 412, samples: 7, latestAt: noon - 4 * 60_000 },
    tokensPerSecond: { median: 58.4, samples: 6, latestAt: noon - 4 * 60_000 },
    ...part,
  };
}

const og = (perMillion: number) => neuron(BigInt(Math.round(perMillion * 1e12)));

export const someServices: readonly Partial<InferenceService>[] = [
  {
    ...{ provider: address("a"), model: "deepseek-r1-70b", inputPrice: og(0.5), outputPrice: og(1.6) },
    info: anInfo({ cacheDivisor: 10, isMultiModel: true }),
  },
  {
    ...{ provider: address("b"), model: "qwen3-vl-plus", inputPrice: og(0.2), outputPrice: og(0.8) },
    privacy: "authentic",
    info: anInfo({
      tiers: [
        { maxInputTokens: 8_000, inputMultiplier: 1, outputMultiplier: 1 },
        { maxInputTokens: 32_000, inputMultiplier: 3, outputMultiplier: 2, inputMultiplierDenominator: 2 },
        { maxInputTokens: 0, inputMultiplier: 3, outputMultiplier: 3 },
      ],
      cacheDivisor: 4,
      priceDenomination: "USD",
    }),
  },
  { provider: address("c"), model: "phi-4", inputPrice: og(0.05), outputPrice: og(0.1) },
  { provider: address("d"), model: "phi-4", inputPrice: og(0), outputPrice: og(0), privacy: "none" },
  {
    ...{ provider: address("e"), model: "flux-1", serviceType: "text-to-image", inputPrice: og(0) },
    outputPrice: neuron(3_000_000_000_000_000n),
  },
  { provider: address("f"), model: "whisper-3", serviceType: "speech-to-text", inputPrice: og(400) },
];

const otherModels: readonly ModelInfo[] = ["deepseek-r1-70b", "deepseek-v3", "llama-4"].map((id) => ({
  ...{ id, inputModalities: ["text"], supportedParameters: [] },
}));

const measured: Readonly<Record<string, Measurement>> = {
  [address("a")]: aMeasurement(),
  [address("c")]: aMeasurement({
    ...{ requests: 1, failures: 0 },
    firstTokenMs: { median: 1_900, samples: 1, latestAt: noon - 26 * 3_600_000 },
    tokensPerSecond: undefined,
  }),
  [address("d")]: aMeasurement({
    requests: 3,
    failures: 3,
    firstTokenMs: undefined,
    tokensPerSecond: undefined,
  }),
};

export function comparedServices(
  { prompt, answerTokens }: Pick<ProviderQuery, "prompt" | "answerTokens">,
  services = someServices,
): ComparedProvider[] {
  return services.map((part, index) => {
    const item = { ...aProvider(part), models: part.info?.isMultiModel ? otherModels : undefined };
    const { service } = item;
    const price = prompt === "" ? undefined : priceOfPrompt(service, promptTokensOf(prompt), answerTokens);
    return {
      ...{ id: `row${index}`, item, isAsked: prompt !== "", isMeasuring: false },
      ...(price ? { price } : {}),
      ...(measured[service.provider] ? { measured: measured[service.provider] } : {}),
      ...(service.serviceType === "chatbot"
        ? { measuringCost: planMeasuring(service, undefined).worstCase }
        : {}),
    };
  });
}

export function tableState(
  query: Partial<ProviderQuery> = {},
  facts: Partial<ProviderTableFacts> = {},
): ProviderTableState {
  const asked = { ...firstProviderQuery, prompt: aPrompt, ...query };
  return providerTableState(
    {
      state: { isLoading: false, isStale: false, readAt: noon - 90_000 },
      providers: comparedServices(asked),
      query: asked,
      promptTokens: promptTokensOf(asked.prompt),
      ...{ network: networks.testnet, isSandboxStopped: false },
      ...facts,
    },
    { t: english, now: noon },
  );
}

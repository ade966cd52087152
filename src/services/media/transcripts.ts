// A recording from file to text. What it costs is known when it is done: before, the file's length bounds it.
import type {
  AudioFacts,
  TranscriptExchange,
  TranscriptRequest,
  UploadEvent,
} from "../../broker/media/api.js";
import type { ProviderId } from "../../domain/ids.js";
import { zeroNeuron, type Neuron } from "../../domain/money.js";
import { atMost, pricedAs, speechFee } from "../../domain/pricing.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import { countWords } from "../../domain/words.js";
import { checkPriced, costThatCounts } from "../money/counted.js";
import { payFor } from "../money/paying.js";
import { prove, type MediaOptions, type Proof } from "./proving.js";

export type { AudioFacts, TranscriptFormat } from "../../broker/media/api.js";

type Priced = Pick<InferenceService, "inputPrice" | "outputPrice">;

export interface MadeTranscript extends Proof {
  /** As it came. */
  readonly bytes: Uint8Array;
  /** The provider said what it counted; else the cost is the upper bound. */
  readonly isCostKnown: boolean;
}

export class TranscriptsService {
  constructor(private readonly options: MediaOptions) {}

  /** Throws `badFile` for what no provider takes. */
  async facts(path: string, signal: AbortSignal): Promise<AudioFacts> {
    return (await this.options.session.broker(signal)).inference.audioFacts(path);
  }

  async make(
    { provider, ...request }: TranscriptRequest & { readonly provider: ProviderId },
    on: (event: UploadEvent) => void,
    signal: AbortSignal,
  ): Promise<MadeTranscript> {
    const facts = await this.facts(request.source, signal);
    let info: ModelInfo | undefined;
    const plan = async (service: InferenceService) => {
      info = await this.options.providers.modelInfo(provider, service.model, signal);
      checkPriced(service, service.model, info);
      return { worstCase: atMost(service, info, (priced) => mostExpensive(priced, facts)) };
    };
    const { isCostKnown, ...bought } = await payFor(
      this.options,
      { provider, serviceType: "speech-to-text", plan },
      async ({ broker, scope, service, takeable, admitAgain, hear }) => {
        const listen = (event: UploadEvent) => {
          if (event.kind !== "upload") hear(event);
          on(event);
        };
        const exchange = await broker.inference.transcribe(service, request, listen, { signal, admitAgain });
        const { cost, isCostKnown } = costOf(pricedAs(service, info), facts, exchange, takeable);
        return { value: { broker, scope, exchange, cost, isCostKnown }, cost };
      },
      signal,
    );
    const proof = await prove(this.options, bought);
    return { ...proof, bytes: bought.exchange.responseBody, isCostKnown };
  }
}

/** By its usual length. */
export function usualCost(service: Priced, { seconds }: AudioFacts): Neuron {
  return speechFee(service, { input: Math.max(1, Math.round(seconds)), output: 0 });
}

/** Nobody speaks faster than so many tokens a second, times that go with them included. */
const tokensWrittenPerSecond = 10;

export function mostExpensive(service: Priced, { mostSeconds }: Pick<AudioFacts, "mostSeconds">): Neuron {
  const seconds = Math.max(1, Math.ceil(mostSeconds));
  return speechFee(service, { input: seconds, output: seconds * tokensWrittenPerSecond });
}

/** What counts (see `costThatCounts`), in neuron; where what the provider says cannot be all of it, the upper bound. */
export function costOf(
  service: Priced,
  facts: Pick<AudioFacts, "leastSeconds" | "mostSeconds">,
  { counts, text }: Pick<TranscriptExchange, "counts" | "text">,
  takeable: Neuron,
): { readonly cost: Neuron; readonly isCostKnown: boolean } {
  const told = counts ? speechFee(service, counts) : zeroNeuron;
  const isCostKnown =
    counts !== undefined &&
    counts.input + 1 >= Math.max(2, Math.floor(facts.leastSeconds)) &&
    (service.outputPrice === 0n || counts.output >= countWords(text));
  const worstCase = mostExpensive(service, facts);
  const counted = costThatCounts({ told, isBelievable: isCostKnown, worstCase, takeable });
  return { cost: counted ?? worstCase, isCostKnown };
}

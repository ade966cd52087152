// A recording from file to text. What it costs is known when it is done: before, the file's length bounds it.
import type { AudioFacts, TranscriptRequest, UploadEvent } from "../../broker/media/api.js";
import type { ProviderId } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import { speechFee } from "../../domain/pricing.js";
import type { InferenceService } from "../../domain/provider.js";
import { payFor } from "../paying.js";
import { prove, type MediaOptions, type Proof } from "./proving.js";

export type { AudioFacts, TranscriptFormat } from "../../broker/media/api.js";

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
    const plan = (service: InferenceService) => ({ worstCase: mostExpensive(service, facts) });
    const { isCostKnown, ...bought } = await payFor(
      this.options,
      { provider, serviceType: "speech-to-text", plan },
      async ({ broker, scope, service, plan: { worstCase: most }, hear }) => {
        const listen = (event: UploadEvent) => {
          if (event.kind !== "upload") hear(event);
          on(event);
        };
        const exchange = await broker.inference.transcribe(service, request, listen, { signal });
        // A provider must not keep the count low by what it says of a length that we know.
        const counted =
          exchange.counts && isPossible(exchange.counts.input, facts) ? exchange.counts : undefined;
        const told = counted && speechFee(service, counted);
        const isCostKnown = told !== undefined && told <= most;
        const cost = isCostKnown ? told : most;
        return { value: { broker, scope, exchange, cost, isCostKnown }, cost };
      },
      signal,
    );
    const proof = await prove(this.options, bought);
    return { ...proof, bytes: bought.exchange.responseBody, isCostKnown };
  }
}

/** By its usual length. */
export function usualCost(
  service: Pick<InferenceService, "inputPrice" | "outputPrice">,
  { seconds }: AudioFacts,
): Neuron {
  return speechFee(service, { input: Math.max(1, Math.round(seconds)), output: 0 });
}

export function mostExpensive(
  service: Pick<InferenceService, "inputPrice" | "outputPrice">,
  { mostSeconds }: AudioFacts,
): Neuron {
  return speechFee(service, { input: Math.max(1, Math.ceil(mostSeconds)), output: 0 });
}

export function isPossible(input: number, { seconds, isExact }: AudioFacts): boolean {
  return !isExact || input + 1 >= Math.floor(seconds);
}

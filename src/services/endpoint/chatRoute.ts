// POST /v1/chat/completions: everything that is checked before it may cost, then byte for byte to the provider and back, the bill, the proof.
import type { Broker } from "../../broker/api.js";
import type { Relayed } from "../../broker/inference/relayed.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import { zeroNeuron, type Neuron } from "../../domain/money.js";
import { chatFee } from "../../domain/pricing.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { HttpCall, HttpHeaders } from "../../system/loopbackHttp.js";
import { isPossible } from "../answering.js";
import { inferenceEntry } from "../entries.js";
import { checkAccount, spend, type PayingOptions } from "../paying.js";
import type { Reservation } from "../reservation.js";
import { scopeKey } from "../scope.js";
import { readChatBody, worstCaseOf, type ChatBody } from "./chatBody.js";
import type { EndpointKey } from "./keyFile.js";
import { SetAside } from "./setAside.js";
import { RefusalError } from "./refusal.js";
import { routeFor, type ServedModel } from "./routing.js";

export interface ChatRouteOptions extends Pick<
  PayingOptions,
  "session" | "accounts" | "limits" | "gate" | "clock" | "log"
> {
  /** Every model there is, in the order in which they are taken. */
  readonly served: (signal: AbortSignal) => Promise<readonly ServedModel[]>;
  /** What a provider tells of its models; empty when it does not. */
  readonly models: (provider: ProviderId) => Promise<readonly ModelInfo[]>;
}

/** What became of a request that reached a provider. */
export interface RelayedChat extends Relayed {
  readonly broker: Broker;
  readonly cost: Neuron;
}

interface Money {
  readonly reservation: Reservation;
  readonly worstCase: Neuron;
  /** To be called when an answer begins. */
  readonly answered: () => void;
}

/** As the providers have it (spec inference.md 4). */
export const maxBodyBytes = 32 * 1024 * 1024;
/** So long a look at an account spares the next requests theirs. */
const goodForMs = 60_000;

export class ChatRoute {
  /** Accounts that were good, and when. */
  private readonly good = new Map<string, number>();

  readonly setAside: SetAside;

  constructor(private readonly options: ChatRouteOptions) {
    this.setAside = new SetAside(options);
  }

  /**
   * Throws what kept the request from being sent, or an answer from coming at all; afterwards everything but its end is written. `admit` throws
   * when the key is good no more: a body may take minutes, and the user may revoke the key or go to another network meanwhile.
   */
  async run(
    call: HttpCall,
    key: EndpointKey,
    admit: () => Promise<unknown>,
    cors: HttpHeaders,
  ): Promise<RelayedChat> {
    const { session } = this.options;
    const { signal } = call;
    const bytes = await call.body(maxBodyBytes);
    if (!bytes) throw new RefusalError({ kind: "bodyTooLarge" });
    const body = readChatBody(bytes);
    const { scope } = key;
    const route = routeFor(await this.options.served(signal), key, body.model);
    const broker = await session.broker(signal);
    const entry = inferenceEntry(broker, route.provider, "chatbot", signal);
    const service = await this.options.gate.beforeSendingUnasked(entry);
    const worstCase = worstCaseOf(service, route.info ?? (await this.infoOf(route)), body);
    await this.checkAccount(scopeKey(scope), service, signal);
    // The broker above is closed by a change of network or wallet: what passes here goes out for the key's own, or not at all.
    await admit();
    const reservation = await this.setAside.take(key, route.provider, worstCase);
    const answered = () => this.setAside.prepare(key, route.provider, worstCase);
    const money = { reservation, worstCase, answered };
    return this.relay(call, cors, broker, service, bytes, body, money);
  }

  /** Of an adapter nothing is known. */
  private async infoOf({ provider, model, service }: ServedModel): Promise<ModelInfo | undefined> {
    const models = await this.options.models(provider);
    const isOnly = models.length === 1 && model === service.model;
    return models.find(({ id }) => id === model) ?? (isOnly ? models[0] : undefined);
  }

  private async relay(
    call: HttpCall,
    cors: HttpHeaders,
    broker: Broker,
    service: InferenceService,
    bytes: Uint8Array<ArrayBuffer>,
    body: ChatBody,
    { reservation, worstCase, answered }: Money,
  ): Promise<RelayedChat> {
    return spend(this.options, reservation, async (hear) => {
      const target = {
        on: hear,
        head: (status: number, headers: HttpHeaders) => {
          if (status === 200) answered();
          call.head(status, [...headers, ...cors]);
        },
        piece: (piece: Uint8Array) => call.write(piece),
      };
      const request = { model: body.model, isStreamed: body.isStreamed, body: bytes };
      const relayed = await broker.inference.relay(service, request, target, { signal: call.signal });
      const { exchange } = relayed;
      if (!exchange) return { value: { ...relayed, broker, cost: zeroNeuron } };
      // What is not known, or cannot be true, counts at its upper bound, as with chats.
      const isKnown =
        exchange.ended === "complete" && !exchange.usage.isEstimated && isPossible(exchange, body.words);
      const cost = isKnown ? chatFee(service, exchange.usage).total : worstCase;
      return { value: { ...relayed, broker, cost }, ...(isKnown ? { cost } : {}) };
    });
  }

  /** A look at the chain now and then: in between the provider itself refuses. */
  private async checkAccount(scope: string, service: InferenceService, signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    const name = `${scope} ${addressKey(service.provider)}`;
    if (clock.now() - (this.good.get(name) ?? -Infinity) < goodForMs) return;
    await checkAccount(this.options, service, signal);
    this.good.set(name, clock.now());
  }
}

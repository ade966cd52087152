// What is asked of a provider for a program: everything that is checked before it may cost, then byte for byte to the provider and back, and the
// bill.
import type { Broker } from "../../broker/api.js";
import type { HeldAnswer, Relayed } from "../../broker/inference/relayed.js";
import type { ImageJob } from "../../broker/media/api.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import { zeroNeuron, type Neuron } from "../../domain/money.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { HttpCall, HttpHeaders } from "../../system/loopbackHttp.js";
import { inferenceEntry } from "../entries.js";
import { checkAccount, spend, type PayingOptions } from "../paying.js";
import type { Reservation } from "../reservation.js";
import { scopeKey } from "../scope.js";
import type { Answering, Asked, ReadAsked } from "./asked.js";
import type { EndpointKey } from "./keyFile.js";
import { SetAside } from "./setAside.js";
import { RefusalError } from "./refusal.js";
import { routeFor, type ServedModel } from "./routing.js";

export interface AskRouteOptions extends Pick<
  PayingOptions,
  "session" | "accounts" | "limits" | "gate" | "clock" | "log"
> {
  /** Every model there is, in the order in which they are taken. */
  readonly served: (signal: AbortSignal) => Promise<readonly ServedModel[]>;
  /** What a provider tells of its models; empty when it does not. */
  readonly models: (provider: ProviderId) => Promise<readonly ModelInfo[]>;
}

/** A program's request, and what it is answered with. */
export interface Asking {
  readonly call: HttpCall;
  readonly key: EndpointKey;
  /**
   * Throws when the key is good no more: a body may take minutes, and the user may revoke the key or go to another network meanwhile.
   */
  readonly admit: () => Promise<unknown>;
  readonly cors: HttpHeaders;
  /** Resolves when the job is on disk: the program is not told its number before. */
  readonly keepJob: (job: ImageJob, service: InferenceService, cost: Neuron) => Promise<void>;
}

/** What became of a request that reached a provider. */
export interface Answered extends Pick<Relayed, "exchange" | "answerId" | "isWhole"> {
  readonly broker: Broker;
  readonly model: string;
  readonly cost: Neuron;
}

/** Looked at, and good to be sent. */
interface Admitted extends Answering {
  readonly broker: Broker;
  readonly reservation: Reservation;
  readonly worstCase: Neuron;
}

/** As the providers have it (spec inference.md 4). */
export const maxBodyBytes = 32 * 1024 * 1024;
/** So long a look at an account spares the next requests theirs. */
const goodForMs = 60_000;

export class AskRoute {
  /** Accounts that were good, and when. */
  private readonly good = new Map<string, number>();

  readonly setAside: SetAside;

  constructor(private readonly options: AskRouteOptions) {
    this.setAside = new SetAside(options);
  }

  /** Throws what kept the request from being sent, or an answer from coming at all; afterwards everything but its end is written. */
  async run(asking: Asking, read: ReadAsked): Promise<Answered> {
    const { call, key } = asking;
    const bytes = await call.body(maxBodyBytes);
    if (!bytes) throw new RefusalError({ kind: "bodyTooLarge" });
    const asked = read(bytes, call.header("content-type"));
    const route = routeFor(await this.options.served(call.signal), key, asked);
    const admitted = await this.admit(asking, asked, route);
    return this.send(asking, asked, admitted);
  }

  private async admit({ call, key, admit }: Asking, asked: Asked, route: ServedModel): Promise<Admitted> {
    const { signal } = call;
    const { provider } = route;
    const broker = await this.options.session.broker(signal);
    const entry = inferenceEntry(broker, provider, asked.serviceType, signal);
    const service = await this.options.gate.beforeSendingUnasked(entry);
    const info = route.info ?? (await this.infoOf(route));
    const worstCase = asked.worstCase({ service, info, broker });
    await this.checkAccount(scopeKey(key.scope), service, signal);
    // The broker above is closed by a change of network or wallet: what passes here goes out for the key's own, or not at all.
    await admit();
    const reservation = await this.setAside.take(key, provider, worstCase);
    return { service, info, broker, reservation, worstCase };
  }

  private async infoOf({ provider, model, service }: ServedModel): Promise<ModelInfo | undefined> {
    const models = await this.options.models(provider);
    const isOnly = models.length === 1 && model === service.model;
    return models.find(({ id }) => id === model) ?? (isOnly ? models[0] : undefined);
  }

  private async send(asking: Asking, asked: Asked, admitted: Admitted): Promise<Answered> {
    const { call, key, cors } = asking;
    const { broker, service, reservation, worstCase } = admitted;
    return spend(this.options, reservation, async (hear) => {
      const target = {
        on: hear,
        head: (status: number, headers: HttpHeaders) => {
          if (status === 200) this.setAside.prepare(key, service.provider, worstCase);
          call.head(status, [...headers, ...cors]);
        },
        piece: (piece: Uint8Array) => call.write(piece),
      };
      const relayed = await broker.inference.relay(service, asked, target, { signal: call.signal });
      const { refused, ordered, exchange } = relayed;
      const common = { ...relayed, broker, model: asked.model };
      if (refused) await write(call, refused, cors);
      if (!ordered && !exchange) return { value: { ...common, cost: zeroNeuron } };
      const known = asked.costOf(relayed, admitted);
      const cost = known ?? worstCase;
      if (ordered?.job) await asking.keepJob(ordered.job, service, cost);
      if (ordered) await write(call, ordered.answer, cors);
      return { value: { ...common, cost }, ...(known === undefined ? {} : { cost }) };
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

export async function write(
  call: HttpCall,
  { status, headers, bytes }: HeldAnswer,
  more: HttpHeaders,
): Promise<void> {
  call.head(status, [...headers, ...more]);
  await call.write(bytes);
}

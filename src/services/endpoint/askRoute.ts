// What is asked of a provider for a program: everything that is checked before it may cost, then byte for byte to the provider and back, and the
// bill.
import type { Broker } from "../../broker/api.js";
import type { HeldAnswer, Refused, Relayed, RelayTarget } from "../../broker/inference/relayed.js";
import type { ImageJob } from "../../broker/media/api.js";
import { isFresh } from "../../domain/clock.js";
import { ComputeError, toComputeError, type ErrorCode } from "../../domain/error.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import { zeroNeuron, type Neuron } from "../../domain/money.js";
import { modelNamed } from "../../domain/modelsByName.js";
import type { InferenceService, ModelInfo } from "../../domain/provider.js";
import type { HttpCall, HttpHeaders } from "../../system/loopbackHttp.js";
import { checkUnchanged, inferenceEntry } from "../providers/entries.js";
import { checkAccount, spend, type Paid, type PayingOptions } from "../money/paying.js";
import type { Reservation } from "../money/reservation.js";
import { scopeKey } from "../wallets/scope.js";
import type { AnsweredBy, Asked, ReadAsked } from "./asked.js";
import type { EndpointKey } from "./keyFile.js";
import { HeldBodies } from "./heldBodies.js";
import { notAgain } from "./replies.js";
import { SetAside } from "./setAside.js";
import { RefusalError } from "./refusal.js";
import { Router } from "./router.js";
import { routesFor, strengthOf, type InOrder, type ServedModel } from "./routing.js";

export interface AskRouteOptions extends Pick<
  PayingOptions,
  "session" | "accounts" | "limits" | "gate" | "clock" | "log"
> {
  /** Who serves that model. */
  readonly served: (signal: AbortSignal, model: string) => Promise<readonly ServedModel[]>;
  /** In which they are taken. */
  readonly order: InOrder;
  /** What a provider tells of its models; undefined when it does not. */
  readonly models: (provider: ProviderId) => Promise<readonly ModelInfo[] | undefined>;
}

/** A program's request, and what it is answered with. */
export interface Asking {
  readonly call: HttpCall;
  readonly key: EndpointKey;
  /** When its head was there; its body may take minutes. */
  readonly askedAt: number;
  /**
   * Throws when the key is good no more: a body may take minutes, and the user may revoke the key or go to another network meanwhile.
   */
  readonly admit: () => Promise<unknown>;
  readonly cors: HttpHeaders;
  /** Resolves when the job is on disk: the program is not told its number before. */
  readonly keepJob: (job: ImageJob, service: InferenceService, cost: Neuron) => Promise<void>;
  /** Told when it went out and brought no answer: so much counts, as it may be billed all the same. */
  readonly broke: (model: string, most: Neuron) => void;
}

/** What became of a request that reached a provider. */
export interface Answered extends Pick<Relayed, "exchange" | "answerId" | "isWhole"> {
  readonly broker: Broker;
  readonly model: string;
  readonly cost: Neuron;
}

/** Looked at, and good to be sent. */
interface Admitted extends AnsweredBy {
  readonly broker: Broker;
  readonly reservation: Reservation;
}

/** Nobody answered. */
interface Failed {
  readonly error?: unknown;
  /** A provider's own words, and what is known of the request that brought them. */
  readonly held?: { readonly refused: Refused; readonly answered: Answered };
  /** Another provider may be asked: nothing was taken, and it may have no reason to refuse. */
  readonly isElsewhere: boolean;
}

type Outcome = Failed | { readonly answered: Answered };

/** No other provider would help. */
const stopping: readonly ErrorCode[] = ["cancelled", "noWallet", "walletLocked", "wrongChain", "badSetting"];

/** Not where the key is good for none of them any more, or the user is asked for nothing. */
function mayHelpElsewhere(error: unknown): boolean {
  return !(error instanceof RefusalError) && !stopping.includes(toComputeError(error).code);
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : toComputeError(thrown);
}

/** As the providers have it (spec inference.md 4). */
const maxBodyBytes = 32 * 1024 * 1024;
/** So long a look at an account spares the next requests theirs. */
const goodForMs = 60_000;
/** So old the entry of a verified provider may be: programs ask every few seconds, and a node may be far away. */
const entryFreshMs = 10_000;
/** No longer does an answer take that comes without pauses. */
const hastyMs = 50;

export class AskRoute {
  /** Accounts that were good, when, and what was in them. */
  private readonly good = new Map<string, { readonly at: number; readonly balance: Neuron }>();

  readonly setAside: SetAside;
  private readonly router: Router;
  private readonly bodies = new HeldBodies(maxBodyBytes);

  constructor(private readonly options: AskRouteOptions) {
    this.setAside = new SetAside(options);
    this.router = new Router(options.clock);
  }

  /**
   * Throws what kept the request from being sent, or an answer from coming at all; afterwards all of it is written that came. The next
   * provider is asked only where the one before surely did not take the request, so that nothing is paid for twice. When nobody answers, the
   * program hears what made us ask no other one, which may be billed; else what the preferred one said.
   */
  run(asking: Asking, read: ReadAsked): Promise<Answered> {
    const type = asking.call.header("content-type");
    return this.bodies.during(asking.call, (bytes) => this.answer(asking, read(bytes, type)));
  }

  private async answer(asking: Asking, asked: Asked): Promise<Answered> {
    const { call, key } = asking;
    const served = await this.options.served(call.signal, asked.model);
    const preferred = routesFor(served, key, asked, this.options.order);
    const routes = this.router.order(preferred, key, asked);
    const [first = preferred[0]] = routes;
    const floor = strengthOf(first.service);
    const failures: { readonly rank: number; readonly failed: Failed }[] = [];
    for (const route of routes) {
      const outcome = await this.ask(asking, asked, route, floor);
      if ("answered" in outcome) return outcome.answered;
      failures.push({ rank: preferred.indexOf(route), failed: outcome });
      if (!outcome.isElsewhere || call.signal.aborted) break;
    }
    const [asPreferred] = failures.sort((a, b) => a.rank - b.rank);
    const told = failures.find(({ failed }) => !failed.isElsewhere) ?? asPreferred;
    if (!told?.failed.held) throw toError(told?.failed.error);
    const { refused } = told.failed.held;
    const once = refused.isFree ? [] : [notAgain];
    await give(call, refused, [...retryAfter(refused), ...once, ...asking.cors]);
    return told.failed.held.answered;
  }

  private async ask(asking: Asking, asked: Asked, route: ServedModel, floor: number): Promise<Outcome> {
    let admitted: Admitted;
    try {
      admitted = await this.admit(asking, asked, route, floor);
    } catch (error) {
      return { error, isElsewhere: mayHelpElsewhere(error) };
    }
    return this.send(asking, asked, admitted);
  }

  private async admit(
    { call, key, admit }: Asking,
    asked: Asked,
    route: ServedModel,
    floor: number,
  ): Promise<Admitted> {
    const { signal } = call;
    const { provider } = route;
    const broker = await this.options.session.broker(signal);
    const entry = inferenceEntry(broker, provider, asked.serviceType, signal, entryFreshMs);
    const service = await this.options.gate.beforeSendingUnasked(entry);
    // The list is some minutes old: what the chain says now counts.
    if (strengthOf(service) < floor)
      throw new ComputeError("providerUnavailable", { provider, detail: "it is not as private" });
    const info = route.info ?? (await this.infoOf(route));
    const worstCase = asked.worstCase({ service, info, broker });
    const takeable = await this.balanceOf(scopeKey(key.scope), service, signal);
    // The broker above is closed by a change of network or wallet: what passes here goes out for the key's own, or not at all.
    await admit();
    const reservation = await this.setAside.take(key, provider, worstCase);
    return { service, info, broker, reservation, worstCase, takeable };
  }

  /** Others came first, for minutes it may be: what was looked at before is looked at as it is now. */
  private async admitAgain(
    { call, key, admit }: Asking,
    { serviceType }: Asked,
    { broker, service }: Admitted,
  ): Promise<void> {
    const { gate, limits } = this.options;
    const { provider } = service;
    const reader = inferenceEntry(broker, provider, serviceType, call.signal, entryFreshMs);
    await checkUnchanged(gate, reader, service);
    await admit();
    // Its own worst case is among what is spent.
    limits.checkAnswer(key.scope, provider, zeroNeuron);
    limits.checkKey(key.scope, key, zeroNeuron);
  }

  private async infoOf({ provider, model }: ServedModel): Promise<ModelInfo | undefined> {
    return modelNamed((await this.options.models(provider)) ?? [], model);
  }

  private async send(asking: Asking, asked: Asked, admitted: Admitted): Promise<Outcome> {
    const { call, key, cors, askedAt } = asking;
    const { broker, service, reservation, worstCase } = admitted;
    const { provider } = service;
    const { clock } = this.options;
    return spend<Outcome>(this.options, reservation, async (hear) => {
      let isOut = false;
      let answeringSince: number | undefined;
      const prepare = () => this.setAside.prepare(key, provider, worstCase);
      const target: RelayTarget = {
        on: (event) => {
          if (event.kind === "sent") isOut = true;
          else if (event.kind === "refused") isOut = false;
          hear(event);
        },
        head: (status, headers) => call.head(status, [...headers, ...cors]),
        piece: (piece) => {
          // What comes as fast as this is over before the disk is done, and would be slowed by it.
          answeringSince ??= clock.now();
          if (clock.now() - answeringSince > hastyMs) prepare();
          return call.write(piece);
        },
        end: () => call.end(),
      };
      const admitAgain = () => this.admitAgain(asking, asked, admitted);
      const options = { signal: call.signal, admitAgain, askedAt };
      const relaying = broker.inference.relay(service, asked, target, options);
      const relayed = await relaying.catch((error: unknown) => ({ error }));
      if ("error" in relayed) {
        const { error } = relayed;
        if (isOut) asking.broke(asked.model, worstCase);
        const mayHelp = mayHelpElsewhere(error);
        if (mayHelp) this.router.didFail(provider);
        return { value: { error, isElsewhere: mayHelp && !isOut } };
      }
      const common = { ...relayed, broker, model: asked.model };
      const { refused } = relayed;
      if (refused) {
        const cost = refused.isFree ? zeroNeuron : worstCase;
        return { value: this.refusedBy(provider, refused, { ...common, cost }) };
      }
      if (answeringSince !== undefined) prepare();
      return this.settle(asking, asked, admitted, { ...common, cost: worstCase }, relayed);
    });
  }

  /** What is wrong with the request is wrong everywhere. */
  private refusedBy(provider: ProviderId, refused: Refused, answered: Answered): Failed {
    const isItself = refused.code !== "refusedByProvider";
    if (isItself) this.router.didFail(provider, refused.retryAfterSeconds);
    return { held: { refused, answered }, isElsewhere: isItself && refused.isFree };
  }

  private async settle(
    asking: Asking,
    asked: Asked,
    admitted: Admitted,
    answered: Answered,
    relayed: Relayed,
  ): Promise<Paid<Outcome>> {
    const { call, key, cors } = asking;
    const { provider } = admitted.service;
    const { ordered, exchange } = relayed;
    if (exchange?.ended === "cut" || (!exchange && !ordered)) this.router.didFail(provider);
    else if (exchange?.ended === "complete") this.router.didAnswer(provider, key, asked);
    if (!ordered && !exchange) return { value: { answered } };
    const known = asked.costOf(relayed, admitted);
    const cost = known ?? admitted.worstCase;
    if (ordered?.job) await asking.keepJob(ordered.job, admitted.service, cost);
    if (ordered) await give(call, ordered.answer, cors);
    return { value: { answered: { ...answered, cost } }, ...(known === undefined ? {} : { cost }) };
  }

  /** A look at the chain now and then: in between the provider itself refuses. */
  private async balanceOf(scope: string, service: InferenceService, signal: AbortSignal): Promise<Neuron> {
    const { clock } = this.options;
    const name = `${scope} ${addressKey(service.provider)}`;
    const known = this.good.get(name);
    if (known && isFresh(known.at, clock.now(), goodForMs)) return known.balance;
    const { balance } = await checkAccount(this.options, service, signal);
    this.good.set(name, { at: clock.now(), balance });
    return balance;
  }
}

/** Providers say it in their words, where no client looks (spec inference.md 4.1). */
function retryAfter({ headers, retryAfterSeconds: seconds }: Refused): HttpHeaders {
  const isTold = seconds === undefined || headers.some(([name]) => name === "retry-after");
  return isTold ? [] : [["retry-after", String(seconds)]];
}

export async function give(
  call: HttpCall,
  { status, headers, bytes }: HeldAnswer,
  more: HttpHeaders,
): Promise<void> {
  call.head(status, [...headers, ...more]);
  await call.write(bytes);
  call.end();
}

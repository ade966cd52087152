// What a program with a key can ask for: the models, answers, what became of a job, and what checking an answer found.
import type { Broker } from "../../broker/api.js";
import type { BilledExchange } from "../../broker/media/api.js";
import { isFresh, orLate } from "../../domain/clock.js";
import { ComputeError, toComputeError } from "../../domain/error.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import type { ProviderId } from "../../domain/ids.js";
import type { ModelRoute } from "../../domain/modelNames.js";
import type { Neuron } from "../../domain/money.js";
import type { ModelInfo } from "../../domain/provider.js";
import { verdictWord, type Verdict } from "../../domain/verdict.js";
import type { HttpCall, HttpHeaders } from "../../system/loopbackHttp.js";
import type { ChatService } from "../chat/chat.js";
import { inferenceEntry } from "../providers/entries.js";
import type { ProvidersService } from "../providers/providers.js";
import type { Settings } from "../ports.js";
import { orAborted, type SandboxService } from "../sandbox.js";
import { bearerOf } from "./admission.js";
import { KnownAnswers, verification, worstOf, type FailedAnswer, type KnownAnswer } from "./answers.js";
import { AskRoute, give, type AskRouteOptions } from "./askRoute.js";
import { idIn, jsonBody, type ReadAsked } from "./asked.js";
import { chatAsked } from "./chatBody.js";
import type { EndpointJobs } from "./jobs.js";
import type { EndpointKey } from "./keyFile.js";
import type { EndpointKeys } from "./keys.js";
import { editAt, generationAt, transcription } from "./mediaBody.js";
import { RefusalError } from "./refusal.js";
import { decoded, json } from "./replies.js";
import { allowedFor, inOrder, ListedModels, modelList, servedBy, type ServedModel } from "./routing.js";
import type { EndpointUsage, Used } from "./usage.js";

export interface EndpointRoutesOptions extends Omit<AskRouteOptions, "served" | "order" | "models"> {
  readonly providers: ProvidersService;
  readonly checks: Pick<ChatService, "checkAnswer" | "onDidCheckLate">;
  readonly sandbox: Pick<SandboxService, "isStopped" | "join">;
  readonly keys: EndpointKeys;
  readonly usage: EndpointUsage;
  readonly jobs: EndpointJobs;
  readonly settings: Pick<Settings, "endpointPrefers" | "endpointOrder">;
  /** The user's own that can be asked. */
  readonly adapters: () => readonly ModelRoute[];
}

const tellMs = 1_500;
/** So long a question for a verdict waits for an answer that may be about to end. */
const endsMs = 1_000;
/** Bytes: an id and what else a client writes around it. */
const longestQuestion = 64 * 1024;
const listGoodForMs = 5 * 60_000;
/** So old its prices may be while a provider does not tell them: the highest is set aside anyway. */
const lastKnownMs = 60 * 60_000;

/** What is asked of a provider, by the path a program knows. */
const asked: Readonly<Record<string, ReadAsked>> = {
  "/v1/chat/completions": chatAsked,
  "/v1/images/generations": generationAt("/v1/proxy/images/generations"),
  "/v1/images/edits": editAt("/v1/proxy/images/edits"),
  "/v1/audio/transcriptions": transcription,
  "/v1/async/images/generations": generationAt("/v1/async/images/generations"),
  "/v1/async/images/edits": editAt("/v1/async/images/edits"),
};

/** What a path is there for, and the only method that it takes. */
interface Route {
  readonly method: "GET" | "POST";
  readonly serve: () => Promise<void>;
}

/** An answer that is to be checked. */
interface Arrived {
  readonly broker: Broker;
  readonly exchange: BilledExchange;
  readonly cost: Neuron;
  readonly ids: readonly (string | undefined)[];
}

export class EndpointRoutes implements Disposable {
  readonly asking: AskRoute;
  private readonly answers = new KnownAnswers();
  private listed = new ListedModels([]);
  /** Requests under way, and whose they are. */
  private readonly running = new Map<Promise<void>, string>();
  /** Those that were sent and brought no answer. */
  private readonly broken = new WeakSet<HttpCall>();
  private readonly renewing: Disposable;
  private readonly failed = new Emitter<FailedAnswer>();
  /** Once for each answer, at its first verdict or at a later one. */
  readonly onDidFail: Event<FailedAnswer> = this.failed.event;

  constructor(private readonly options: EndpointRoutesOptions) {
    this.asking = new AskRoute({
      ...options,
      served: (signal, model) => this.served(signal, model),
      order: (routes) => this.inOrder(routes),
      models: (provider) => this.modelsSoon(provider),
    });
    this.renewing = options.checks.onDidCheckLate(({ receipt, verdict }) => {
      const before = this.answers.renew(receipt, verdict);
      if (before) this.countVerdict(before, verdict);
    });
  }

  dispose(): void {
    this.renewing.dispose();
    this.failed.dispose();
  }

  /** All that one can ask, or that a key may use, whom it leads to first. */
  async models(key: Pick<EndpointKey, "models">, signal: AbortSignal): Promise<readonly ServedModel[]> {
    return this.inOrder(allowedFor(await this.served(signal), key));
  }

  /** It was sent, and brought an error of ours in place of an answer. */
  mayBeBilled(call: HttpCall): boolean {
    return this.broken.has(call);
  }

  /** Throws what is to be answered instead. */
  async serve(call: HttpCall, cors: HttpHeaders): Promise<void> {
    const key = await this.options.keys.match(bearerOf(call));
    try {
      // The user has stopped it: a program that lists models now and then must not start it again. Another window may have.
      const { sandbox } = this.options;
      if (key.scope.network === "sandbox" && sandbox.isStopped && !(await sandbox.join()))
        throw new RefusalError({ kind: "sandboxStopped" });
      await this.route(call, key, cors);
    } catch (error) {
      if (!this.broken.has(call)) this.count(key.id, { refused: 1 });
      throw error;
    }
  }

  private async route(call: HttpCall, key: EndpointKey, cors: HttpHeaders): Promise<void> {
    const { method } = call;
    const path = call.path.replace(/(?<=.)\/+$/, "");
    const route = this.routeAt(path, call, key, cors);
    if (!route) throw new RefusalError({ kind: "unknownRoute", method, path });
    if (route.method !== method)
      throw new RefusalError({ kind: "wrongMethod", method, path, takes: route.method });
    return route.serve();
  }

  private routeAt(path: string, call: HttpCall, key: EndpointKey, cors: HttpHeaders): Route | undefined {
    const named = (prefix: string) =>
      path.startsWith(prefix) ? decoded(path.slice(prefix.length)) : undefined;
    const [model, id, job] = [named("/v1/models/"), named("/v1/verify/"), named("/v1/async/jobs/")];
    const read = Object.hasOwn(asked, path) ? asked[path] : undefined;
    if (read) return { method: "POST", serve: () => this.ask(call, key, cors, read) };
    if (path === "/v1/models" || model !== undefined)
      return { method: "GET", serve: () => this.listModels(call, key, cors, model) };
    if (id !== undefined) return { method: "GET", serve: () => this.verify(call, key, cors, id) };
    if (job !== undefined) return { method: "GET", serve: () => this.lookAtJob(call, key, cors, job) };
    if (path === "/v1/verify")
      return { method: "POST", serve: async () => this.verify(call, key, cors, await askedId(call)) };
    return undefined;
  }

  private async listModels(
    call: HttpCall,
    key: EndpointKey,
    cors: HttpHeaders,
    model?: string,
  ): Promise<void> {
    const list = modelList(await this.models(key, call.signal));
    if (model === undefined) return json(call, 200, list, cors);
    const entry = list.data.find(({ id }) => id === model);
    if (!entry) throw new RefusalError({ kind: "unknownModel", model });
    json(call, 200, entry, cors);
  }

  private async verify(call: HttpCall, key: EndpointKey, cors: HttpHeaders, id: string): Promise<void> {
    const answers = await this.answersSoon(key, id);
    await orAborted(Promise.all(answers.map(({ checking }) => checking)), call.signal);
    const answer = worstOf(answers);
    if (!answer) throw new RefusalError({ kind: "unknownAnswer", id });
    json(call, 200, verification(answer, answers.length), cors);
  }

  /** A program that counts bytes knows an answer's end a moment before we do. */
  private async answersSoon(key: EndpointKey, id: string): Promise<readonly KnownAnswer[]> {
    const found = this.answers.find(key.id, id);
    const ending = [...this.running].flatMap(([ended, of]) => (of === key.id ? [ended] : []));
    if (found.length > 0 || ending.length === 0) return found;
    await orLate(Promise.allSettled(ending), endsMs, undefined, this.options.clock);
    return this.answers.find(key.id, id);
  }

  private async ask(call: HttpCall, key: EndpointKey, cors: HttpHeaders, read: ReadAsked): Promise<void> {
    let known = (): void => undefined;
    const ending = new Promise<void>((resolve) => (known = resolve));
    this.running.set(ending, key.id);
    try {
      await this.answer(call, key, cors, read, known);
    } finally {
      known();
      this.running.delete(ending);
    }
  }

  /** `known`: to be called when `/v1/verify` can tell of it. */
  private async answer(
    call: HttpCall,
    key: EndpointKey,
    cors: HttpHeaders,
    read: ReadAsked,
    known: () => void,
  ): Promise<void> {
    const { keys, jobs, clock, log } = this.options;
    const admit = () => keys.check(key);
    const answered = await this.asking.run(
      {
        ...{ call, key, admit, cors, askedAt: clock.now() },
        keepJob: (job, { provider, serviceType }, cost) =>
          jobs
            .add({ key: key.id, provider, serviceType, job, cost })
            .catch((error: unknown) => log.error("A job could not be written down", error)),
        broke: (model, most) => {
          this.broken.add(call);
          this.count(key.id, { model, requests: 1, cost: most.toString(), lastAt: clock.now() });
        },
      },
      read,
    );
    const { exchange, isWhole } = answered;
    // A program may ask for the verdict since its end: `answersSoon` waits for this.
    const ids = [exchange?.chatId, answered.answerId];
    const answer = exchange && this.remember(key, { ...answered, exchange, ids });
    known();
    if (!isWhole) call.cut();
    const { promptTokens = 0, completionTokens = 0 } = exchange?.usage ?? {};
    const { model, cost } = answered;
    const counts = { requests: 1, promptTokens, completionTokens, cost: cost.toString() };
    this.count(key.id, { model, ...counts, lastAt: clock.now() });
    await answer?.checking;
  }

  /** Costs nothing: what was ordered is paid for. Its pictures are checked when they come for the first time. */
  private async lookAtJob(call: HttpCall, key: EndpointKey, cors: HttpHeaders, id: string): Promise<void> {
    const { jobs, session, gate } = this.options;
    const kept = await jobs.find(key.id, id);
    if (!kept) throw new RefusalError({ kind: "unknownJob", id });
    const { job, provider, serviceType, cost } = kept;
    const { signal } = call;
    const broker = await session.broker(signal);
    // The pass that goes along can spend: not to a server that nobody looked at.
    const entry = inferenceEntry(broker, provider, serviceType, signal);
    const service = await gate.beforeSendingUnasked(entry);
    await this.options.keys.check(key);
    const { answer, exchange } = await broker.inference.relayJob(service, job, { signal });
    // The same number with other pictures is another answer: the worst of them speaks for all.
    const before = this.answers.find(key.id, id);
    const isNew = exchange && !before.some((one) => isSameAnswer(one.exchange, exchange));
    const known = isNew && this.remember(key, { broker, exchange, cost, ids: [exchange.chatId, id] });
    await give(call, answer, cors);
    if (known) await known.checking;
  }

  private remember(key: EndpointKey, { broker, exchange, cost, ids }: Arrived): KnownAnswer {
    const answer: KnownAnswer = {
      ...{ key: key.id, exchange, checking: Promise.resolve() },
      ids: [...new Set(ids.flatMap((id) => id ?? []))],
    };
    const answered = { broker, scope: key.scope, exchange, cost };
    answer.checking = this.options.checks.checkAnswer(answered, async (verdict, receipt) => {
      answer.receipt = receipt;
      this.countVerdict(answer, verdict);
      answer.verdict = verdict;
    });
    this.answers.add(answer);
    return answer;
  }

  /** All that one can ask; `model`: all that may serve it. Throws `unknownNow`. */
  private async served(signal: AbortSignal, model?: string): Promise<readonly ServedModel[]> {
    const { providers, accounts, adapters, clock } = this.options;
    const { state } = providers;
    // Where there is money is not known before: it decides who comes first.
    if (accounts.state.readAt === undefined) await accounts.refresh(signal);
    if (!state.value) await providers.refresh(signal);
    else if (!isFresh(state.readAt, clock.now(), listGoodForMs))
      providers.refresh().catch((error: unknown) => this.options.log.debug(toComputeError(error).code));
    const { error, value = [] } = providers.state;
    if (!providers.state.value && error) throw new ComputeError(error.code, error.facts);
    const own = adapters();
    const isOwn = own.some((adapter) => adapter.model === model);
    if (this.listed.of !== value) this.listed = new ListedModels(value);
    const asked = model === undefined || isOwn ? this.listed.all : this.listed.maySay(model);
    let isAnySilent = false;
    const all = await Promise.all(
      asked.map(async ({ service, models }) => {
        const { isMultiModel } = service.info;
        const known = models || isMultiModel ? await this.modelsSoon(service.provider) : [];
        if (!known && isMultiModel) isAnySilent = true;
        return servedBy(service, known ?? [], service.serviceType === "chatbot" ? own : []);
      }),
    );
    const served = all.flat();
    if (model !== undefined && isAnySilent && !served.some((one) => one.model === model))
      throw new RefusalError({ kind: "unknownNow", model });
    return served;
  }

  private inOrder(routes: readonly ServedModel[]): readonly ServedModel[] {
    const { accounts, settings } = this.options;
    const accountOf = ({ provider }: ModelRoute) => accounts.subAccount("inference", provider);
    return inOrder(routes, accountOf, settings.endpointPrefers(), settings.endpointOrder());
  }

  /**
   * As old as a list may be. A provider that is slow to tell, or does not, holds up nobody: what it tells counts from then on, and until then what
   * it told before. Undefined: nothing is known.
   */
  private async modelsSoon(provider: ProviderId): Promise<readonly ModelInfo[] | undefined> {
    const { providers, clock } = this.options;
    const known = providers.freshModels(provider);
    if (known) return known;
    const asking = providers.modelsOf(provider).catch(() => []);
    const told = await orLate(asking, tellMs, [], clock);
    return told.length > 0 ? told : providers.freshModels(provider, lastKnownMs);
  }

  /** In the place of the one before. */
  private countVerdict({ key, exchange, receipt, verdict: before }: KnownAnswer, verdict: Verdict): void {
    const [old, now] = [verdictWord(before ?? { level: "pending" }), verdictWord(verdict)];
    const change = {
      ...(old === "checking" ? {} : { [old]: -1 }),
      ...(now === "checking" ? {} : { [now]: 1 }),
    };
    if (old === now) return;
    const { model, service } = exchange;
    this.count(key, { model, ...change });
    if (now === "failed") this.failed.fire({ key, provider: service.provider, model, verdict, receipt });
  }

  /** Not waited for: counters are for people. */
  private count(key: string, more: Used): void {
    this.options.usage.add(key, more).catch((error: unknown) => {
      this.options.log.warn(`The use of a key could not be counted: ${toComputeError(error).code}`);
    });
  }
}

function isSameAnswer({ responseBody: a }: BilledExchange, { responseBody: b }: BilledExchange): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return Buffer.compare(a, b) === 0;
}

/** As the network's own tools ask for a verdict. */
async function askedId(call: HttpCall): Promise<string> {
  const bytes = await call.body(longestQuestion);
  if (!bytes) throw new RefusalError({ kind: "badBody", why: "id" });
  return idIn(jsonBody(bytes));
}

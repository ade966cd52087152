// The local endpoint: an OpenAI-compatible server on this machine's loopback, for other programs, with keys of its own and the user's limits.
import { orLate } from "../../domain/clock.js";
import { ComputeError, toComputeError } from "../../domain/error.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import type { ProviderId } from "../../domain/ids.js";
import type { ModelInfo } from "../../domain/provider.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { HttpCall, HttpHeaders, HttpServer } from "../../system/loopbackHttp.js";
import type { ChatService } from "../chat.js";
import type { ProvidersService } from "../providers.js";
import type { Settings, StateStore } from "../ports.js";
import { orAborted } from "../sandbox.js";
import { bearerOf, checkHost, checkOrigin } from "./admission.js";
import { KnownAnswers, verification, type KnownAnswer } from "./answers.js";
import { ChatRoute, type ChatRouteOptions, type RelayedChat } from "./chatRoute.js";
import type { EndpointKey, ModelRoute } from "./keyFile.js";
import type { EndpointKeys } from "./keys.js";
import { errorBody, errorForm, refusalForm, RefusalError, type Refusal } from "./refusal.js";
import { corsHeaders, decoded, json, knownPath, preflight } from "./replies.js";
import { allowedFor, inOrder, modelList, servedBy, type ServedModel } from "./routing.js";
import type { EndpointUsage } from "./usage.js";

export interface EndpointOptions extends Omit<ChatRouteOptions, "served" | "models"> {
  readonly providers: ProvidersService;
  readonly settings: Pick<Settings, "endpointPort" | "endpointOrigins">;
  readonly state: StateStore;
  readonly checks: Pick<ChatService, "checkAnswer" | "onDidCheckLate">;
  readonly keys: EndpointKeys;
  readonly usage: EndpointUsage;
  readonly adapters: () => readonly ModelRoute[];
  readonly texts: { refusal(refusal: Refusal): string; error(error: ComputeError): string };
  readonly serve: (port: number, handle: (call: HttpCall) => void) => Promise<HttpServer>;
}

const portKey = "zgCompute.endpoint.port";
const tellMs = 1_500;
const listGoodForMs = 5 * 60_000;
/** How long stopping waits for answers under way: VS Code gives all of closing five seconds. */
const closeMs = 2_000;

export class EndpointService implements Disposable {
  private readonly changed = new Emitter<void>();
  /** It was started, or stopped. */
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly chat: ChatRoute;
  private readonly answers = new KnownAnswers();
  private readonly running = new Set<Promise<void>>();
  private readonly renewing: Disposable;
  private starting: Promise<HttpServer> | undefined;
  private server: HttpServer | undefined;

  constructor(private readonly options: EndpointOptions) {
    this.chat = new ChatRoute({
      ...options,
      served: (signal) => this.served(signal),
      models: (provider) => this.modelsSoon(provider),
    });
    this.renewing = options.checks.onDidCheckLate(({ receipt, verdict }) =>
      this.answers.renew(receipt, verdict),
    );
  }

  /** While it runs. */
  get port(): number | undefined {
    return this.server?.port;
  }

  /** Listens, or goes on listening. Throws `badSetting` when the port of the settings cannot be had. */
  async start(): Promise<number> {
    this.starting ??= this.listen();
    try {
      this.server = await this.starting;
    } catch (error) {
      this.starting = undefined;
      throw error;
    }
    await this.options.state.update(portKey, this.server.port);
    this.changed.fire();
    return this.server.port;
  }

  /** What was spent with a key, as far as this window knows: without what only waits for its next question. */
  spentWith({ id, scope }: EndpointKey): Neuron {
    return neuron(this.options.limits.spentWithKey(scope, id) - this.chat.setAside.of(id));
  }

  /** Answers under way are cut off after a moment; the journal keeps what they may cost. */
  async stop(): Promise<void> {
    const server = this.server ?? (await this.starting?.catch(() => undefined));
    this.server = this.starting = undefined;
    this.changed.fire();
    await server?.close();
    await orLate(Promise.allSettled(this.running), closeMs, undefined, this.options.clock);
    await this.chat.setAside.drop();
  }

  dispose(): void {
    this.renewing.dispose();
    void this.server?.close();
    this.options.keys.dispose();
    this.changed.dispose();
  }

  private async listen(): Promise<HttpServer> {
    const { settings, state, serve } = this.options;
    const handle = (call: HttpCall) => this.handle(call);
    const wanted = settings.endpointPort();
    const last = state.get<number>(portKey) ?? 0;
    try {
      return await serve(wanted || last, handle);
    } catch (error) {
      if (wanted === 0) return serve(0, handle);
      const code = (error as { code?: string }).code ?? "unknown";
      const detail = `port ${wanted} cannot be used (${code})`;
      throw new ComputeError("badSetting", { setting: "zgCompute.endpoint.port", detail }, { cause: error });
    }
  }

  private handle(call: HttpCall): void {
    const answering = this.answer(call)
      .catch((error: unknown) => this.options.log.error("A request to the local endpoint", error))
      .finally(() => this.running.delete(answering));
    this.running.add(answering);
  }

  private async answer(call: HttpCall): Promise<void> {
    const { clock, log, settings } = this.options;
    const started = clock.now();
    let cors: HttpHeaders = [];
    try {
      checkHost(call, this.server?.port ?? 0);
      cors = corsHeaders(checkOrigin(call, settings.endpointOrigins()));
      if (call.method === "OPTIONS" && cors.length > 0) preflight(call, cors);
      else await this.route(call, cors);
    } catch (error) {
      this.refuse(call, error, cors);
    }
    log.debug(`${call.method} ${knownPath(call.path)} at the local endpoint: ${clock.now() - started} ms`);
  }

  private async route(call: HttpCall, cors: HttpHeaders): Promise<void> {
    const { method } = call;
    const path = call.path.replace(/(?<=.)\/+$/, "");
    const asked = (prefix: string) =>
      path.startsWith(prefix) ? decoded(path.slice(prefix.length)) : undefined;
    const model = asked("/v1/models/");
    const id = asked("/v1/verify/");
    const isGet = method === "GET";
    const key = await this.options.keys.match(bearerOf(call));
    try {
      if (isGet && path === "/v1/models") await this.listModels(call, key, cors);
      else if (isGet && model !== undefined) await this.listModels(call, key, cors, model);
      else if (isGet && id !== undefined) await this.verify(call, key, cors, id);
      else if (method === "POST" && path === "/v1/chat/completions") await this.complete(call, key, cors);
      else throw new RefusalError({ kind: "unknownRoute", method, path });
    } catch (error) {
      this.count(key, { refused: 1 });
      throw error;
    }
  }

  private async listModels(
    call: HttpCall,
    key: EndpointKey,
    cors: HttpHeaders,
    model?: string,
  ): Promise<void> {
    const served = allowedFor(await this.served(call.signal), key);
    const list = modelList(served);
    if (model === undefined) return json(call, 200, list, cors);
    const entry = list.data.find(({ id }) => id === model);
    if (!entry) throw new RefusalError({ kind: "unknownModel", model });
    json(call, 200, entry, cors);
  }

  private async verify(call: HttpCall, key: EndpointKey, cors: HttpHeaders, id: string): Promise<void> {
    const answer = this.answers.find(key.id, id);
    if (!answer) throw new RefusalError({ kind: "unknownAnswer", id });
    await orAborted(answer.checking, call.signal);
    json(call, 200, verification(answer), cors);
  }

  private async complete(call: HttpCall, key: EndpointKey, cors: HttpHeaders): Promise<void> {
    const admit = () => this.options.keys.match(bearerOf(call));
    const relayed = await this.chat.run(call, key, admit, cors);
    // Known before its end is: a program may ask for the verdict at once.
    const answer = this.remember(key, relayed);
    if (relayed.isWhole) call.end();
    else call.cut();
    const { promptTokens = 0, completionTokens = 0 } = answer?.exchange.usage ?? {};
    this.count(key, { requests: 1, promptTokens, completionTokens, lastAt: this.options.clock.now() });
    await answer?.checking;
  }

  private remember(
    key: EndpointKey,
    { exchange, answerId, broker, cost }: RelayedChat,
  ): KnownAnswer | undefined {
    if (!exchange) return undefined;
    const ids = [...new Set([exchange.chatId, answerId].flatMap((id) => id ?? []))];
    const answer: KnownAnswer = { key: key.id, exchange, ids, checking: Promise.resolve() };
    const answered = { broker, scope: key.scope, exchange, cost };
    answer.checking = this.options.checks.checkAnswer(answered, async (verdict, receipt) => {
      answer.verdict = verdict;
      answer.receipt = receipt;
    });
    this.answers.add(answer);
    return answer;
  }

  /** All that one can chat with, in the order in which names are resolved. */
  private async served(signal: AbortSignal): Promise<readonly ServedModel[]> {
    const { providers, accounts, adapters, clock } = this.options;
    const { state } = providers;
    if (!state.value) await providers.refresh(signal);
    else if (clock.now() - (state.readAt ?? 0) > listGoodForMs)
      providers.refresh().catch((error: unknown) => this.options.log.debug(toComputeError(error).code));
    const { error } = providers.state;
    if (!providers.state.value && error) throw new ComputeError(error.code, error.facts);
    const own = adapters();
    const all = await Promise.all(
      providers.chatServices.map(async ({ service, models }) => {
        const known = models ?? (service.info.isMultiModel ? await this.modelsSoon(service.provider) : []);
        return servedBy(service, known, own);
      }),
    );
    return inOrder(all.flat(), ({ provider }) => accounts.subAccount("inference", provider));
  }

  /** Asked once per list. A provider that is slow to tell holds up nobody: what it tells counts from then on. */
  private modelsSoon(provider: ProviderId): Promise<readonly ModelInfo[]> {
    const asking = this.options.providers.modelsOf(provider).catch(() => []);
    return orLate(asking, tellMs, [], this.options.clock);
  }

  private refuse(call: HttpCall, error: unknown, cors: HttpHeaders): void {
    const { texts, log } = this.options;
    // What was begun can only be broken off: an error in its place would pass for a part of the answer.
    if (call.isBegun || call.signal.aborted) return call.cut();
    const known = toComputeError(error);
    const isOurs = error instanceof RefusalError;
    const form = isOurs ? refusalForm(error.refusal) : errorForm(known);
    if (form.status === 500) log.error("A request to the local endpoint", error);
    const message = isOurs ? texts.refusal(error.refusal) : texts.error(known);
    const seconds =
      known.code === "rateLimited" && "retryAfterSeconds" in known.facts
        ? known.facts.retryAfterSeconds
        : undefined;
    const headers: HttpHeaders = [
      ...cors,
      // Clients try a 429 again by themselves; a limit is the same a second later.
      ...(form.code === "insufficient_quota" ? [["x-should-retry", "false"] as const] : []),
      ...(seconds === undefined ? [] : [["retry-after", String(seconds)] as const]),
    ];
    json(call, form.status, errorBody(form, message), headers);
  }

  /** Not waited for: counters are for people. */
  private count({ id }: EndpointKey, more: Parameters<EndpointUsage["add"]>[1]): void {
    this.options.usage.add(id, more).catch((error: unknown) => {
      this.options.log.warn(`The use of a key could not be counted: ${toComputeError(error).code}`);
    });
  }
}

// The local endpoint: an OpenAI-compatible server on this machine's loopback, for other programs, with keys of its own and the user's limits.
import { orLate } from "../../domain/clock.js";
import { ComputeError, toComputeError } from "../../domain/error.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { HttpCall, HttpHeaders, HttpServer } from "../../system/loopbackHttp.js";
import type { Settings, StateStore } from "../ports.js";
import { checkHost, checkOrigin } from "./admission.js";
import type { FailedAnswer } from "./answers.js";
import type { EndpointKey } from "./keyFile.js";
import { errorBody, errorForm, refusalForm, RefusalError, type Refusal } from "./refusal.js";
import { corsHeaders, json, knownPath, notAgain, preflight } from "./replies.js";
import { EndpointRoutes, type EndpointRoutesOptions } from "./routes.js";
import type { ServedModel } from "./routing.js";

export interface EndpointOptions extends EndpointRoutesOptions {
  readonly settings: Pick<Settings, "endpointPort" | "endpointOrigins" | "endpointPrefers" | "endpointOrder">;
  readonly state: StateStore;
  readonly texts: { refusal(refusal: Refusal): string; error(error: ComputeError): string };
  readonly serve: (port: number, handle: (call: HttpCall) => void) => Promise<HttpServer>;
}

const portKey = "zgCompute.endpoint.port";
/** How long stopping waits for answers under way: VS Code gives all of closing five seconds. */
const closeMs = 2_000;

/** Another program has the port that programs were told. */
export class PortTakenError extends Error {
  constructor(
    readonly port: number,
    cause: unknown,
  ) {
    super(`port ${port} cannot be used`, { cause });
    this.name = "PortTakenError";
  }
}

export class EndpointService implements Disposable {
  private readonly changed = new Emitter<void>();
  /** It was started, or stopped. */
  readonly onDidChange: Event<void> = this.changed.event;
  /** A program has an answer that did not pass its check. */
  readonly onDidFail: Event<FailedAnswer>;
  private readonly routes: EndpointRoutes;
  private readonly running = new Set<Promise<void>>();
  private starting: Promise<HttpServer> | undefined;
  private server: HttpServer | undefined;

  constructor(private readonly options: EndpointOptions) {
    this.routes = new EndpointRoutes(options);
    this.onDidFail = this.routes.onDidFail;
  }

  /** While it runs. */
  get port(): number | undefined {
    return this.server?.port;
  }

  /** Where it was when it first ran, and is again when it can be. */
  get usualPort(): number | undefined {
    return this.options.settings.endpointPort() || this.options.state.get<number>(portKey);
  }

  /**
   * Listens, or goes on listening; on the port that programs were `told` and on no other, where there is one. Throws `badSetting` when the port
   * of the settings cannot be had, and `PortTakenError` when the one they were told cannot.
   */
  async start(told = 0): Promise<number> {
    this.starting ??= this.listen(told);
    try {
      this.server = await this.starting;
    } catch (error) {
      this.starting = undefined;
      throw error;
    }
    // The first one stays: another program has it, and this time is on another one only for now.
    if (this.options.state.get<number>(portKey) === undefined)
      await this.options.state.update(portKey, this.server.port);
    this.changed.fire();
    return this.server.port;
  }

  /** As `/v1/models` lists them, but of every provider that serves them; of a key, those it may use. */
  models(
    key: Pick<EndpointKey, "models"> = {},
    signal = new AbortController().signal,
  ): Promise<readonly ServedModel[]> {
    return this.routes.models(key, signal);
  }

  /** What was spent with a key, as far as this window knows: without what only waits for its next question. */
  spentWith({ id, scope }: EndpointKey): Neuron {
    return neuron(this.options.limits.spentWithKey(scope, id) - this.routes.asking.setAside.of(id));
  }

  /** Answers under way are cut off after a moment; the journal keeps what they may cost. */
  async stop(): Promise<void> {
    const server = this.server ?? (await this.starting?.catch(() => undefined));
    this.server = this.starting = undefined;
    this.changed.fire();
    await server?.close();
    await orLate(Promise.allSettled(this.running), closeMs, undefined, this.options.clock);
    await this.routes.asking.setAside.drop();
  }

  dispose(): void {
    this.routes.dispose();
    void this.server?.close();
    this.options.keys.dispose();
    this.changed.dispose();
  }

  private async listen(told: number): Promise<HttpServer> {
    const { settings, state, serve } = this.options;
    const handle = (call: HttpCall) => this.handle(call);
    const wanted = settings.endpointPort();
    const last = state.get<number>(portKey) ?? 0;
    try {
      return await serve(wanted || told || last, handle);
    } catch (error) {
      if (wanted === 0 && told !== 0) throw new PortTakenError(told, error);
      if (wanted === 0) return serve(0, handle);
      const value = (error as { code?: string }).code ?? "unknown";
      const facts = { setting: "zgCompute.endpoint.port", why: "portTaken", port: wanted, value } as const;
      throw new ComputeError("badSetting", facts, { cause: error });
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
      else await this.routes.serve(call, cors);
    } catch (error) {
      this.refuse(call, error, cors);
    }
    log.debug(`${call.method} ${knownPath(call.path)} at the local endpoint: ${clock.now() - started} ms`);
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
        : form.retryAfterSeconds;
    const headers: HttpHeaders = [
      ...cors,
      ...(form.allow === undefined ? [] : [["allow", form.allow] as const]),
      // A limit is the same a second later.
      ...(form.code === "insufficient_quota" || this.routes.mayBeBilled(call) ? [notAgain] : []),
      ...(seconds === undefined ? [] : [["retry-after", String(seconds)] as const]),
    ];
    json(call, form.status, errorBody(form, message), headers);
  }
}

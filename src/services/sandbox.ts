// The local network's process as the user sees it: stopped, starting, ready, failed. It starts on demand and once.
import type { Clock } from "../domain/clock.js";
import { cancelled, ComputeError, toComputeError } from "../domain/error.js";
import { DisposableList, Emitter, type Disposable, type Event } from "../domain/event.js";
import type { Address } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import { exactOg, type Neuron } from "../domain/money.js";
import type { SandboxReady } from "../domain/sandboxReady.js";
import type { SandboxLauncher, SandboxProcess, SecretStore, Settings } from "./ports.js";

export interface SandboxServiceOptions {
  readonly launcher: SandboxLauncher;
  readonly settings: Settings;
  readonly secrets: SecretStore;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Log;
}

interface Beginning {
  readonly anew?: "takeOver" | "fresh";
  /** What must have ended before. */
  readonly after?: Promise<void>;
}

export type SandboxState =
  | { readonly kind: "stopped" }
  | { readonly kind: "starting" }
  | { readonly kind: "ready"; readonly ready: SandboxReady; readonly since: number }
  | { readonly kind: "failed"; readonly error: ComputeError };

/** Where the key of the user's own model server is kept, if it needs one. */
export const upstreamSecretKey = "zgCompute.sandbox.upstreamKey";
const controlTimeoutMs = 15_000;

export class SandboxService implements Disposable {
  private readonly changed = new Emitter<SandboxState>();
  readonly onDidChange: Event<SandboxState> = this.changed.event;
  private readonly owned = new DisposableList();
  private current: SandboxState = { kind: "stopped" };
  private process: SandboxProcess | undefined;
  private starting: { promise: Promise<SandboxReady>; abort: AbortController; waiting: number } | undefined;
  private upstream: string;
  private wasStopped = false;

  constructor(private readonly options: SandboxServiceOptions) {
    this.upstream = this.upstreamText();
    this.owned.add(options.settings.onDidChange(() => this.restartForUpstream()));
  }

  get state(): SandboxState {
    return this.current;
  }

  /** Its addresses and keys, while it runs. */
  get ready(): SandboxReady | undefined {
    return this.current.kind === "ready" ? this.current.ready : undefined;
  }

  /** By `stop`, and not started since: what nobody here asks for must not start it again. */
  get isStopped(): boolean {
    return this.wasStopped;
  }

  /** Another window started it, and `stop` leaves it running. */
  get isJoined(): boolean {
    return this.process?.isJoined ?? false;
  }

  /** Starts it, or joins the start under way; throws `sandboxFailed`. An abort leaves the start to the others who wait for it. */
  async start(signal?: AbortSignal): Promise<SandboxReady> {
    if (this.current.kind === "ready") return this.current.ready;
    if (signal?.aborted) throw cancelled();
    const run = this.starting ?? this.begin();
    run.waiting++;
    try {
      return await orAborted(run.promise, signal);
    } finally {
      if (--run.waiting === 0 && signal?.aborted) run.abort.abort();
    }
  }

  /** As `start` where another window runs it, and starts nothing. False: nobody runs it. */
  async join(): Promise<boolean> {
    if (this.process || this.starting) return true;
    const process = await this.options.launcher.join();
    if (process && !this.process && !this.starting) this.adopt(process);
    else await process?.stop();
    return process !== undefined;
  }

  /** Ends the process; state on disk stays. */
  async stop(): Promise<void> {
    this.wasStopped = true;
    this.starting?.abort.abort();
    const process = this.process;
    this.process = undefined;
    this.set({ kind: "stopped" });
    await process?.stop();
  }

  /**
   * Starts it though another process holds its state: that one is ended. `fresh` forgets everything in it. Throws as `start`
   * does; whoever calls `start` meanwhile joins this one.
   */
  async startAnew(anew: "takeOver" | "fresh", signal?: AbortSignal): Promise<SandboxReady> {
    const { process, starting } = this;
    starting?.abort.abort();
    this.process = undefined;
    const ended = async () => {
      await starting?.promise.catch(() => undefined);
      await process?.stop();
    };
    this.begin({ anew, after: ended() });
    return this.start(signal);
  }

  async restart(signal?: AbortSignal): Promise<SandboxReady> {
    await this.stop();
    return this.start(signal);
  }

  /** Gives test money through the control API (spec sandbox.md 3). */
  async fund(address: Address, amount: Neuron, signal?: AbortSignal): Promise<void> {
    await this.control("POST", "/fund", { address, amount: exactOg(amount) }, signal);
  }

  /** One call of the control API; the answer's JSON. Throws `sandboxFailed`. */
  async control(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const { control } = await this.start(signal);
    const limit = AbortSignal.timeout(controlTimeoutMs);
    try {
      const response = await this.options.fetch(`${control.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${control.token}`, "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      const text = await response.text();
      if (!response.ok)
        throw new ComputeError("sandboxFailed", { detail: `${path}: HTTP ${response.status}` });
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      if (error instanceof ComputeError) throw error;
      throw new ComputeError("sandboxFailed", { detail: `${path} did not answer` }, { cause: error });
    }
  }

  dispose(): void {
    this.owned.dispose();
    const { process } = this;
    this.starting?.abort.abort();
    this.process = undefined;
    this.current = { kind: "stopped" };
    this.changed.dispose();
    process?.stop().catch((error: unknown) => this.options.log.error("The sandbox did not stop", error));
  }

  private begin(how: Beginning = {}): NonNullable<typeof this.starting> {
    this.wasStopped = false;
    const abort = new AbortController();
    const promise = this.launch(abort.signal, how).finally(() => {
      if (this.starting?.abort === abort) this.starting = undefined;
    });
    promise.catch(() => undefined); // every waiter may have left; the state tells the rest
    const run = { promise, abort, waiting: 0 };
    this.starting = run; // before it is told: who hears of it may ask for the sandbox at once, and joins this start
    this.set({ kind: "starting" });
    return run;
  }

  private async launch(signal: AbortSignal, { anew, after }: Beginning): Promise<SandboxReady> {
    const { launcher, log, clock } = this.options;
    const startedAt = clock.now();
    try {
      await after;
      if (after) this.set({ kind: "starting" }); // an earlier start that was ended said "stopped"
      const process = await launcher.start({ upstream: await this.upstreamWithKey(), anew, signal });
      if (signal.aborted) {
        await process.stop();
        throw cancelled();
      }
      log.info(`Sandbox ready after ${clock.now() - startedAt} ms`);
      this.adopt(process);
      return process.ready;
    } catch (error) {
      if (signal.aborted) {
        if (this.current.kind === "starting") this.set({ kind: "stopped" });
        throw cancelled();
      }
      const known = toComputeError(error);
      log.error("The sandbox did not start", error);
      this.set({ kind: "failed", error: known });
      throw known;
    }
  }

  private adopt(process: SandboxProcess): void {
    this.wasStopped = false;
    this.process = process;
    process.onDidExit((lastWords) => this.ended(process, lastWords));
    this.set({ kind: "ready", ready: process.ready, since: this.options.clock.now() });
  }

  private ended(process: SandboxProcess, lastWords: string): void {
    if (this.process !== process) return;
    this.process = undefined;
    if (lastWords === "") {
      this.options.log.info("The window that ran the sandbox was closed");
      return this.set({ kind: "stopped" });
    }
    this.options.log.warn(`The sandbox ended by itself: ${lastWords}`);
    this.set({ kind: "failed", error: new ComputeError("sandboxFailed", { detail: lastWords }) });
  }

  private async upstreamWithKey() {
    const upstream = this.options.settings.sandboxUpstream();
    if (!upstream) return undefined;
    const apiKey = await this.options.secrets.get(upstreamSecretKey).catch(() => undefined);
    return { ...upstream, ...(apiKey === undefined ? {} : { apiKey }) };
  }

  private restartForUpstream(): void {
    const before = this.upstream;
    this.upstream = this.upstreamText();
    if (before === this.upstream || this.current.kind === "stopped") return;
    this.stop().catch((error: unknown) => this.options.log.error("The sandbox did not stop", error));
  }

  /** For comparing; a setting that cannot be read counts as itself, the start will say what is wrong. */
  private upstreamText(): string {
    try {
      return JSON.stringify(this.options.settings.sandboxUpstream() ?? null);
    } catch {
      return "unreadable";
    }
  }

  private set(state: SandboxState): void {
    this.current = state;
    this.changed.fire(state);
  }
}

/** The promise's value, or `cancelled` as soon as the signal aborts; the promise itself runs on. */
export function orAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(cancelled());
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

// The marketplace's list as the user sees it: the last good one is kept and marked stale; chat services are timed.
import type { Clock } from "../domain/clock.js";
import { toComputeError } from "../domain/error.js";
import { DisposableList, Emitter, type Disposable, type Event } from "../domain/event.js";
import { addressKey, type ProviderId } from "../domain/ids.js";
import type { Log } from "../domain/log.js";
import type { ModelInfo, ServiceDetail } from "../domain/provider.js";
import type { KeptError } from "../domain/chat.js";
import { keptError, loaded, loading, nothingLoaded, notLoaded, type Loaded } from "./loaded.js";
import { Poller } from "./poller.js";
import { orAborted } from "./sandbox.js";
import type { Session } from "./session.js";

export interface ProvidersServiceOptions {
  readonly session: Session;
  readonly clock: Clock;
  readonly log: Log;
}

/** Our own measurement: observed, never proven. */
export interface Probe {
  readonly latencyMs?: number;
  readonly error?: KeptError;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface ProviderItem extends ServiceDetail {
  readonly probe?: Probe;
}

export type ProvidersState = Loaded<readonly ProviderItem[]>;

const everyMs = 5 * 60_000;
const probesAtOnce = 4;

export class ProvidersService implements Disposable {
  private readonly changed = new Emitter<ProvidersState>();
  readonly onDidChange: Event<ProvidersState> = this.changed.event;
  private readonly owned = new DisposableList();
  private readonly poller: Poller;
  private current: ProvidersState = nothingLoaded;
  private models = new Map<string, readonly ModelInfo[]>();
  private generation = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly options: ProvidersServiceOptions) {
    this.poller = this.owned.add(
      new Poller({
        clock: options.clock,
        everyMs,
        poll: (signal) => this.refresh(signal),
        hasFailed: () => this.current.error !== undefined,
      }),
    );
    this.owned.add(options.session.onDidChange(() => this.forget()));
  }

  get state(): ProvidersState {
    return this.current;
  }

  /** The listed service of that provider, a chat service first where one has several. */
  find(provider: ProviderId): ProviderItem | undefined {
    const own = (this.current.value ?? []).filter(
      (item) => addressKey(item.service.provider) === addressKey(provider),
    );
    return own.find((item) => item.service.serviceType === "chatbot") ?? own[0];
  }

  /** Services one can chat with, in the list's order. */
  get chatServices(): readonly ProviderItem[] {
    return (this.current.value ?? []).filter((item) => item.service.serviceType === "chatbot");
  }

  /** Polling runs while the window is focused and the list is wanted. */
  setActive(isActive: boolean): void {
    this.poller.setActive(isActive);
  }

  /** Reads the list again, or joins the reading under way. Throws nothing but `cancelled`: a failure is part of the state. */
  async refresh(signal?: AbortSignal): Promise<void> {
    if (!this.running) {
      const run = this.read(this.generation).finally(() => {
        if (this.running === run) this.running = undefined;
      });
      this.running = run;
    }
    await orAborted(this.running, signal);
  }

  /** The entry of `/v1/models` for that model, asked once per list; undefined when the provider does not tell. */
  async modelInfo(provider: ProviderId, model: string, signal?: AbortSignal): Promise<ModelInfo | undefined> {
    const key = addressKey(provider);
    let models = this.models.get(key) ?? this.find(provider)?.models;
    if (!models) {
      try {
        models = await (await this.options.session.broker(signal)).inference.getModels(provider, { signal });
      } catch (error) {
        if (toComputeError(error).code === "cancelled") throw error;
        this.options.log.debug(`The models of ${provider.slice(0, 8)} could not be read`);
        models = [];
      }
      this.models.set(key, models);
    }
    return (
      models.find((candidate) => candidate.id === model) ?? (models.length === 1 ? models[0] : undefined)
    );
  }

  dispose(): void {
    this.owned.dispose();
    this.generation++;
    this.changed.dispose();
  }

  /** Never rejects. A reading that a new session overtook is dropped. */
  private async read(generation: number): Promise<void> {
    this.set(generation, loading(this.current));
    try {
      const broker = await this.options.session.broker();
      const items = await broker.inference.listServiceWithDetail();
      const before = new Map(this.current.value?.map((item) => [keyOf(item), item.probe]));
      const kept = items.map((item) => ({ ...item, probe: before.get(keyOf(item)) }));
      this.models = new Map();
      this.set(generation, loaded(kept, this.options.clock.now()));
      this.probeAll(generation).catch((error: unknown) =>
        this.options.log.error("Timing the providers", error),
      );
    } catch (error) {
      this.options.log.warn(`The providers could not be listed: ${toComputeError(error).code}`);
      this.set(generation, notLoaded(this.current, error));
    }
  }

  /** A few at a time, in the list's order; each result is shown as it comes. */
  private async probeAll(generation: number): Promise<void> {
    const waiting = this.chatServices.map((item) => item.service.provider);
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (generation !== this.generation) return;
        this.setProbe(generation, next, await this.probe(next));
      }
    };
    await Promise.all(Array.from({ length: probesAtOnce }, worker));
  }

  private async probe(provider: ProviderId): Promise<Probe> {
    try {
      const broker = await this.options.session.broker();
      const { latencyMs } = await broker.inference.probe(provider);
      return { latencyMs, at: this.options.clock.now() };
    } catch (error) {
      return { error: keptError(error), at: this.options.clock.now() };
    }
  }

  private setProbe(generation: number, provider: ProviderId, probe: Probe): void {
    const isIt = (item: ProviderItem) =>
      addressKey(item.service.provider) === addressKey(provider) && item.service.serviceType === "chatbot";
    const value = this.current.value?.map((item) => (isIt(item) ? { ...item, probe } : item));
    this.set(generation, { ...this.current, value });
  }

  private forget(): void {
    this.generation++;
    this.running = undefined;
    this.models = new Map();
    this.current = nothingLoaded;
    this.changed.fire(this.current);
    this.poller.now();
  }

  private set(generation: number, state: ProvidersState): void {
    if (generation !== this.generation) return;
    this.current = state;
    this.changed.fire(state);
  }
}

function keyOf(item: ServiceDetail): string {
  return `${addressKey(item.service.provider)} ${item.service.serviceType}`;
}

// The marketplace's list as the user sees it: the last good one is kept and marked stale; chat services are timed.
import { isFresh, type Clock } from "../../domain/clock.js";
import { toComputeError } from "../../domain/error.js";
import type { Disposable, Event } from "../../domain/event.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import type { ModelInfo, ServiceDetail } from "../../domain/provider.js";
import type { KeptError } from "../../domain/chat.js";
import { keptError, type Loaded } from "../loaded.js";
import { Polled, type Reading } from "../polled.js";
import { modelNamed } from "../../domain/modelsByName.js";
import type { Session } from "../wallets/session.js";

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
/** So long a provider that did not name its models is not asked again. */
export const silentMs = 30_000;

export class ProvidersService implements Disposable {
  readonly onDidChange: Event<ProvidersState>;
  private readonly polled: Polled<readonly ProviderItem[]>;
  private readonly models = new Map<string, readonly ModelInfo[]>();
  /** When the lists of models were read, in which prices stand. */
  private readonly modelsReadAt = new WeakMap<readonly ModelInfo[], number>();
  /** When they last did not name them: nothing is known of those. */
  private readonly silentAt = new Map<string, number>();
  /** They serve several models, or price them in dollars, and nobody else on the network tells which and how. */
  private unnamed: readonly ServiceDetail[] = [];

  constructor(private readonly options: ProvidersServiceOptions) {
    this.polled = new Polled({
      session: options.session,
      clock: options.clock,
      everyMs,
      read: () => this.read(),
      didRead: (reading) => {
        this.probeAll(reading).catch((error: unknown) => options.log.error("Timing the providers", error));
        this.nameModels(reading).catch((error: unknown) => options.log.error("Naming the models", error));
      },
      didFail: (error) =>
        options.log.warn(`The providers could not be listed: ${toComputeError(error).code}`),
      didForget: () => this.forgetModels(),
    });
    this.onDidChange = this.polled.onDidChange;
  }

  get state(): ProvidersState {
    return this.polled.state;
  }

  /** The listed service of that provider, a chat service first where one has several. */
  find(provider: ProviderId): ProviderItem | undefined {
    const own = (this.state.value ?? []).filter(
      (item) => addressKey(item.service.provider) === addressKey(provider),
    );
    return own.find((item) => item.service.serviceType === "chatbot") ?? own[0];
  }

  /** Services one can chat with, in the list's order. */
  get chatServices(): readonly ProviderItem[] {
    return (this.state.value ?? []).filter((item) => item.service.serviceType === "chatbot");
  }

  /** Polling runs while the window is focused and the list is wanted. */
  setActive(isActive: boolean): void {
    this.polled.setActive(isActive);
  }

  /** Reads the list again, or joins the reading under way. Throws nothing but `cancelled`: a failure is part of the state. */
  async refresh(signal?: AbortSignal): Promise<void> {
    await this.polled.refresh(signal);
  }

  /** The entry of `/v1/models` for that model, as old as a list may be; undefined when the provider does not tell. */
  async modelInfo(provider: ProviderId, model: string, signal?: AbortSignal): Promise<ModelInfo | undefined> {
    return modelNamed(await this.modelsOf(provider, signal), model);
  }

  /** What is known of that without asking. */
  knownInfo(provider: ProviderId, model: string): ModelInfo | undefined {
    return modelNamed(this.knownModels(provider) ?? [], model);
  }

  /** The same of all its models. */
  knownModels(provider: ProviderId): readonly ModelInfo[] | undefined {
    return this.models.get(addressKey(provider)) ?? this.find(provider)?.models;
  }

  /** What a provider lists in `/v1/models`, as old as a list may be; empty when it does not tell, and then it is asked again later. */
  async modelsOf(provider: ProviderId, signal?: AbortSignal): Promise<readonly ModelInfo[]> {
    const key = addressKey(provider);
    const { clock } = this.options;
    const known = this.freshModels(provider);
    if (known) return known;
    if (isFresh(this.silentAt.get(key), clock.now(), silentMs)) return [];
    const models = await this.askModels(provider, signal);
    if (models) this.models.set(key, models);
    else this.silentAt.set(key, clock.now());
    return models ?? [];
  }

  /** Those whose prices may still be reckoned with: as a rule they are no older than a list may be. */
  freshModels(provider: ProviderId, forMs = everyMs): readonly ModelInfo[] | undefined {
    const known = this.knownModels(provider);
    const isGood = known && isFresh(this.modelsReadAt.get(known), this.options.clock.now(), forMs);
    return isGood ? known : undefined;
  }

  dispose(): void {
    this.polled.dispose();
  }

  private async read(): Promise<readonly ProviderItem[]> {
    const broker = await this.options.session.broker();
    const items = await broker.inference.listServiceWithDetail();
    const before = new Map(this.state.value?.map((item) => [keyOf(item), item]));
    for (const { models } of items) if (models) this.modelsReadAt.set(models, this.options.clock.now());
    this.unnamed = items.filter(
      ({ service: { info }, models }) =>
        (info.isMultiModel || info.priceDenomination === "USD") && models === undefined,
    );
    const known = items.map((item) => {
      const models =
        item.models ?? (this.unnamed.includes(item) ? this.knownModels(item.service.provider) : undefined);
      return { ...item, models, probe: before.get(keyOf(item))?.probe };
    });
    this.forgetModels();
    return known;
  }

  private forgetModels(): void {
    this.models.clear();
    this.silentAt.clear();
  }

  private async askModels(
    provider: ProviderId,
    signal?: AbortSignal,
  ): Promise<readonly ModelInfo[] | undefined> {
    try {
      const { inference } = await this.options.session.broker(signal);
      const models = await inference.getModels(provider, { signal });
      this.modelsReadAt.set(models, this.options.clock.now());
      return models;
    } catch (error) {
      if (toComputeError(error).code === "cancelled") throw error;
      this.options.log.debug(`The models of ${provider.slice(0, 8)} could not be read`);
      return undefined;
    }
  }

  /** A few at a time, in the list's order; each result is shown as it comes. */
  private async probeAll(reading: Reading<readonly ProviderItem[]>): Promise<void> {
    const waiting = this.chatServices.map((item) => item.service.provider);
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (!reading.isCurrent()) return;
        const probe = await this.probe(next);
        reading.change((items) => withProbe(items, next, probe));
      }
    };
    await Promise.all(Array.from({ length: probesAtOnce }, worker));
  }

  /** What they said last stays until they have been asked. */
  private async nameModels(reading: Reading<readonly ProviderItem[]>): Promise<void> {
    await Promise.all(
      this.unnamed.map(async (detail) => {
        const models = await this.askModels(detail.service.provider);
        if (models && models.length > 0) reading.change((items) => withModels(items, keyOf(detail), models));
      }),
    );
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
}

function withProbe(items: readonly ProviderItem[], provider: ProviderId, probe: Probe): ProviderItem[] {
  const isIt = (item: ProviderItem) =>
    addressKey(item.service.provider) === addressKey(provider) && item.service.serviceType === "chatbot";
  return items.map((item) => (isIt(item) ? { ...item, probe } : item));
}

function withModels(
  items: readonly ProviderItem[],
  key: string,
  models: readonly ModelInfo[],
): ProviderItem[] {
  return items.map((item) => (keyOf(item) === key ? { ...item, models } : item));
}

function keyOf(item: ServiceDetail): string {
  return `${addressKey(item.service.provider)} ${item.service.serviceType}`;
}

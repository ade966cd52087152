// How fast and how reliably providers answered this machine: kept of every answer that was asked for anyway, in a small file of our own.
// Nothing is sent for it, and nothing of it leaves this machine. A chunk of its own: no start needs it.
import type { Exchange } from "../../broker/inference/exchange.js";
import type { BilledExchange } from "../../broker/media/api.js";
import type { Clock } from "../../domain/clock.js";
import { type ErrorCode, toComputeError } from "../../domain/error.js";
import { type Disposable, Emitter, type Event } from "../../domain/event.js";
import type { ProviderId } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import {
  type Answerer,
  answererKey,
  bookFromBytes,
  bookToBytes,
  type NewSample,
  type Sample,
  withSamples,
} from "./measurementFile.js";
import type { Folder } from "../ports.js";
import type { Scope } from "../wallets/scope.js";

export interface MeasurementsOptions {
  /** Shared with all windows. */
  readonly folder: Folder;
  readonly clock: Clock;
  readonly log: Log;
}

/** The middle one of so many, the last of them at that time. */
export interface Figure {
  readonly median: number;
  readonly samples: number;
  /** Milliseconds since 1970. */
  readonly latestAt: number;
}

export interface Measurement {
  readonly requests: number;
  /** Of those, how many had no whole answer by the provider's fault. */
  readonly failures: number;
  /** Milliseconds since 1970. */
  readonly latestAt: number;
  readonly firstTokenMs?: Figure;
  readonly tokensPerSecond?: Figure;
}

export type Measured = ReadonlyMap<string, Measurement>;

const fileName = "measurements.json";
/** Between two writes: a program that asks a hundred times a second is no reason to write as often. */
const restMs = 2_000;
/** What is older says nothing about today. */
const goodForMs = 30 * 24 * 3_600_000;
/** Shorter answers tell more about the network than about the model. */
const fewestTokens = 8;
const shortestMs = 100;

export class Measurements implements Disposable {
  private readonly changed = new Emitter<void>();
  /** Something was added, by this window. */
  readonly onDidChange: Event<void> = this.changed.event;
  private rest = new AbortController();
  private isHurried = false;
  private isClosed = false;
  private waiting: NewSample[] = [];
  private writing: Promise<void> | undefined;

  constructor(private readonly options: MeasurementsOptions) {}

  /** An answer ended, whoever asked for it. */
  answered({ networkKey }: Pick<Scope, "networkKey">, exchange: BilledExchange | Exchange): void {
    const sample = isChat(exchange) ? sampleOf(exchange) : undefined;
    if (sample) this.add({ networkKey, provider: exchange.service.provider, model: exchange.model }, sample);
  }

  /** No answer came. What the user, the limits or the chain stopped says nothing about the provider. */
  failed(
    { networkKey }: Pick<Scope, "networkKey">,
    provider: ProviderId,
    model: string,
    error: unknown,
  ): void {
    if (providersFaults.has(toComputeError(error).code))
      this.add({ networkKey, provider, model }, { at: this.options.clock.now(), isFailed: true });
  }

  /** Of one network, by `answererKey`. What cannot be read was never measured. */
  async of(networkKey: string): Promise<Measured> {
    const now = this.options.clock.now();
    const book = withSamples(await this.read(), this.waiting);
    const measured = new Map<string, Measurement>();
    for (const entry of book) {
      const fresh = entry.samples.filter(({ at }) => now - at < goodForMs);
      if (entry.networkKey === networkKey && fresh.length > 0)
        measured.set(answererKey(entry), measurementOf(fresh));
    }
    return measured;
  }

  /** Ends when what was added so far is on disk. */
  async flush(): Promise<void> {
    this.isHurried = true;
    this.rest.abort();
    await this.writing;
    this.isHurried = false;
  }

  dispose(): void {
    this.isClosed = true;
    this.rest.abort();
    this.changed.dispose();
  }

  private add(answerer: Answerer, sample: Sample): void {
    this.waiting.push({ answerer, sample });
    this.changed.fire();
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
  }

  private async writeAll(): Promise<void> {
    const { clock } = this.options;
    while (this.waiting.length > 0 && !this.isClosed) {
      await this.write();
      if (this.waiting.length === 0 || this.isHurried || this.isClosed) continue;
      this.rest = new AbortController();
      await clock.sleep(restMs, this.rest.signal).catch(() => undefined);
    }
  }

  /** What the disk refuses is lost: no answer is held up or fails for it. */
  private async write(): Promise<void> {
    const { folder, log } = this.options;
    const taken = [...this.waiting];
    try {
      await folder.exclusively(async () => {
        const bytes = bookToBytes(withSamples(await this.read(), taken));
        await folder.write(fileName, bytes);
      });
    } catch (error) {
      log.warn(`Measurements could not be kept: ${toComputeError(error).code}`);
    }
    this.waiting = this.waiting.filter((one) => !taken.includes(one));
  }

  private async read() {
    return bookFromBytes(await this.options.folder.read(fileName).catch(() => undefined));
  }
}

const providersFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["providerUnavailable", "rateLimited"]);

function isChat(exchange: BilledExchange | Exchange): exchange is Exchange {
  return "usage" in exchange;
}

/** Undefined for an answer that was stopped before it said anything. */
export function sampleOf(exchange: Exchange): Sample | undefined {
  const { ended, isStreamed, sentAt, firstTokenAt, finishedAt: at } = exchange;
  if (ended === "cut") return { at, isFailed: true };
  // What comes in one piece has no first token of its own.
  const firstTokenMs = isStreamed && firstTokenAt !== undefined ? firstTokenAt - sentAt : undefined;
  if (ended === "stopped") return firstTokenMs === undefined ? undefined : { at, firstTokenMs };
  const tokensPerSecond = isStreamed ? speedOf(exchange) : undefined;
  return {
    at,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs: Math.max(0, firstTokenMs) }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
  };
}

/** From the first token to the last. Undefined where that would be a guess. */
export function speedOf(exchange: Exchange): number | undefined {
  const { usage, text, reasoning, firstTokenAt, finishedAt } = exchange;
  if (firstTokenAt === undefined) return undefined;
  const ms = finishedAt - firstTokenAt;
  // The count is the provider's word: no model makes more tokens than there are bytes.
  const most = new TextEncoder().encode(text).length + new TextEncoder().encode(reasoning).length;
  const tokens = Math.min(usage.completionTokens, most);
  return tokens >= fewestTokens && ms >= shortestMs ? (tokens * 1000) / ms : undefined;
}

function measurementOf(samples: readonly Sample[]): Measurement {
  const firstTokenMs = figureOf(samples, ({ firstTokenMs: ms }) => ms);
  const tokensPerSecond = figureOf(samples, ({ tokensPerSecond: speed }) => speed);
  return {
    requests: samples.length,
    failures: samples.filter(({ isFailed }) => isFailed).length,
    latestAt: Math.max(...samples.map(({ at }) => at)),
    ...(firstTokenMs ? { firstTokenMs } : {}),
    ...(tokensPerSecond ? { tokensPerSecond } : {}),
  };
}

function figureOf(
  samples: readonly Sample[],
  valueOf: (sample: Sample) => number | undefined,
): Figure | undefined {
  const having = samples.filter((sample) => valueOf(sample) !== undefined);
  const values = having.map((sample) => valueOf(sample) ?? 0).sort((a, b) => a - b);
  const half = (values.length - 1) / 2;
  const [low, high] = [values[Math.floor(half)], values[Math.ceil(half)]];
  if (low === undefined || high === undefined) return undefined;
  const latestAt = Math.max(...having.map(({ at }) => at));
  return { median: (low + high) / 2, samples: values.length, latestAt };
}

// Small working ports for tests: secrets, state, a folder, dialogs, settings and a clock, all in memory, all able to fail on purpose.
import { randomBytes } from "node:crypto";
import type { Clock, Stop } from "../../src/domain/clock.js";
import { cancelled, ComputeError } from "../../src/domain/error.js";
import { Emitter } from "../../src/domain/event.js";
import type { Log } from "../../src/domain/log.js";
import type {
  Confirmation,
  Dialogs,
  Folder,
  Random,
  SandboxLauncher,
  SandboxProcess,
  SecretStore,
  Settings,
  StateStore,
} from "../../src/services/ports.js";
import { createSettings } from "../../src/services/settings.js";
import { startSandboxInProcess } from "./sandbox.js";

export const random: Random = (bytes) => randomBytes(bytes);

/** Remembers its lines: a test can say what must never be in a log. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const add = (level: string) => (message: string, error?: unknown) =>
    void lines.push(`${level} ${message}${error instanceof Error ? ` ${error.stack}` : ""}`);
  return {
    lines,
    error: add("error"),
    warn: add("warn"),
    info: add("info"),
    debug: add("debug"),
    trace: add("trace"),
  };
}

export class MemorySecrets implements SecretStore {
  readonly kept = new Map<string, string>();
  /** "refuse": every call rejects. "forget": stores nothing and says it did. */
  mood: "fine" | "refuse" | "forget" = "fine";
  /** Called before each store: a test may end the world here. */
  beforeStore: () => void = () => undefined;

  async get(key: string): Promise<string | undefined> {
    if (this.mood === "refuse") throw new Error("the keychain is locked");
    return this.kept.get(key);
  }

  async store(key: string, value: string): Promise<void> {
    this.beforeStore();
    if (this.mood === "refuse") throw new Error("the keychain is locked");
    if (this.mood === "fine") this.kept.set(key, value);
  }

  async delete(key: string): Promise<void> {
    if (this.mood === "refuse") throw new Error("the keychain is locked");
    this.kept.delete(key);
  }
}

/** Keeps JSON text, so that nothing survives that would not survive a restart. */
export class MemoryState implements StateStore {
  readonly kept = new Map<string, string>();

  get<T>(key: string): T | undefined {
    const text = this.kept.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.kept.delete(key);
    else this.kept.set(key, JSON.stringify(value));
  }
}

export class MemoryFolder implements Folder {
  readonly files = new Map<string, Uint8Array>();
  isFull = false;
  private working: Promise<unknown> = Promise.resolve();

  pathOf(name: string): string {
    return `/memory/${name}`;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.files.get(name);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    if (this.isFull) throw new ComputeError("diskFull", { path: name });
    this.files.set(name, bytes);
  }

  async list(): Promise<string[]> {
    return [...this.files.keys()].sort();
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async version(name: string): Promise<string | undefined> {
    const bytes = this.files.get(name);
    return bytes && this.text(name);
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = this.working.then(work, work);
    this.working = next.catch(() => undefined);
    return next;
  }

  text(name: string): string {
    return new TextDecoder().decode(this.files.get(name));
  }
}

/** Answers every confirmation the same way and remembers what was asked. */
export class TestDialogs implements Dialogs {
  readonly asked: Confirmation[] = [];
  constructor(public answer: boolean | (() => Promise<boolean>) = true) {}

  async confirm(confirmation: Confirmation): Promise<boolean> {
    this.asked.push(confirmation);
    return typeof this.answer === "boolean" ? this.answer : this.answer();
  }
}

export interface TestSettings extends Settings {
  set(values: Record<string, unknown>): void;
}

/** Raw values by name ("limits.perDay"), checked like the user's. */
export function testSettings(values: Record<string, unknown> = {}): TestSettings {
  const changed = new Emitter<void>();
  const current: Record<string, unknown> = { ...values };
  return {
    ...createSettings({
      get: (name) => current[name],
      everywhere: (name) => [current[name]],
      onDidChange: changed.event,
    }),
    set: (more) => {
      Object.assign(current, more);
      changed.fire();
    },
  };
}

/** Time stands still until it is told to go on. */
export class TestClock implements Clock {
  private sleeping: { readonly until: number; readonly wake: () => void }[] = [];
  constructor(private time = Date.UTC(2026, 0, 15, 12)) {}

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.sleeping = this.sleeping.filter((other) => other !== entry);
        reject(cancelled());
      };
      const wake = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const entry = { until: this.time + ms, wake };
      this.sleeping.push(entry);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  after(ms: number, call: () => void): Stop {
    const entry = { until: this.time + ms, wake: call };
    this.sleeping.push(entry);
    return () => (this.sleeping = this.sleeping.filter((other) => other !== entry));
  }

  /** What sleeps goes on for as long as it was to: timers run by another clock. */
  putBack(ms: number): void {
    this.time -= ms;
    this.sleeping = this.sleeping.map(({ until, wake }) => ({ until: until - ms, wake }));
  }

  get sleepers(): number {
    return this.sleeping.length;
  }

  /** Wakes, in order, whoever's time has come; what they start runs before this resolves. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = this.sleeping.filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.until);
      this.sleeping = this.sleeping.filter((entry) => entry !== next);
      next.wake();
      await settled();
    }
    this.time = end;
    await settled();
  }
}

/** Lets everything that is ready run; for work without I/O. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Real sandboxes inside the test's process, and what a test may want to do to them. A second window joins the first one's. */
export class TestLauncher implements SandboxLauncher {
  starts = 0;
  running: Awaited<ReturnType<typeof startSandboxInProcess>> | undefined;
  lastUpstream: unknown;
  failure: string | undefined;
  /** Set before the start: whoever stands between the services and the chain, by the URL of each. */
  relay: ((rpcUrl: string) => Promise<string>) | undefined;
  private ended = new Emitter<string>();

  async start({ upstream, anew, signal }: Parameters<SandboxLauncher["start"]>[0]): Promise<SandboxProcess> {
    this.lastUpstream = upstream;
    if (anew) await this.stop();
    if (anew === "fresh") this.failure = undefined;
    const other = await this.join();
    if (other) return other;
    this.starts++;
    if (this.failure !== undefined) throw new ComputeError("sandboxFailed", { detail: this.failure });
    const sandbox = await startSandboxInProcess();
    if (signal?.aborted) {
      await sandbox.stop();
      throw cancelled();
    }
    this.running = sandbox;
    const ended = new Emitter<string>();
    this.ended = ended;
    const rpcUrl = (await this.relay?.(sandbox.ready.rpcUrl)) ?? sandbox.ready.rpcUrl;
    return {
      ready: { ...sandbox.ready, rpcUrl },
      onDidExit: ended.event,
      isJoined: false,
      stop: () => this.stop(),
    };
  }

  async join(): Promise<SandboxProcess | undefined> {
    if (!this.running) return undefined;
    const { ready } = this.running;
    return { ready, onDidExit: this.ended.event, isJoined: true, stop: async () => undefined };
  }

  /** Ends it as a crash would. */
  async crash(lastWords: string): Promise<void> {
    await this.stop();
    this.ended.fire(lastWords);
  }

  async stop(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    await running?.stop();
  }
}

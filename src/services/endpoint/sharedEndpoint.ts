// One local endpoint for all windows of a user: which of them serves, that it goes on after a reload, and that stopping it stops it for all.
// A file says that it shall run, and where programs find it; a lock says which window serves. Windows look at both again and again.
import type { Clock } from "../../domain/clock.js";
import { ComputeError, toComputeError } from "../../domain/error.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import type { Log } from "../../domain/log.js";
import type { Folder, OperationLock } from "../ports.js";
import { record } from "./asked.js";
import { PortTakenError, type EndpointService } from "./endpoint.js";

export type Standing =
  | { readonly kind: "off" }
  /** Programs ask this window, or another one of this user. */
  | { readonly kind: "here" | "elsewhere"; readonly port: number }
  /** It shall run and cannot; it is tried again. `port`: another program has it. */
  | { readonly kind: "blocked"; readonly error: ComputeError; readonly port?: number };

export interface SharedEndpointOptions {
  readonly service: Pick<EndpointService, "port" | "start" | "stop">;
  readonly folder: Folder;
  /** Undefined while another window serves. */
  readonly lock: () => Promise<OperationLock | undefined>;
  readonly clock: Clock;
  readonly log: Log;
}

/** There while it shall run. */
export const runFile = "running.json";
const lookMs = 2_000;
/** Longer than a window that was told to stop takes for it. */
const patienceMs = 10_000;
const lookAgainMs = 100;

export class SharedEndpoint implements Disposable {
  private readonly changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly ending = new AbortController();
  private current: Standing = { kind: "off" };
  private lock: OperationLock | undefined;
  private working: Promise<unknown> = Promise.resolve();
  private watching: Promise<void> | undefined;

  constructor(private readonly options: SharedEndpointOptions) {}

  get standing(): Standing {
    return this.current;
  }

  /** Where programs find it, whichever window serves. */
  get port(): number | undefined {
    return this.current.kind === "here" || this.current.kind === "elsewhere" ? this.current.port : undefined;
  }

  /** By the user: from now on it shall run, over restarts too. Throws `badSetting` when the port of the settings cannot be had. */
  start(): Promise<Standing> {
    return this.alone(async () => {
      const other = await this.takeOrFind();
      if (other !== undefined) this.set({ kind: "elsewhere", port: other });
      else await this.serve();
      this.watching ??= this.watch();
      return this.current;
    });
  }

  /** Runs on where it shall run, and goes on looking whether it shall. */
  async resume(): Promise<void> {
    try {
      await this.alone(() => this.look());
    } finally {
      this.watching ??= this.watch();
    }
  }

  /** By the user: in whichever window it runs, and until it is started again. */
  stop(): Promise<void> {
    return this.alone(async () => {
      await this.options.folder.remove(runFile);
      await this.leave({ kind: "off" });
    });
  }

  /** Of this window alone: another one follows, or the next start. */
  async close(): Promise<void> {
    this.ending.abort();
    await this.alone(() => this.leave({ kind: "off" }));
  }

  dispose(): void {
    this.ending.abort();
    this.changed.dispose();
  }

  /** The lock is ours, or the port of the window that has it. One that was just told to stop has neither for a moment. */
  private async takeOrFind(): Promise<number | undefined> {
    const { folder, clock } = this.options;
    const since = clock.now();
    for (;;) {
      this.lock ??= await this.options.lock();
      if (this.lock) return undefined;
      const port = await this.told();
      if (port !== undefined) return port;
      if (clock.now() - since > patienceMs)
        throw new ComputeError("badFile", { path: folder.pathOf(runFile), detail: "in use" });
      await clock.sleep(lookAgainMs, this.ending.signal);
    }
  }

  private async serve(told?: number): Promise<void> {
    const { service } = this.options;
    try {
      const port = await service.start(told);
      if (port !== told) await this.tell(port);
      this.set({ kind: "here", port });
    } catch (error) {
      await this.leave(this.current);
      throw error;
    }
  }

  /** Does what the file and the lock say by now. */
  private async look(): Promise<void> {
    const told = await this.told();
    if (told === undefined) return this.leave({ kind: "off" });
    // This process slept for so long that another window took it for dead.
    if (this.lock && !(await this.lock.isHeld())) await this.leave({ kind: "elsewhere", port: told });
    this.lock ??= await this.options.lock();
    if (!this.lock) return this.set({ kind: "elsewhere", port: told });
    const { port } = this.options.service;
    if (port !== undefined) return told === port ? undefined : this.tell(port);
    try {
      await this.serve(told);
    } catch (error) {
      const taken = error instanceof PortTakenError ? { port: error.port } : {};
      this.set({ kind: "blocked", error: toComputeError(error), ...taken });
    }
  }

  private async leave(standing: Standing): Promise<void> {
    const { lock } = this;
    this.lock = undefined;
    this.set(standing);
    if (!lock) return;
    await this.options.service.stop();
    await lock.release();
  }

  /** The port that programs were told; undefined when it shall not run. A file that is damaged tells of no port: any will do. */
  private async told(): Promise<number | undefined> {
    const bytes = await this.options.folder.read(runFile);
    if (!bytes) return undefined;
    try {
      const port = record(JSON.parse(new TextDecoder().decode(bytes)))?.port;
      return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
    } catch {
      return 0;
    }
  }

  private tell(port: number): Promise<void> {
    return this.options.folder.write(runFile, new TextEncoder().encode(JSON.stringify({ port })));
  }

  private async watch(): Promise<void> {
    const { clock, log } = this.options;
    const { signal } = this.ending;
    while (!signal.aborted) {
      await clock.sleep(lookMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      // What cannot be read now changes nothing: what runs goes on.
      await this.alone(() => this.look()).catch((error: unknown) => log.error("The local endpoint", error));
    }
  }

  private set(standing: Standing): void {
    const before = this.current;
    this.current = standing;
    if (standing.kind !== before.kind || portOf(standing) !== portOf(before)) this.changed.fire();
  }

  /** One after the other. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.working.then(work, work);
    this.working = next.catch(() => undefined);
    return next;
  }
}

function portOf(standing: Standing): number | undefined {
  return "port" in standing ? standing.port : undefined;
}

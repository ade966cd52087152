// How fast the trainer walks through its stages, and where it stops: set by the control API, in force at once.
import type { TaskStage } from "../../domain/fineTuning.js";
import type { FineTuningPace } from "../control.js";
import type { Faults } from "../faults.js";

/** Between two looks at a stage: short enough for a demonstration, long enough to be seen; or a minute, as on the network. */
const fastMs = 200;
const realMs = 60_000;

export interface PaceOptions {
  /** The trainer's address: the target of its faults. */
  readonly target: string;
  readonly faults: Faults;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  readonly read: () => unknown;
  readonly write: (pace: FineTuningPace) => void;
}

export class Pace {
  private kept: FineTuningPace;
  private alarm = new AbortController();

  constructor(private readonly options: PaceOptions) {
    this.kept = (options.read() as FineTuningPace | undefined) ?? { pace: "fast" };
    options.faults.onDidChange(() => this.wake());
  }

  get current(): FineTuningPace {
    return this.kept;
  }

  set(pace: FineTuningPace): void {
    this.kept = pace;
    this.options.write(pace);
    this.wake();
  }

  /** Something has changed: nobody waits any longer, at the real pace either. */
  wake(): void {
    this.alarm.abort();
    this.alarm = new AbortController();
  }

  /** Until the next look, or until somebody wakes us. Rejects when the sandbox ends. */
  async pause(): Promise<void> {
    const { sleep, signal } = this.options;
    const ms = this.kept.pace === "fast" ? fastMs : realMs;
    await sleep(ms, AbortSignal.any([signal, this.alarm.signal])).catch(() => undefined);
    signal.throwIfAborted();
  }

  /** Until somebody wakes us: there is nothing to look at. Rejects when the sandbox ends. */
  async rest(): Promise<void> {
    const { signal } = this.options;
    const awake = AbortSignal.any([signal, this.alarm.signal]);
    await new Promise<void>((resolve) => awake.addEventListener("abort", () => resolve(), { once: true }));
    signal.throwIfAborted();
  }

  /** Whether tasks stay in that stage. */
  stopsAt(stage: TaskStage): boolean {
    const { faults, target } = this.options;
    const stuck = faults.peek(target, "stuck");
    return this.kept.stopAt === stage || (stuck !== undefined && (stuck.value ?? "Training") === stage);
  }

  /** Waits for as long as tasks stay in that stage. */
  async hold(stage: TaskStage): Promise<void> {
    while (this.stopsAt(stage)) await this.pause();
  }

  /** Waits for as long as calls like that one are held. */
  async holdCall(method: string, path: string): Promise<void> {
    while (isHeld(this.kept.holdCalls, method, path)) await this.rest();
  }
}

function isHeld(held: string | undefined, method: string, path: string): boolean {
  const [part, only = method] = (held ?? "").split(" ").reverse();
  return part !== undefined && part !== "" && only === method && path.includes(part);
}

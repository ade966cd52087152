// The misbehaviours that can be switched on at run time. The control API sets them; chain, providers and storage ask for them.
import { Emitter, type Event } from "../domain/event.js";

/** Every fault name of spec/sandbox.md section 3; more may be added, these stay. */
export const faultNames = [
  // providers
  "tamper-text",
  "wrong-key",
  "other-bytes",
  "no-signature",
  "late-signature",
  "error-200",
  "rate-limit",
  "rate-limit-body",
  "cut-stream",
  "slow-stream",
  "rewrite-request",
  "status",
  "html",
  "hang",
  "refuse",
  "wrong-quote",
  "rotate-signer",
  "switch-signer-mid-stream",
  "parameters",
  // pictures and speech
  "no-async",
  "slow-job",
  "fail-job",
  "retry-after",
  "slow-upload",
  "formats",
  "not-an-image",
  "huge-answer",
  // fine-tuning
  "stuck",
  "fail-training",
  "corrupt-file",
  "bad-header-signature",
  "root-kind",
  "never-settle",
  "overcharge",
  "settle-without-key",
  "penalty-now",
  "file-gone",
  "queue",
  // chain
  "rpc-timeout-before",
  "rpc-timeout-after",
  "rpc-drop",
  "rpc-duplicate",
  "rpc-wrong-chain",
  "rpc-garbage",
  "rpc-rate-limit",
  "no-mining",
  // storage
  "node-down",
  "bad-proof",
  "forged-short-proof",
  "slow",
  "full",
  "cut-download",
  "busy",
  "drop-upload",
  "wrong-index",
  "wrong-root",
  "short-segment",
  "no-segment",
  "wrong-size",
  "never-final",
  "late-entry",
  "wrong-flow",
  "wrong-chain",
] as const;

export type FaultName = (typeof faultNames)[number];
export type FaultValue = string | number | boolean;

/** One fault that is on. `times` counts the calls it still has; absent means until it is cleared. */
export interface ActiveFault {
  target: string;
  fault: FaultName;
  value?: FaultValue;
  times?: number;
}

/** What a call that runs into a fault gets to know. */
export interface FaultHit {
  fault: FaultName;
  value?: FaultValue;
}

/** The caller named a fault, a target or a count that does not exist; the control API answers 400. */
export class BadFault extends Error {}

const known: ReadonlySet<string> = new Set(faultNames);
const targetPattern = /^(?:\*|chain|storage|0x[0-9a-f]{40})$/;

export class Faults {
  private readonly active = new Map<string, ActiveFault>();
  private readonly changed = new Emitter<void>();

  /** Fires after `set`, after `clear`, and when the last of a fault's `times` was taken. */
  readonly onDidChange: Event<void> = this.changed.event;

  /**
   * Switches a fault on; the same fault of the same target is replaced.
   * `target` is a provider address, `chain`, `storage` or `*` (everyone). Throws BadFault.
   */
  set(target: string, fault: string, value?: FaultValue, times?: number): void {
    const where = target.toLowerCase();
    if (!targetPattern.test(where)) throw new BadFault(`unknown target ${JSON.stringify(target)}`);
    if (!known.has(fault)) throw new BadFault(`unknown fault ${JSON.stringify(fault)}`);
    if (times !== undefined && !(Number.isSafeInteger(times) && times > 0))
      throw new BadFault("times is a whole number above 0");
    this.active.set(`${where} ${fault}`, { target: where, fault: fault as FaultName, value, times });
    this.changed.fire();
  }

  /** All off. */
  clear(): void {
    this.active.clear();
    this.changed.fire();
  }

  /**
   * Asks whether the fault strikes this call, and counts it. A fault of the target itself goes before one of `*`.
   * `applies` sees the fault's value and may say that this call is not meant: then nothing is counted.
   */
  take(
    target: string,
    fault: FaultName,
    applies: (value: FaultValue | undefined) => boolean = () => true,
  ): FaultHit | undefined {
    for (const where of [target.toLowerCase(), "*"]) {
      const key = `${where} ${fault}`;
      const entry = this.active.get(key);
      if (!entry || !applies(entry.value)) continue;
      if (entry.times !== undefined && --entry.times === 0) {
        this.active.delete(key);
        this.changed.fire();
      }
      return { fault, value: entry.value };
    }
    return undefined;
  }

  /** Like `take`, without counting: for what goes on for as long as the fault is on. */
  peek(target: string, fault: FaultName): FaultHit | undefined {
    const entry = this.active.get(`${target.toLowerCase()} ${fault}`) ?? this.active.get(`* ${fault}`);
    return entry && { fault, value: entry.value };
  }

  /** Is the fault on? */
  isOn(target: string, fault: FaultName): boolean {
    return this.active.has(`${target.toLowerCase()} ${fault}`) || this.active.has(`* ${fault}`);
  }

  /** What is on now, as copies. */
  list(): ActiveFault[] {
    return [...this.active.values()].map((entry) => ({ ...entry }));
  }
}

// The journal of an emptying, and how it is told from it.
import type { KeptError } from "../../domain/chat.js";
import type { Neuron } from "../../domain/money.js";
import type { Scope } from "../wallets/scope.js";
import type { ProviderId } from "../../domain/ids.js";
import { revived } from "./records.js";
import { emptyingSteps, type Emptying, type EmptyingStepName, type RunId } from "./types.js";

export type NewEmptyingRecord =
  | {
      readonly kind: "begun";
      readonly version: 1;
      readonly scope: Scope;
      readonly provider: ProviderId;
      readonly newLedger: Neuron;
    }
  | { readonly kind: "result"; readonly step: EmptyingStepName; readonly unlocksAt?: number }
  | { readonly kind: "failure"; readonly step: EmptyingStepName; readonly error: KeptError };

export type EmptyingRecord = NewEmptyingRecord & { readonly at: number };

export type JournalledEmptying = Emptying & { readonly newLedger: Neuron };

/** Undefined for what is no journal of an emptying. */
export function emptyingFromRecords(id: RunId, plain: readonly unknown[]): JournalledEmptying | undefined {
  const [first, ...rest] = plain.map((one) => revived(one)).filter(isRecord);
  if (first?.kind !== "begun") return undefined;
  const { scope, provider, newLedger, at } = first;
  const steps = emptyingSteps.map((name) => ({ name, state: "waiting" as const }));
  const begun: JournalledEmptying = { id, scope, provider, newLedger, state: "paused", steps, createdAt: at };
  const emptying = rest.reduce(fold, begun);
  return { ...emptying, state: stateOf(emptying) };
}

export function nextEmptyingStep({ steps }: Pick<Emptying, "steps">): EmptyingStepName | undefined {
  return steps.find(({ state }) => state !== "done")?.name;
}

function fold(before: JournalledEmptying, record: EmptyingRecord): JournalledEmptying {
  if (record.kind === "begun") return before;
  const { step: name, at: endedAt } = record;
  const after =
    record.kind === "result"
      ? ({ name, state: "done", endedAt } as const)
      : ({ name, state: "failed", endedAt, error: record.error } as const);
  const unlocksAt = record.kind === "result" ? (record.unlocksAt ?? before.unlocksAt) : before.unlocksAt;
  return {
    ...before,
    ...(unlocksAt === undefined ? {} : { unlocksAt }),
    steps: before.steps.map((step) => (step.name === name ? after : step)),
  };
}

function stateOf({ steps }: Pick<Emptying, "steps">): Emptying["state"] {
  const next = steps.find(({ state }) => state !== "done");
  if (!next) return "done";
  if (next.state === "failed") return "failed";
  return next.name === "unlock" ? "waiting" : "paused";
}

function isRecord(value: unknown): value is EmptyingRecord {
  if (typeof value !== "object" || value === null) return false;
  const { kind, at, step, newLedger } = value as Record<string, unknown>;
  if (typeof at !== "number") return false;
  if (kind === "begun") return typeof newLedger === "bigint";
  return (kind === "result" || kind === "failure") && emptyingSteps.some((name) => name === step);
}

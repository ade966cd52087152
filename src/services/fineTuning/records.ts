// What a run's journal holds, one record a line, and how a run is told from it. A journal may be of an older version or edited by hand.
import type { KeptError } from "../../domain/chat.js";
import type { DownloadMethod, ModelFileCheck } from "../../domain/fineTuning.js";
import type { TaskId, TransactionHash } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { ModelReceiptKept } from "../../domain/receipt.js";
import {
  type FineTuningRun,
  type RunFiles,
  type RunId,
  type RunStep,
  type RunStepName,
  runSteps,
} from "./types.js";

/** What a run is from its first record on. */
export type RunBeginning = Pick<
  FineTuningRun,
  | "scope"
  | "origin"
  | "provider"
  | "model"
  | "dataset"
  | "destination"
  | "datasetHash"
  | "trainingParams"
  | "feeCeiling"
  | "taskId"
  | "outputFolder"
> & {
  /** What the sub-account is brought to. */
  readonly wanted?: Neuron;
  readonly skipped: readonly RunStepName[];
};

/** What a step found out or made. */
export interface StepFacts {
  readonly datasetHash?: string;
  readonly taskId?: TaskId;
  readonly check?: ModelFileCheck;
  readonly method?: DownloadMethod;
  readonly files?: RunFiles;
  readonly adapter?: string;
  readonly transaction?: TransactionHash;
  readonly settledFee?: Neuron;
  readonly settledBy?: TransactionHash;
  /** There was nothing to do. */
  readonly isSkipped?: boolean;
}

export type NoticeTold = "delivered" | "halfTime" | "oneHour" | "acknowledged" | "missed" | "failed";

/** `at`: milliseconds since 1970. An intent is on disk before anything of its step happens, a result after all of it did. */
export type RunRecord =
  | ({ readonly kind: "begun"; readonly version: 1; readonly at: number } & RunBeginning)
  | { readonly kind: "intent"; readonly step: RunStepName; readonly at: number; readonly nonce?: bigint }
  /** The transaction of the step is on its way. */
  | {
      readonly kind: "sent";
      readonly step: RunStepName;
      readonly at: number;
      readonly transaction: TransactionHash;
    }
  | ({ readonly kind: "result"; readonly step: RunStepName; readonly at: number } & StepFacts)
  | { readonly kind: "failure"; readonly step: RunStepName; readonly at: number; readonly error: KeptError }
  /** The user stopped it, or said no. */
  | { readonly kind: "stopped"; readonly step: RunStepName; readonly at: number }
  /** The step is wanted (again): deploy, or a download of a file that is gone. */
  | {
      readonly kind: "wanted";
      readonly step: RunStepName;
      readonly at: number;
      readonly outputFolder?: string;
    }
  /** What the user was told the model costs, before the transaction went out that lets the provider take it. */
  | { readonly kind: "agreed"; readonly fee: Neuron; readonly at: number }
  | { readonly kind: "told"; readonly what: NoticeTold; readonly at: number }
  /** The receipt of the model is on disk. */
  | ({ readonly kind: "receipt"; readonly at: number } & ModelReceiptKept)
  | {
      readonly kind: "ended";
      readonly ending: NonNullable<FineTuningRun["ending"]>;
      readonly at: number;
      readonly error?: KeptError;
      readonly settledFee?: Neuron;
      readonly settledBy?: TransactionHash;
    };

/** A run as its journal tells it, with what only the driver needs. */
export interface JournalledRun {
  readonly run: FineTuningRun;
  readonly wanted?: Neuron;
  /** Steps with an intent whose end nobody knows: it may have happened. */
  readonly openSteps: ReadonlySet<RunStepName>;
  readonly told: ReadonlySet<NoticeTold>;
}

/** A record as plain JSON; a bigint becomes `{"$neuron": "123"}`, as in conversations. */
export function toPlain(record: RunRecord): unknown {
  return JSON.parse(
    JSON.stringify(record, (_key, value: unknown) =>
      typeof value === "bigint" ? { $neuron: value.toString() } : value,
    ),
  );
}

/** Undefined for what is no journal of a run; records of kinds and steps that are not known are passed over. */
export function runFromRecords(id: RunId, plain: readonly unknown[]): JournalledRun | undefined {
  const records = plain.map((one) => revived(one)).filter(isRecord);
  const first = records.find((record) => record.kind === "begun");
  if (!first) return undefined;
  const journalled = records.filter((record) => record !== first).reduce(fold, begun(id, first));
  const damagedLines = unreadable(plain);
  return damagedLines === 0 ? journalled : { ...journalled, run: { ...journalled.run, damagedLines } };
}

/** Lines that are no record of any version. */
export function unreadable(plain: readonly unknown[]): number {
  return plain.filter((one) => one === undefined).length;
}

function begun(id: RunId, record: Extract<RunRecord, { kind: "begun" }>): JournalledRun {
  const { at, wanted, skipped } = record;
  const { scope, origin, provider, model, dataset, destination, datasetHash } = record;
  const { trainingParams, feeCeiling, taskId, outputFolder } = record;
  const steps = runSteps.map((name): RunStep => {
    const isSkipped = name === "deploy" || skipped.includes(name);
    return { name, state: isSkipped ? "skipped" : "waiting" };
  });
  return {
    run: {
      ...{ id, scope, origin, state: "paused", provider, model, dataset, destination, datasetHash },
      ...{ trainingParams, feeCeiling, taskId, outputFolder },
      ...{ steps, files: {}, createdAt: at, updatedAt: at },
    },
    ...(wanted === undefined ? {} : { wanted }),
    openSteps: new Set(),
    told: new Set(),
  };
}

function fold(before: JournalledRun, record: RunRecord): JournalledRun {
  const run = { ...before.run, updatedAt: record.at };
  switch (record.kind) {
    case "begun":
      return before;
    case "told":
      return { ...before, told: new Set([...before.told, record.what]) };
    case "receipt":
      return { ...before, run: { ...before.run, receipt: { id: record.id, state: record.state } } };
    case "agreed":
      return { ...before, run: { ...run, agreedFee: record.fee } };
    case "ended":
      return { ...before, run: { ...run, ending: record.ending, ...settled(record) } };
    case "wanted": {
      const { outputFolder = run.outputFolder } = record;
      const wanted = { ...run, ...(outputFolder === undefined ? {} : { outputFolder }) };
      return { ...before, run: withStep(wanted, record.step, { name: record.step, state: "waiting" }) };
    }
    case "sent":
      return { ...before, run: changeStep(run, record.step, { transaction: record.transaction }) };
    case "stopped":
      return { ...before, run: changeStep(run, record.step, { isStopped: true }) };
    case "intent": {
      const openSteps = new Set([...before.openSteps, record.step]);
      const nonce = record.nonce ?? run.nonce;
      const transaction = openTransaction(before, record.step);
      const step: RunStep = {
        ...{ name: record.step, state: "waiting", startedAt: record.at },
        ...(transaction ? { transaction } : {}),
      };
      return {
        ...before,
        openSteps,
        run: withStep({ ...run, ...(nonce ? { nonce } : {}) }, step.name, step),
      };
    }
    case "failure": {
      const failed = { state: "failed", error: record.error, endedAt: record.at } as const;
      return {
        ...before,
        openSteps: isOver(before, record) ? less(before.openSteps, record) : before.openSteps,
        run: changeStep(run, record.step, failed),
      };
    }
    case "result":
      return { ...before, openSteps: less(before.openSteps, record), run: withResult(run, record) };
  }
}

/** Whoever lost sight of a transaction that was out does not know its end; the chain's refusal is one. */
function isOver(before: JournalledRun, { step, error }: Extract<RunRecord, { kind: "failure" }>): boolean {
  return openTransaction(before, step) === undefined || error.code === "rejectedByChain";
}

/** Sent, by an attempt whose end nobody knows. */
function openTransaction({ run, openSteps }: JournalledRun, name: RunStepName): TransactionHash | undefined {
  return openSteps.has(name) ? run.steps.find((step) => step.name === name)?.transaction : undefined;
}

function withResult(run: FineTuningRun, record: Extract<RunRecord, { kind: "result" }>): FineTuningRun {
  const { step, at, datasetHash, taskId, check, files, adapter, transaction, isSkipped } = record;
  const next = changeStep(run, step, {
    state: isSkipped === true ? "skipped" : "done",
    endedAt: at,
    error: undefined,
    ...(transaction ? { transaction } : {}),
  });
  return {
    ...next,
    ...(datasetHash === undefined ? {} : { datasetHash }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(check === undefined ? {} : { check }),
    ...(adapter === undefined ? {} : { adapter }),
    ...settled(record),
    files: { ...run.files, ...files },
  };
}

type Settled = "settledFee" | "settledBy";

function settled({ settledFee, settledBy }: Pick<StepFacts, Settled>): Pick<FineTuningRun, Settled> {
  return {
    ...(settledFee === undefined ? {} : { settledFee }),
    ...(settledBy === undefined ? {} : { settledBy }),
  };
}

function changeStep(run: FineTuningRun, name: RunStepName, change: Partial<RunStep>): FineTuningRun {
  const step = run.steps.find((candidate) => candidate.name === name);
  return step ? withStep(run, name, { ...step, ...change }) : run;
}

function withStep(run: FineTuningRun, name: RunStepName, step: RunStep): FineTuningRun {
  return { ...run, steps: run.steps.map((candidate) => (candidate.name === name ? step : candidate)) };
}

function less(steps: ReadonlySet<RunStepName>, { step }: { step: RunStepName }): ReadonlySet<RunStepName> {
  return new Set([...steps].filter((name) => name !== step));
}

/** Plain JSON of a journal, its amounts made bigint again. */
export function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const { $neuron } = value as { $neuron?: unknown };
  if (typeof $neuron === "string" && /^-?\d{1,80}$/.test($neuron)) return BigInt($neuron);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner)]));
}

const kinds = [
  "begun",
  "intent",
  "sent",
  "result",
  "failure",
  "stopped",
  "wanted",
  "agreed",
  "told",
  "receipt",
  "ended",
];

function isRecord(value: unknown): value is RunRecord {
  if (typeof value !== "object" || value === null) return false;
  const { kind, at, step } = value as { kind?: unknown; at?: unknown; step?: unknown };
  if (typeof kind !== "string" || !kinds.includes(kind) || typeof at !== "number") return false;
  if (step !== undefined && !runSteps.some((name) => name === step)) return false;
  return kind !== "begun" || isBeginning(value as Record<string, unknown>);
}

function isBeginning(value: Record<string, unknown>): boolean {
  const { scope, provider, model, skipped, trainingParams, origin } = value;
  return (
    value.version === 1 &&
    typeof scope === "object" &&
    scope !== null &&
    typeof provider === "string" &&
    typeof model === "object" &&
    model !== null &&
    Array.isArray(skipped) &&
    typeof trainingParams === "string" &&
    (origin === "here" || origin === "elsewhere")
  );
}

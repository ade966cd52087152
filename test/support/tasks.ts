// Fine-tuning tasks with sensible contents; a test names only what it is about.
import type { Adapter, Deliverable, ModelFileCheck, TrainingTask } from "../../src/domain/fineTuning.js";
import type { Hash, TaskId } from "../../src/domain/ids.js";
import {
  runSteps,
  type FineTuningRun,
  type ModelItem,
  type RunId,
  type RunStep,
  type RunStepName,
  type StuckState,
  type TaskItem,
} from "../../src/services/fineTuning/types.js";
import type { TaskFacts, Telling } from "../../src/view/fineTuning/taskFacts.js";
import { english } from "../../src/view/translate.js";
import { address, noon, og } from "./builders.js";

const minute = 60_000;
export const hour = 60 * minute;
export const taskId = "3e2911d9-cdbe-40c7-a074-784684015adb" as TaskId;
export const hash = (digit: string): Hash => `0x${digit.repeat(64)}` as Hash;

export const telling = (now = noon): Telling => ({
  t: english,
  now,
  moment: (at) => new Date(at).toISOString().slice(0, 16).replace("T", " "),
});

export function aTask(part: Partial<TrainingTask> = {}): TrainingTask {
  const stage = part.stage ?? "Training";
  return {
    id: taskId,
    provider: address("a"),
    user: address("c"),
    createdAt: noon - 20 * minute,
    updatedAt: noon - 5 * minute,
    stage,
    stageText: stage,
    modelHash: hash("b"),
    datasetHash: hash("d"),
    trainingParams: `{"neftune_noise_alpha":5,"num_train_epochs":2,"per_device_train_batch_size":2,"learning_rate":0.0002,"max_steps":-1}`,
    fee: og("0.0123"),
    nonce: 17_690_000_000_000_040n,
    signature: "0x00",
    deliverTime: 0,
    ...part,
  };
}

export function aDeliverable(part: Partial<Deliverable> = {}): Deliverable {
  return {
    id: taskId,
    modelRootHash: hash("e"),
    encryptedSecret: "0x",
    isAcknowledged: false,
    isSettled: false,
    timestamp: noon / 1000 - 3600,
    ...part,
  };
}

/** Settled, with a key. */
export function aFinishedDeliverable(part: Partial<Deliverable> = {}): Deliverable {
  return aDeliverable({
    isAcknowledged: true,
    isSettled: true,
    encryptedSecret: `0x${"5".repeat(258)}`,
    ...part,
  });
}

export function aCheck(part: Partial<ModelFileCheck> = {}): ModelFileCheck {
  return {
    rootKind: "merkle",
    hash: hash("e"),
    signer: address("f"),
    isCurrentSigner: true,
    size: 1_234_567,
    chunks: 1,
    ...part,
  };
}

export function anAdapter(part: Partial<Adapter> = {}): Adapter {
  return {
    name: "ft-Qwen2-5-0-5B-Instruct-3e2911d9-cdb",
    taskId,
    baseModel: "Qwen2.5-0.5B-Instruct",
    state: "active",
    user: address("c"),
    storageRoot: hash("e"),
    ...part,
  };
}

const done: readonly RunStepName[] = ["deposit", "transfer", "acknowledgeSigner", "upload", "createTask"];

/** Of a run whose task is created, unless `steps` says otherwise. */
export function someSteps(change: Partial<Record<RunStepName, Partial<RunStep>>> = {}): readonly RunStep[] {
  return runSteps.map((name) => ({
    name,
    state: done.includes(name) ? "done" : name === "deploy" ? "skipped" : "waiting",
    ...change[name],
  }));
}

export function aRun(part: Partial<FineTuningRun> = {}): FineTuningRun {
  return {
    id: "run1" as RunId,
    scope: { network: "testnet", networkKey: "testnet", wallet: address("c") },
    origin: "here",
    state: "waiting",
    provider: address("a"),
    model: { name: "Qwen2.5-0.5B-Instruct", hash: hash("b") },
    dataset: { path: "/work/data/support.jsonl", size: 20_000, rows: 64, keccak: hash("d") },
    destination: "tee",
    datasetHash: hash("d"),
    trainingParams: aTask().trainingParams,
    feeCeiling: og("0.02"),
    taskId,
    steps: someSteps(),
    files: {},
    createdAt: noon - 21 * minute,
    updatedAt: noon - 5 * minute,
    ...part,
  };
}

function aTaskItem(part: Partial<TaskItem> = {}): TaskItem {
  return {
    provider: address("a"),
    id: taskId,
    task: aTask(),
    stages: [
      { stage: "SettingUp", at: noon - 18 * minute },
      { stage: "SetUp", at: noon - 12 * minute },
      { stage: "Training", at: noon - 5 * minute },
    ],
    run: aRun(),
    differences: [],
    ...part,
  };
}

export function aModel(part: Partial<ModelItem> = {}): ModelItem {
  return {
    lineage: {
      provider: address("a"),
      taskId,
      baseModel: "Qwen2.5-0.5B-Instruct",
      baseModelHash: hash("b"),
      datasetHash: hash("d"),
      datasetRows: 64,
      trainingParams: aTask().trainingParams,
      modelRootHash: hash("e"),
      signer: address("f"),
      fee: og("0.0123"),
      deliveredAt: noon / 1000 - 3600,
    },
    state: "delivered",
    isAcknowledged: false,
    files: {},
    ...part,
  };
}

export function aStuckState(part: Partial<StuckState> = {}): StuckState {
  return {
    name: "deadQueue",
    provider: address("a"),
    cost: og("0.001"),
    seconds: 86_400,
    lost: ["model", "otherKeys"],
    waysOut: ["otherProvider", "emptyLedger", "otherWallet"],
    ...part,
  };
}

/** An item with its model, and the chain's clock at noon. */
export function taskFacts(item: Partial<TaskItem> = {}, model?: Partial<ModelItem>): TaskFacts {
  return {
    item: aTaskItem(item),
    terms: { lockTime: 86_400, penaltyPercentage: 30 },
    chainTime: { timestamp: noon / 1000, readAt: noon },
    ...(model ? { model: aModel(model) } : {}),
  };
}

/** Delivered so many hours ago, with the twelve hours of the usual lock time. */
export function deliveredFacts(hoursAgo: number, item: Partial<TaskItem> = {}): TaskFacts {
  const deliverable = aDeliverable({ timestamp: noon / 1000 - hoursAgo * 3600 });
  const deadline = deliverable.timestamp + 12 * 3600;
  return taskFacts({ task: aTask({ stage: "Delivered" }), deliverable, deadline, ...item });
}

const paid = someSteps({ download: { state: "done" }, acknowledge: { state: "done" } });
const finished = {
  task: aTask({ stage: "Finished" }),
  deliverable: aFinishedDeliverable(),
  run: aRun({ steps: paid }),
};
const wrongFile = {
  code: "verificationFailed",
  facts: { what: "model", why: "hash", provider: address("a") },
} as const;

/** One in each state that looks different. */
export const taskScenes = {
  created: taskFacts({
    task: aTask({ stage: "Init", fee: og("0"), updatedAt: noon - 20 * minute }),
    stages: [],
    tasksBefore: 3,
  }),
  training: taskFacts(),
  delivered: deliveredFacts(1),
  urgent: deliveredFacts(11.5, {
    run: aRun({ state: "failed", steps: someSteps({ download: { state: "failed", error: wrongFile } }) }),
  }),
  downloading: deliveredFacts(1, {
    run: aRun({
      state: "running",
      steps: someSteps({ download: { state: "running", progress: { done: 40, total: 100 } } }),
    }),
  }),
  settled: taskFacts(finished, { isAcknowledged: true, state: "downloaded", check: aCheck() }),
  deployed: taskFacts(finished, {
    isAcknowledged: true,
    state: "extracted",
    check: aCheck({ rootKind: "keccak" }),
    files: { folder: "/models/3e2911d9" },
    adapter: anAdapter(),
  }),
  penalty: taskFacts({
    task: aTask({ stage: "Finished" }),
    deliverable: aDeliverable({ isSettled: true }),
    stuck: aStuckState(),
  }),
  overcharged: taskFacts(
    {
      ...finished,
      run: aRun({ steps: paid, agreedFee: og("0.0123"), settledFee: og("0.02") }),
      overcharge: { agreed: og("0.0123"), settled: og("0.02") },
    },
    { isAcknowledged: true, state: "downloaded", check: aCheck() },
  ),
  failed: taskFacts({ task: aTask({ stage: "Failed" }) }),
  silent: taskFacts({ task: undefined, run: undefined, deliverable: aFinishedDeliverable(), stages: [] }),
  strange: taskFacts({
    task: aTask({ stage: "unknown", stageText: "Pau\u202Esed", trainingParams: "{not json" }),
    run: undefined,
    stages: [],
    differences: ["dataset", "parameters"],
  }),
} satisfies Readonly<Record<string, TaskFacts>>;

/** A log as a provider writes it: its own words, then the container's in one block. */
export function aLog(losses: readonly number[]): string {
  const lines = losses.map(
    (loss, index) =>
      `{'loss': ${loss.toFixed(4)}, 'grad_norm': 1.25, 'learning_rate': 0.0002, 'epoch': ${((index + 1) * 2) / losses.length}}`,
  );
  return [
    "[2026-01-15T11:40:00Z] creating task....",
    "[2026-01-15T11:42:00Z] There are 0 tasks in the queue ahead.",
    "[2026-01-15T11:55:00Z] Container logs:",
    ...lines,
    "{'train_runtime': 12.5, 'train_samples_per_second': 1.6, 'train_loss': 1.2345, 'epoch': 2.0}",
    "[2026-01-15T11:56:00Z] Training model for executor task 3e2911d9 successfully",
    "",
  ].join("\n");
}

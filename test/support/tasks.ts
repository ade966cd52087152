// Fine-tuning tasks with sensible contents; a test names only what it is about.
import type { Adapter, Deliverable, ModelFileCheck, TrainingTask } from "../../src/domain/fineTuning.js";
import type { Hash, TaskId } from "../../src/domain/ids.js";
import type { TaskFacts, Telling } from "../../src/view/taskFacts.js";
import { english } from "../../src/view/translate.js";
import { address, noon, og } from "./builders.js";

export const minute = 60_000;
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

export function taskFacts(part: Partial<TaskFacts> = {}): TaskFacts {
  return {
    task: aTask(),
    modelName: "Qwen2.5-0.5B-Instruct",
    seen: { SettingUp: noon - 18 * minute, SetUp: noon - 12 * minute, Training: noon - 5 * minute },
    terms: { lockTime: 86_400, penaltyPercentage: 30 },
    files: {},
    ...part,
  };
}

/** One in each state that looks different. */
export const taskScenes = {
  created: taskFacts({
    task: aTask({ stage: "Init", fee: og("0"), updatedAt: noon - 20 * minute }),
    seen: {},
    queue: 3,
  }),
  training: taskFacts(),
  delivered: taskFacts({ task: aTask({ stage: "Delivered" }), deliverable: aDeliverable() }),
  urgent: taskFacts({
    task: aTask({ stage: "Delivered" }),
    deliverable: aDeliverable({ timestamp: noon / 1000 - 11.5 * 3600 }),
    problem: { code: "verificationFailed", facts: { what: "model", why: "hash", provider: address("a") } },
  }),
  downloading: taskFacts({
    task: aTask({ stage: "Delivered" }),
    deliverable: aDeliverable(),
    work: { step: "download", fraction: 0.4 },
  }),
  settled: taskFacts({
    task: aTask({ stage: "Finished" }),
    deliverable: aFinishedDeliverable(),
    files: { encrypted: "/models/3e2911d9.bin", check: aCheck() },
  }),
  deployed: taskFacts({
    task: aTask({ stage: "Finished" }),
    deliverable: aFinishedDeliverable(),
    files: {
      encrypted: "/models/3e2911d9.bin",
      check: aCheck({ rootKind: "keccak" }),
      folder: "/models/3e2911d9",
    },
    adapter: anAdapter(),
  }),
  penalty: taskFacts({
    task: aTask({ stage: "Finished" }),
    deliverable: aDeliverable({ isSettled: true }),
    isDeadQueue: true,
  }),
  failed: taskFacts({ task: aTask({ stage: "Failed" }) }),
  strange: taskFacts({
    task: aTask({ stage: "unknown", stageText: "Pau\u202Esed", trainingParams: "{not json" }),
    modelName: undefined,
    seen: {},
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

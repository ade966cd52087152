// The trainer's book of tasks. A change is written down before anybody hears of it, so that a kill -9 loses none.
import { addressKey, sameAddress } from "../../domain/ids.js";
import type { TaskStage } from "../../domain/fineTuning.js";
import type { Files } from "./files.js";

/** What the user asked for, as it came. */
export interface TaskOrder {
  readonly userAddress: string;
  readonly preTrainedModelHash: string;
  readonly datasetHash: string;
  readonly trainingParams: string;
  readonly nonce: string;
  readonly signature: string;
}

/** A packed model: made once, so that a restart delivers the same one. */
export interface Parcel {
  /** Of the encrypted file; 0x hex. */
  readonly key: string;
  /** What is announced on chain, 0x hex; absent until the file is where the root says. */
  readonly root?: string;
}

export interface TaskRecord extends TaskOrder {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly progress: TaskStage;
  /** Neuron as decimal text. */
  readonly fee: string;
  /** Unix seconds of the chain; 0 before the delivery. */
  readonly deliverTime: number;
  /** Failed attempts of the stage it is in. */
  readonly attempts: number;
  readonly parcel?: Parcel;
}

/** Still in the queue (spec 7.3). */
const pending: ReadonlySet<TaskStage> = new Set(["Init", "SettingUp", "SetUp", "Training"]);
const over: ReadonlySet<TaskStage> = new Set(["Finished", "Failed"]);
/** What a process was in the middle of when it ended is begun again. */
const again: Partial<Record<TaskStage, TaskStage>> = {
  SettingUp: "Init",
  Training: "SetUp",
  Delivering: "Trained",
};

export class TaskBook {
  private readonly tasks = new Map<string, TaskRecord>();

  constructor(
    private readonly files: Files,
    /** Milliseconds since 1970. */
    private readonly now: () => number,
  ) {
    const kept = files.list("tasks").map((name) => files.readJson(`tasks/${name}`) as TaskRecord | undefined);
    const known = kept.filter((task) => task !== undefined);
    for (const task of known.sort((a, b) => a.createdAt - b.createdAt))
      this.tasks.set(task.id, { ...task, progress: again[task.progress] ?? task.progress });
  }

  /** Oldest first. */
  all(): TaskRecord[] {
    return [...this.tasks.values()];
  }

  of(user: string): TaskRecord[] {
    return this.all().filter((task) => addressKey(task.userAddress) === addressKey(user));
  }

  find(id: string): TaskRecord | undefined {
    return this.tasks.get(id);
  }

  /** The oldest in that stage. */
  oldest(stage: TaskStage): TaskRecord | undefined {
    return this.in(stage)[0];
  }

  in(...stages: readonly TaskStage[]): TaskRecord[] {
    return this.all().filter(({ progress }) => stages.includes(progress));
  }

  countPending(): number {
    return this.all().filter(({ progress }) => pending.has(progress)).length;
  }

  hasUnfinished(user: string): boolean {
    return this.of(user).some(({ progress }) => !over.has(progress));
  }

  /** True when nothing is left to do for any task. */
  isIdle(): boolean {
    return this.all().every(({ progress }) => over.has(progress));
  }

  add(id: string, order: TaskOrder): TaskRecord {
    const at = this.now();
    const state = { progress: "Init", fee: "0", deliverTime: 0, attempts: 0 } as const;
    return this.keep({ ...order, id, createdAt: at, updatedAt: at, ...state });
  }

  /** Moves a task on, if it still is where the caller thinks; undefined when it was cancelled meanwhile. */
  move(
    id: string,
    from: TaskStage,
    to: TaskStage,
    changes: Partial<Pick<TaskRecord, "fee" | "deliverTime" | "attempts">> = {},
  ): TaskRecord | undefined {
    const task = this.tasks.get(id);
    if (task?.progress !== from) return undefined;
    return this.keep({ ...task, attempts: 0, ...changes, progress: to, updatedAt: this.now() });
  }

  /** Notes something about a task that does not move it. */
  note(id: string, changes: Partial<Pick<TaskRecord, "parcel" | "attempts">>): TaskRecord | undefined {
    const task = this.tasks.get(id);
    return task && this.keep({ ...task, ...changes, updatedAt: this.now() });
  }

  private keep(task: TaskRecord): TaskRecord {
    this.files.writeJson(`tasks/${task.id}.json`, task);
    this.tasks.set(task.id, task);
    return task;
  }
}

export function isOwner({ userAddress }: TaskRecord, address: string): boolean {
  return sameAddress(userAddress, address);
}

/** A task as the provider's clients read it (spec 8). */
export function taskJson(task: TaskRecord): object {
  return {
    id: task.id,
    createdAt: new Date(task.createdAt).toISOString(),
    updatedAt: new Date(task.updatedAt).toISOString(),
    userAddress: task.userAddress,
    preTrainedModelHash: task.preTrainedModelHash,
    datasetHash: task.datasetHash,
    trainingParams: task.trainingParams,
    fee: task.fee,
    nonce: task.nonce,
    signature: task.signature,
    progress: task.progress,
    deliverIndex: 0,
    deliverTime: task.deliverTime,
    modelType: 1,
    wait: false,
  };
}

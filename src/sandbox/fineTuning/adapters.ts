// Tuned models that can be asked (spec fine-tuning.md 14): registered when their delivery is acknowledged, loaded when their owner
// deploys them.
import { providerAdapterName } from "../../domain/adapterName.js";
import { addressKey, sameAddress } from "../../domain/ids.js";
import type { AdapterState } from "../../domain/fineTuning.js";
import { HttpError } from "../loopback.js";
import type { LanguageModel } from "../model/model.js";
import { loadAdapter } from "../model/serialize.js";
import type { Backend } from "../providers/backend.js";
import type { ModelShelf } from "../providers/definition.js";
import { ModelBackend } from "../providers/modelBackend.js";
import { baseModelName } from "./baseModel.js";
import { fileNames } from "./files.js";
import type { WorkshopOptions } from "./workshopOptions.js";

export interface AdapterRecord {
  readonly adapterName: string;
  readonly taskId: string;
  readonly baseModel: string;
  readonly state: AdapterState;
  readonly userAddress: string;
  readonly storageRootHash: string;
  /** Loading because its owner deploys it, not because it was just delivered. */
  readonly isDeploying: boolean;
  /** Unix seconds of the chain when it was last deployed or asked; absent before. */
  readonly usedAt?: number;
}

/** Without a question an active one leaves memory, and later the disk, by the chain's clock: who moves it sees both. */
const offloadedAfter = 3_600;
const archivedAfter = 86_400;

const maxOfUser = 5;
const maxInAll = 100;

export class Adapters implements ModelShelf {
  private readonly records = new Map<string, AdapterRecord>();
  private readonly loaded = new Map<string, LanguageModel>();

  /** `wake`: there is something to be brought on. */
  constructor(
    private readonly options: WorkshopOptions,
    private readonly wake: () => void,
  ) {
    const { files } = options;
    for (const name of files.list("adapters")) {
      const record = files.readJson(`adapters/${name}`) as AdapterRecord | undefined;
      if (record) this.records.set(record.taskId, record);
    }
  }

  all(): AdapterRecord[] {
    return [...this.records.values()].map((record) => this.asOfNow(record));
  }

  /** By its name or by its task. */
  find(name: string): AdapterRecord | undefined {
    return this.all().find(({ taskId, adapterName }) => taskId === name || adapterName === name);
  }

  /** True while one of them is on its way to its next state. */
  isBusy(): boolean {
    return this.all().some(({ state }) => state === "loading");
  }

  /** After the delivery was acknowledged. Beyond the quota there is none. */
  register(taskId: string, user: string, storageRootHash: string): void {
    const ofUser = this.all().filter((one) => addressKey(one.userAddress) === addressKey(user));
    if (this.records.has(taskId) || ofUser.length >= maxOfUser || this.records.size >= maxInAll) return;
    const [adapterName, baseModel] = [providerAdapterName(baseModelName, taskId), baseModelName];
    const state = { state: "loading", isDeploying: false } as const;
    this.keep({ adapterName, taskId, baseModel, userAddress: user, storageRootHash, ...state });
  }

  /** Begins to load it. Its state must allow that. */
  deploy(adapter: AdapterRecord): void {
    this.keep({ ...adapter, state: "loading", isDeploying: true });
    this.wake();
  }

  /** Brings those that are loading one step on. */
  async advance(isFetched: (adapter: AdapterRecord) => Promise<boolean>): Promise<void> {
    for (const adapter of this.all()) {
      if (adapter.state !== "loading") continue;
      const state = adapter.isDeploying ? "active" : "ready";
      const isGood = (await isFetched(adapter)) && (await this.load(adapter)) !== undefined;
      const usedAt = this.options.chainTime();
      this.keep({ ...adapter, state: isGood ? state : "failed", isDeploying: false, usedAt });
    }
  }

  /** Who answers for that name; undefined when there is no such adapter. Throws HttpError when it may not be asked. */
  async backend(name: string, user: string): Promise<Backend | undefined> {
    const adapter = this.find(name);
    if (!adapter) return undefined;
    if (!sameAddress(adapter.userAddress, user))
      throw refuse(`adapter ${name} does not belong to the requesting user`);
    if (isPutAside(adapter)) this.deploy(adapter); // restores itself; this question is refused all the same
    if (adapter.state !== "active") throw refuse(notActive(adapter));
    const model = await this.load(adapter);
    if (!model) throw refuse(`adapter ${name} failed to load`);
    const { now, sleep, paceMs, chainTime } = this.options;
    this.keep({ ...adapter, usedAt: chainTime() });
    return new ModelBackend({ model: () => model, name, paceMs, now, sleep });
  }

  names(user: string | undefined): readonly string[] {
    const deployed = this.all().filter((one) => one.state === "active" || isPutAside(one));
    const own = deployed.filter(({ userAddress }) => user === undefined || sameAddress(userAddress, user));
    return own.map(({ adapterName }) => adapterName);
  }

  private asOfNow(record: AdapterRecord): AdapterRecord {
    const { state, usedAt } = record;
    const idle = state === "active" && usedAt !== undefined ? this.options.chainTime() - usedAt : 0;
    if (idle < offloadedAfter) return record;
    this.loaded.delete(record.taskId);
    return { ...record, state: idle < archivedAfter ? "offloaded" : "archived" };
  }

  /** Undefined when its file is gone or belongs to another base model. */
  private async load({ taskId }: AdapterRecord): Promise<LanguageModel | undefined> {
    const known = this.loaded.get(taskId);
    if (known) return known;
    const bytes = await this.options.files.read(fileNames.adapter(taskId));
    if (!bytes) return undefined;
    try {
      const model = loadAdapter(bytes, this.options.base());
      this.loaded.set(taskId, model);
      return model;
    } catch {
      return undefined; // of another base model: the sandbox was renewed since
    }
  }

  private keep(adapter: AdapterRecord): void {
    this.options.files.writeJson(`adapters/${adapter.taskId}.json`, adapter);
    this.records.set(adapter.taskId, adapter);
  }
}

/** An adapter as clients read it. */
export function adapterJson({ isDeploying, usedAt, ...adapter }: AdapterRecord): object {
  void [isDeploying, usedAt];
  return adapter;
}

function isPutAside({ state }: AdapterRecord): boolean {
  return state === "offloaded" || state === "archived";
}

function notActive({ adapterName, state }: AdapterRecord): string {
  switch (state) {
    case "ready":
      return `adapter ${adapterName} is not deployed, please deploy it first`;
    case "offloaded":
    case "archived":
      return `adapter ${adapterName} is restoring, please retry in 30 seconds`;
    case "failed":
      return `adapter ${adapterName} failed`;
    default:
      return `adapter ${adapterName} is loading`;
  }
}

/** Refusals on the proxy paths are 400. */
function refuse(error: string): HttpError {
  return new HttpError(400, { error });
}

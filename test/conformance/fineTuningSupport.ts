// The broker as a client of the sandbox's trainer: what the tests of fine-tuning share.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import type { Broker } from "../../src/broker/api.js";
import { createBroker } from "../../src/broker/broker.js";
import type { FineTuningBroker, TaskRequest } from "../../src/broker/fineTuning/api.js";
import type { Clock } from "../../src/domain/clock.js";
import type { TaskStage, TrainingTask } from "../../src/domain/fineTuning.js";
import type { Address, Hash, ProviderId, TaskId } from "../../src/domain/ids.js";
import { parseOg } from "../../src/domain/money.js";
import { chatLines, sampleParameters } from "../support/fineTuner.js";
import type { TestSandbox } from "../support/sandbox.js";
import { until } from "../until.js";
import { networkOf } from "./inferenceSupport.js";
import { fastClock, keepingLog } from "./ledgerSupport.js";

/** Real time, as what is signed must be young; but whoever waits, waits a twentieth. */
function hurriedClock(): Clock {
  const fast = fastClock(20);
  return { ...fast, now: () => Date.now() };
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly range?: string;
}

export interface TunerOptions {
  /** In 0G, at the trainer; "0": no account there. */
  readonly deposit?: string;
}

export class Tuner {
  private readonly folder = mkdtempSync(join(tmpdir(), "tuner-"));

  private constructor(
    readonly sandbox: TestSandbox,
    readonly broker: Broker,
    readonly wallet: { readonly address: Address; readonly privateKey: string },
    readonly requests: Request[],
    readonly log: ReturnType<typeof keepingLog>,
  ) {}

  static async open(sandbox: TestSandbox, { deposit = "3" }: TunerOptions = {}): Promise<Tuner> {
    const { address, privateKey } = Wallet.createRandom();
    const requests: Request[] = [];
    const log = keepingLog();
    const broker = createBroker({
      network: { ...networkOf(sandbox), storageIndexer: sandbox.ready.storage.indexer },
      signer: { address: address as Address, key: () => Promise.resolve(privateKey) },
      clock: hurriedClock(),
      log,
      fetch: (input, init) => {
        const headers = (init?.headers ?? {}) as Record<string, string>;
        const url = input instanceof Request ? input.url : String(input);
        requests.push({ method: init?.method ?? "GET", url, range: headers.range });
        return fetch(input, init);
      },
    });
    await sandbox.control.fund(address, "100");
    await broker.ledger.addLedger(parseOg("50"));
    const tuner = new Tuner(sandbox, broker, { address: address as Address, privateKey }, requests, log);
    if (deposit !== "0") await broker.ledger.transferFund(tuner.provider, "fine-tuning", parseOg(deposit));
    return tuner;
  }

  get provider(): ProviderId {
    return this.sandbox.trainer.address as ProviderId;
  }

  get fineTuning(): FineTuningBroker {
    return this.broker.fineTuning;
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  dataset(content: string | Uint8Array = chatLines(), name = "rows.jsonl"): string {
    writeFileSync(this.file(name), content);
    return this.file(name);
  }

  /** An order for the sandbox's own model. */
  async request(datasetHash: Hash, more: Partial<TaskRequest> = {}): Promise<TaskRequest> {
    const models = await this.fineTuning.listModelOf(this.provider);
    const model = models.find(({ name }) => name === "sandbox-lm");
    assert.ok(model);
    return {
      modelHash: model.hash,
      datasetHash,
      trainingParams: JSON.stringify(sampleParameters),
      nonce: await this.fineTuning.nextNonce(this.provider),
      isWaiting: true,
      ...more,
    };
  }

  async train(more: Partial<TaskRequest> = {}): Promise<TaskId> {
    const { datasetHash } = await this.upload();
    return this.create(await this.request(datasetHash, more));
  }

  async upload(file = this.dataset()): Promise<{ datasetHash: Hash }> {
    return this.fineTuning.uploadDatasetToTEE(await this.fineTuning.getService(this.provider), file);
  }

  async create(request: TaskRequest): Promise<TaskId> {
    return this.fineTuning.createTask(await this.fineTuning.getService(this.provider), request);
  }

  reach(id: TaskId, stage: TaskStage): Promise<TrainingTask> {
    return until(
      `task in ${stage}`,
      async () => {
        const task = await this.fineTuning.getTask(this.provider, id);
        return task?.stage === stage ? task : undefined;
      },
      60_000,
    );
  }

  async delivered(more: Partial<TaskRequest> = {}): Promise<TaskId> {
    const id = await this.train(more);
    await this.reach(id, "Delivered");
    return id;
  }

  /** Requests to the trainer whose path ends so. */
  asked(suffix: string): Request[] {
    return this.requests.filter(({ url }) => url.endsWith(suffix));
  }

  async isAcknowledged(id: TaskId): Promise<boolean> {
    return (await this.fineTuning.getDeliverable(this.provider, id))?.isAcknowledged ?? false;
  }

  close(): void {
    this.broker.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

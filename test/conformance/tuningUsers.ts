// Users of fine-tuning over a sandbox of their own, composed as the extension composes them, without the editor.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import type { ProviderId } from "../../src/domain/ids.js";
import type { RunRequest } from "../../src/services/fineTuning/types.js";
import { chatLines, sampleParameters } from "../support/fineTuner.js";
import {
  composeFineTuning,
  type HeadlessFineTuning,
  type HeadlessOptions,
} from "../support/fineTuningServices.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";

/** To be called in a `describe`: there is one for all its tests, and each begins without faults and windows. */
export function useTuningUsers(): TuningUsers {
  const users = new TuningUsers();
  before(() => users.start());
  after(() => users.stop());
  afterEach(() => users.tidy());
  return users;
}

class TuningUsers {
  private running: TestSandbox | undefined;
  private readonly opened: HeadlessFineTuning[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "tuning-users-"));

  get sandbox(): TestSandbox {
    assert.ok(this.running, "the sandbox was started");
    return this.running;
  }

  get provider(): ProviderId {
    return this.sandbox.trainer.address as ProviderId;
  }

  /** A window of a new user, or with the same options the next window of the same one. */
  async open(options: HeadlessOptions): Promise<HeadlessFineTuning> {
    const one = await composeFineTuning(options);
    this.opened.push(one);
    return one;
  }

  /** With 50 0G. */
  async user(name: string, more: Partial<HeadlessOptions> = {}): Promise<HeadlessOptions> {
    const { address, privateKey } = Wallet.createRandom();
    await this.sandbox.control.fund(address, "50");
    const own = join(this.folder, name);
    mkdirSync(own);
    const { rpcUrl, chainId, contracts, storage } = this.sandbox.ready;
    const network = { chainId, rpcUrls: [rpcUrl], contracts, storageIndexer: storage.indexer };
    return { folder: own, privateKey, network, ...more };
  }

  /** Tunes the sandbox's model on a few rows. */
  async request({ fineTuning }: HeadlessFineTuning, more: Partial<RunRequest> = {}): Promise<RunRequest> {
    const { provider } = this;
    const model = (await fineTuning.modelsOf(provider)).find(({ name }) => name === "sandbox-lm");
    assert.ok(model);
    return {
      ...{ provider, model, datasetPath: join(this.folder, "rows.jsonl"), destination: "tee" },
      trainingParams: JSON.stringify(sampleParameters),
      ...more,
    };
  }

  async start(): Promise<void> {
    this.running = await startSandboxInProcess();
    writeFileSync(join(this.folder, "rows.jsonl"), chatLines());
  }

  async tidy(): Promise<void> {
    for (const one of this.opened.splice(0)) await one.close();
    await this.sandbox.control.clear();
    await this.sandbox.control.fineTuning("fast");
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

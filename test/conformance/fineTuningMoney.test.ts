// What fine-tuning may not do with money, over the sandbox and as the extension composes it: go on after a no, pass the limits, pay twice.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import type { ProviderId } from "../../src/domain/ids.js";
import type { FineTuningRun, RunRequest, RunStepName } from "../../src/services/fineTuning/types.js";
import { chatLines, sampleParameters } from "../support/fineTuner.js";
import {
  composeFineTuning,
  type HeadlessFineTuning,
  type HeadlessOptions,
} from "../support/fineTuningServices.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";
import { until } from "../until.js";
import { failsWith } from "./inferenceSupport.js";

describe("the money of fine-tuning over the sandbox", function () {
  this.timeout(180_000);
  let sandbox: TestSandbox;
  let folder: string;
  const opened: HeadlessFineTuning[] = [];

  before(async () => {
    sandbox = await startSandboxInProcess();
    folder = mkdtempSync(join(tmpdir(), "tuning-money-"));
    writeFileSync(join(folder, "rows.jsonl"), chatLines());
  });
  after(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await sandbox.control.clear();
    await sandbox.control.fineTuning("fast");
  });

  const provider = (): ProviderId => sandbox.trainer.address as ProviderId;

  async function open(name: string, more: Partial<HeadlessOptions> = {}): Promise<HeadlessFineTuning> {
    const { address, privateKey } = Wallet.createRandom();
    await sandbox.control.fund(address, "50");
    const own = join(folder, name);
    mkdirSync(own);
    const { rpcUrl, chainId, contracts, storage } = sandbox.ready;
    const network = { chainId, rpcUrls: [rpcUrl], contracts, storageIndexer: storage.indexer };
    const one = await composeFineTuning({ folder: own, privateKey, network, ...more });
    opened.push(one);
    return one;
  }

  async function request(
    { fineTuning }: HeadlessFineTuning,
    more: Partial<RunRequest> = {},
  ): Promise<RunRequest> {
    const model = (await fineTuning.modelsOf(provider())).find(({ name }) => name === "sandbox-lm");
    assert.ok(model);
    return {
      ...{ provider: provider(), model, datasetPath: join(folder, "rows.jsonl"), destination: "tee" },
      trainingParams: JSON.stringify(sampleParameters),
      ...more,
    };
  }

  const stateOf = (run: FineTuningRun | undefined, name: RunStepName) =>
    run?.steps.find((step) => step.name === name)?.state;

  it("is not committed by itself after its user pressed Cancel", async () => {
    const window = await open("stopped");
    const { fineTuning } = window;
    const plan = await fineTuning.prepare(await request(window));
    const abort = new AbortController();
    fineTuning.onDidChange(() => {
      if (stateOf(fineTuning.runs[0], "upload") === "running") abort.abort();
    });
    await assert.rejects(fineTuning.start(plan, { signal: abort.signal }), failsWith("cancelled"));
    const before = await sandbox.control.state();
    fineTuning.setActive(true); // as the extension does
    await until("the guardian has looked", () => fineTuning.guardian.chainTime);
    const [run] = fineTuning.runs;
    assert.ok(run);
    // Waits for whatever the guardian set going there, and goes no further itself.
    const afterwards = fineTuning.resume(run.id, { signal: AbortSignal.abort() });
    await assert.rejects(afterwards, failsWith("cancelled"));
    const left = fineTuning.runs[0];
    assert.deepEqual(
      [stateOf(left, "transfer"), stateOf(left, "upload"), left?.taskId],
      ["done", "waiting", undefined],
    );
    assert.deepEqual((await sandbox.control.state()).tasks, before.tasks);
  });
});

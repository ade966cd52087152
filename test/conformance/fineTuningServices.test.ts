// The services of fine-tuning over the sandbox, as the extension composes them: what is shown before, and what became of it.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import type { ProviderId } from "../../src/domain/ids.js";
import { neuron, parseOg } from "../../src/domain/money.js";
import type { RunRequest } from "../../src/services/fineTuning/types.js";
import { english } from "../../src/view/translate.js";
import { planSummary } from "../../src/view/tuneWizardTexts.js";
import { presetParameters } from "../../src/view/tuningParameters.js";
import { chatLines, sampleParameters } from "../support/fineTuner.js";
import {
  composeFineTuning,
  type HeadlessFineTuning,
  type HeadlessOptions,
} from "../support/fineTuningServices.js";
import { startSandboxInProcess, type TestSandbox } from "../support/sandbox.js";
import { telling } from "../support/tasks.js";
import { until } from "../until.js";

describe("the services of fine-tuning over the sandbox", function () {
  this.timeout(180_000);
  let sandbox: TestSandbox;
  let folder: string;
  const opened: HeadlessFineTuning[] = [];

  before(async () => {
    sandbox = await startSandboxInProcess();
    folder = mkdtempSync(join(tmpdir(), "tuning-services-"));
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

  /** A window of a new user, or with the same options the next window of the same one. */
  async function open(options: HeadlessOptions): Promise<HeadlessFineTuning> {
    const one = await composeFineTuning(options);
    opened.push(one);
    return one;
  }

  async function user(name: string, more: Partial<HeadlessOptions> = {}): Promise<HeadlessOptions> {
    const { address, privateKey } = Wallet.createRandom();
    await sandbox.control.fund(address, "50");
    const own = join(folder, name);
    mkdirSync(own);
    const { rpcUrl, chainId, contracts, storage } = sandbox.ready;
    const network = { chainId, rpcUrls: [rpcUrl], contracts, storageIndexer: storage.indexer };
    return { folder: own, privateKey, network, ...more };
  }

  const provider = (): ProviderId => sandbox.trainer.address as ProviderId;

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

  it("shows a fee range and balances, and the fee that is really charged lies within", async () => {
    const window = await open(await user("fee"));
    const { fineTuning } = window;
    const text = "It is 12.5 % of {the} don't-care-2026 range; isn't that “nice”?";
    const path = join(folder, "figures.jsonl");
    writeFileSync(path, chatLines(Array.from({ length: 12 }, (_, row) => [`Row ${row}: ${text}`, text])));
    const trainingParams = JSON.stringify({ ...sampleParameters, num_train_epochs: 3 });
    const plan = await fineTuning.prepare(await request(window, { datasetPath: path, trainingParams }));
    assert.ok(plan.fee);
    assert.equal(plan.wanted, plan.fee.high);
    assert.equal(plan.balanceAfter, neuron(plan.transfer - plan.fee.high));
    const { lines } = planSummary(plan, presetParameters("balanced"), telling());
    const said = (label: string) => lines.find((line) => line.label === english(label))?.description ?? "";
    assert.match(said("Fee"), /^about 0\.0\d+ 0G \(0\.0\d+ 0G to 0\.0\d+ 0G\)$/);
    assert.match(said("Account at the provider"), /^0 0G now, at least 0\.98\d+ 0G afterwards$/);
    const run = await fineTuning.start(plan);
    assert.equal(run.feeCeiling, plan.fee.high);
    const task = await until("the task has its fee", async () => {
      const broker = await window.session.broker();
      const found = await broker.fineTuning.getTask(provider(), run.taskId);
      return found && found.fee > 0n ? found : undefined;
    });
    const { low, high } = plan.fee;
    assert.ok(low <= task.fee && task.fee <= high, `${low} <= ${task.fee} <= ${high}`);
    await until(
      "the model is paid for",
      async () => (await fineTuning.resume(run.id)).state === "done",
      60_000,
    );
    const account = await (await window.session.broker()).fineTuning.getAccount(provider());
    assert.equal(account?.balance, neuron(plan.transfer - task.fee));
    assert.ok(account.balance >= (plan.balanceAfter ?? parseOg("1")));
  });

  it("leads out of a dead queue: asked back, found again by the next window, collected, begun anew, and a new task goes through", async () => {
    const options = await user("dead");
    const first = await open(options);
    await sandbox.control.fault(provider(), "penalty-now");
    const lost = await first.fineTuning.start(await first.fineTuning.prepare(await request(first)));
    await until(
      "the queue is dead",
      async () => {
        await first.fineTuning.refresh();
        return first.fineTuning.tasks.value?.providers[0]?.stuck?.name === "deadQueue";
      },
      60_000,
    );
    await sandbox.control.clear();
    const refused = await first.fineTuning.prepare(await request(first));
    assert.deepEqual(
      refused.checks.filter(({ isFine }) => !isFine).map(({ name }) => name),
      ["deadQueue"],
    );
    const begun = await first.fineTuning.startEmptying(await first.fineTuning.planEmptying(provider()));
    assert.equal(begun.state, "waiting");
    await first.close();

    await sandbox.control.time(86_400);
    const questions: string[] = [];
    const second = await open({ ...options, answer: ({ title }) => questions.push(title) > 0 });
    second.fineTuning.setActive(true);
    await until("it is offered", () => second.offered.some(({ id }) => id === begun.id));
    assert.deepEqual(questions, [], "nothing is asked or moved by itself");
    const broker = await second.session.broker();
    assert.ok((await broker.fineTuning.getAccount(provider()))?.balance);
    const done = await second.fineTuning.resumeEmptying(begun.id);
    assert.equal(done.state, "done");
    assert.equal(questions.length, 3, questions.join(", ")); // collect, withdraw, a new ledger
    assert.equal(await broker.fineTuning.getAccount(provider()), undefined);
    assert.deepEqual((await broker.ledger.getLedger())?.total, parseOg("3"));

    const run = await second.fineTuning.start(await second.fineTuning.prepare(await request(second)));
    assert.notEqual(run.taskId, lost.taskId);
    await until(
      "the new model is here",
      async () => (await second.fineTuning.resume(run.id)).state === "done",
      60_000,
    );
  });
});

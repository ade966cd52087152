// The services of fine-tuning over the sandbox, as the extension composes them: what is shown before, and what became of it.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ComputeError } from "../../src/domain/error.js";
import type { TaskStage } from "../../src/domain/fineTuning.js";
import type { TaskId } from "../../src/domain/ids.js";
import { neuron, parseOg } from "../../src/domain/money.js";
import type { Confirmation } from "../../src/services/ports.js";
import { english } from "../../src/view/translate.js";
import { planSummary } from "../../src/view/fineTuning/planSummary.js";
import { presetParameters } from "../../src/view/fineTuning/tuningParameters.js";
import { chatLines, sampleParameters } from "../support/fineTuner.js";
import type { HeadlessFineTuning } from "../support/fineTuningServices.js";
import { openGate } from "../support/openGate.js";
import { telling } from "../support/tasks.js";
import { until } from "../until.js";
import { failsWith } from "./inferenceSupport.js";
import { useTuningUsers } from "./tuningUsers.js";

describe("the services of fine-tuning over the sandbox", function () {
  this.timeout(180_000);
  const users = useTuningUsers();

  it("shows a fee range and balances, and the fee that is really charged lies within", async () => {
    const window = await users.open(await users.user("fee"));
    const { fineTuning } = window;
    const text = "It is 12.5 % of {the} don't-care-2026 range; isn't that “nice”?";
    const path = join(users.folder, "figures.jsonl");
    writeFileSync(path, chatLines(Array.from({ length: 12 }, (_, row) => [`Row ${row}: ${text}`, text])));
    const trainingParams = JSON.stringify({ ...sampleParameters, num_train_epochs: 3 });
    const plan = await fineTuning.prepare(await users.request(window, { datasetPath: path, trainingParams }));
    assert.ok(plan.fee);
    assert.equal(plan.wanted, plan.fee.high);
    assert.equal(plan.balanceAfter, neuron(plan.transfer - plan.fee.high));
    const { groups } = planSummary(plan, presetParameters("balanced"), telling());
    const lines = groups.flatMap((group) => group.lines);
    const said = (label: string) => lines.find((line) => line.label === english(label))?.description ?? "";
    assert.match(said("Fee"), /^about 0\.0\d+ 0G \(0\.0\d+ 0G to 0\.0\d+ 0G\)$/);
    assert.match(said("Account there, after the fee"), /^at least 0\.98\d+ 0G$/);
    const run = await fineTuning.start(plan);
    assert.equal(run.feeCeiling, plan.fee.high);
    const task = await until("the task has its fee", async () => {
      const broker = await window.session.broker();
      const found = await broker.fineTuning.getTask(users.provider, run.taskId);
      return found && found.fee > 0n ? found : undefined;
    });
    const { low, high } = plan.fee;
    assert.ok(low <= task.fee && task.fee <= high, `${low} <= ${task.fee} <= ${high}`);
    await until(
      "the model is paid for",
      async () => (await fineTuning.resume(run.id)).state === "done",
      60_000,
    );
    const account = await (await window.session.broker()).fineTuning.getAccount(users.provider);
    assert.equal(account?.balance, neuron(plan.transfer - task.fee));
    const [paid] = fineTuning.runs;
    assert.deepEqual([paid?.agreedFee, paid?.settledFee], [task.fee, task.fee]);
    assert.ok(account.balance >= (plan.balanceAfter ?? parseOg("1")));
  });

  it("says plainly when more was taken than was agreed, after a restart too", async () => {
    const options = await users.user("overcharged");
    const window = await users.open(options);
    await users.sandbox.control.fault(users.provider, "overcharge", 130);
    const run = await window.fineTuning.start(await window.fineTuning.prepare(await users.request(window)));
    const isPaid = async () => (await window.fineTuning.resume(run.id)).state === "done";
    await until("the model is paid for", isPaid, 60_000);
    await window.close();
    const next = await users.open(options);
    await next.fineTuning.refresh();
    const item = next.fineTuning.tasks.value?.providers[0]?.tasks[0];
    const fee = item?.task?.fee ?? neuron(0n);
    assert.deepEqual(item?.overcharge, { agreed: fee, settled: neuron((fee * 130n) / 100n) });
  });

  it("leads out of a dead queue: asked back, found again by the next window, collected, begun anew, and a new task goes through", async () => {
    const options = await users.user("dead");
    const first = await users.open(options);
    await users.sandbox.control.fault(users.provider, "penalty-now");
    const lost = await first.fineTuning.start(await first.fineTuning.prepare(await users.request(first)));
    await until(
      "the queue is dead",
      async () => {
        await first.fineTuning.refresh();
        return first.fineTuning.tasks.value?.providers[0]?.stuck?.name === "deadQueue";
      },
      60_000,
    );
    await users.sandbox.control.clear();
    const refused = await first.fineTuning.prepare(await users.request(first));
    assert.deepEqual(
      refused.checks.filter(({ isFine }) => !isFine).map(({ name }) => name),
      ["deadQueue"],
    );
    const begun = await first.fineTuning.startEmptying(await first.fineTuning.planEmptying(users.provider));
    assert.equal(begun.state, "waiting");
    await first.close();

    await users.sandbox.control.time(86_400);
    const questions: string[] = [];
    const second = await users.open({ ...options, answer: ({ title }) => questions.push(title) > 0 });
    second.fineTuning.guard();
    second.fineTuning.setActive(true);
    await until("it is offered", () => second.offered.some(({ id }) => id === begun.id));
    assert.deepEqual(questions, [], "nothing is asked or moved by itself");
    const broker = await second.session.broker();
    assert.ok((await broker.fineTuning.getAccount(users.provider))?.balance);
    const done = await second.fineTuning.resumeEmptying(begun.id);
    assert.equal(done.state, "done");
    assert.equal(questions.length, 3, questions.join(", ")); // collect, withdraw, a new ledger
    assert.equal(await broker.fineTuning.getAccount(users.provider), undefined);
    assert.deepEqual((await broker.ledger.getLedger())?.total, parseOg("3"));

    const run = await second.fineTuning.start(await second.fineTuning.prepare(await users.request(second)));
    assert.notEqual(run.taskId, lost.taskId);
    await until(
      "the new model is here",
      async () => (await second.fineTuning.resume(run.id)).state === "done",
      60_000,
    );
  });

  async function isIn(
    window: HeadlessFineTuning,
    id: TaskId | undefined,
    stage: TaskStage,
  ): Promise<boolean> {
    const broker = await window.session.broker();
    return (await broker.fineTuning.getTask(users.provider, id))?.stage === stage;
  }

  it("makes a dataset public only after the consent, and trains on what is stored then", async () => {
    let isAgreed = false;
    const isPublic = ({ title }: Confirmation) => title === "Make this dataset public for ever?";
    const window = await users.open(
      await users.user("public", { answer: (asked) => isAgreed || !isPublic(asked) }),
    );
    const { fineTuning } = window;
    const path = join(users.folder, "public.jsonl");
    writeFileSync(
      path,
      chatLines(Array.from({ length: 11 }, (_, row) => [`Public question ${row}?`, "Yes."])),
    );
    const plan = await fineTuning.prepare(
      await users.request(window, { datasetPath: path, destination: "0g-storage" }),
    );
    assert.ok(plan.storageFee);
    const broker = await window.session.broker();
    const { root } = await broker.storage.rootOf(path);
    await assert.rejects(fineTuning.start(plan), failsWith("cancelled"));
    assert.equal(await broker.storage.isAvailable(root), false, "nothing was uploaded");
    const [run] = fineTuning.runs;
    assert.ok(run && run.taskId === undefined);
    isAgreed = true;
    const going = await fineTuning.resume(run.id);
    assert.equal(window.asked.filter(isPublic).length, 2);
    assert.match(window.asked.find(isPublic)?.detail ?? "", new RegExp(root));
    assert.equal(going.datasetHash, root);
    await until("it is stored", () => broker.storage.isAvailable(root));
    await broker.fineTuning.downloadDataset(root, join(users.folder, "public-again.jsonl"));
    assert.ok(readFileSync(join(users.folder, "public-again.jsonl")).equals(readFileSync(path)));
    await until("it is trained on", () => isIn(window, going.taskId, "Delivered"), 60_000);
  });

  it("stores nothing publicly where only private providers are allowed, and does not ask", async () => {
    const allowPublic = () => Promise.reject(new ComputeError("publicStorage", {}));
    const window = await users.open(await users.user("closed", { gate: { ...openGate, allowPublic } }));
    const path = join(users.folder, "closed.jsonl");
    writeFileSync(
      path,
      chatLines(Array.from({ length: 13 }, (_, row) => [`Closed question ${row}?`, "No."])),
    );
    const { storage } = await window.session.broker();
    const { root } = await storage.rootOf(path);
    await assert.rejects(window.fineTuning.uploadPublicly({ path, root }), failsWith("publicStorage"));
    assert.deepEqual([window.asked.length, await storage.isAvailable(root)], [0, false]);
  });

  it("stores a file publicly on its own after the consent, and pays for it once", async () => {
    let isAgreed = false;
    const window = await users.open(await users.user("stored", { answer: () => isAgreed }));
    const path = join(users.folder, "stored.jsonl");
    writeFileSync(
      path,
      chatLines(Array.from({ length: 13 }, (_, row) => [`Stored question ${row}?`, "No."])),
    );
    const broker = await window.session.broker();
    const { root } = await broker.storage.rootOf(path);
    const other = { path, root: `0x${"a".repeat(64)}` as typeof root };
    await assert.rejects(window.fineTuning.uploadPublicly(other), failsWith("badFile"));
    await assert.rejects(window.fineTuning.uploadPublicly({ path, root }), failsWith("cancelled"));
    assert.equal(await broker.storage.isAvailable(root), false, "nothing was uploaded");
    isAgreed = true;
    const stored = await window.fineTuning.uploadPublicly({ path, root });
    assert.ok(stored.root === root && stored.hash !== undefined);
    await until("it is stored", () => broker.storage.isAvailable(root));
    const again = await window.fineTuning.uploadPublicly({ path, root });
    assert.deepEqual([again.hash, window.asked.length], [undefined, 2], "there was nothing to pay or to ask");

    const plan = await window.fineTuning.prepare(
      await users.request(window, { datasetPath: path, datasetHash: root }),
    );
    assert.deepEqual([plan.canStart, plan.dataset?.rows, plan.fee !== undefined], [true, 13, true]);
  });

  it("deploys an adapter and names it, once", async () => {
    const user = await users.user("deploy");
    const window = await users.open(user);
    const { fineTuning } = window;
    const { id } = await fineTuning.start(await fineTuning.prepare(await users.request(window)));
    await until("the model is here", async () => (await fineTuning.resume(id)).state === "done", 60_000);
    const broker = await window.session.broker();
    await broker.ledger.addLedger(parseOg("3")).catch(() => broker.ledger.depositFund(parseOg("3")));
    await broker.ledger.transferFund(users.provider, "inference", parseOg("2"));
    const deployed = await fineTuning.deploy(id);
    assert.equal(deployed.steps.find(({ name }) => name === "deploy")?.state, "done");
    const [model] = fineTuning.models;
    assert.equal(model?.adapter?.state, "active");
    assert.equal(model?.adapter?.taskId, deployed.taskId);

    const stateOf = async () => {
      await fineTuning.refresh();
      return fineTuning.models[0]?.adapter?.state;
    };
    await users.sandbox.control.time(2 * 3_600); // nobody asked it in the meantime
    assert.equal(await stateOf(), "offloaded");
    assert.equal((await fineTuning.deploy(id)).steps.find(({ name }) => name === "deploy")?.state, "done");
    assert.equal(await stateOf(), "active");
    await users.sandbox.control.time(2 * 86_400);
    assert.equal(await stateOf(), "archived");

    await window.close();
    const next = await users.open(user);
    next.fineTuning.guard();
    next.fineTuning.setActive(true);
    await until("the next window tells of it by itself", () => next.fineTuning.models[0]?.adapter);
  });

  it("pays blindly for what nobody has seen only with its own warning, and the account is usable again", async () => {
    let isAgreed = false;
    const window = await users.open(
      await users.user("blind", { answer: ({ title }) => isAgreed || !/nobody/.test(title) }),
    );
    const { fineTuning } = window;
    const { taskId } = await fineTuning.start(await fineTuning.prepare(await users.request(window)));
    assert.ok(taskId);
    await until("it is delivered", () => isIn(window, taskId, "Delivered"), 60_000);
    const broker = await window.session.broker();
    const isPaid = async () =>
      (await broker.fineTuning.getDeliverable(users.provider, taskId))?.isAcknowledged ?? false;
    await assert.rejects(fineTuning.acknowledgeBlind(users.provider, taskId), failsWith("cancelled"));
    assert.equal(await isPaid(), false);
    isAgreed = true;
    await fineTuning.acknowledgeBlind(users.provider, taskId);
    assert.equal(await isPaid(), true);
    assert.match(window.asked.at(-1)?.detail ?? "", /was not downloaded and not checked/);
    assert.deepEqual(fineTuning.runs[0]?.files, {}, "no file came");
    await until("it is settled", () => isIn(window, taskId, "Finished"), 60_000);
    const next = await fineTuning.prepare(await users.request(window));
    assert.equal(next.canStart, true, JSON.stringify(next.checks));
  });

  it("cancels a task that is not trained yet, and takes a new one", async () => {
    const window = await users.open(await users.user("cancel"));
    const { fineTuning } = window;
    await users.sandbox.control.fineTuning("fast", { stopAt: "Init" });
    const run = await fineTuning.start(await fineTuning.prepare(await users.request(window)));
    const ended = await fineTuning.cancel(run.id);
    assert.deepEqual([ended.state, ended.ending], ["ended", "cancelled"]);
    assert.equal(await isIn(window, run.taskId, "Failed"), true);
    const again = await fineTuning.prepare(await users.request(window));
    assert.equal(again.canStart, true);
    assert.notEqual((await fineTuning.start(again)).taskId, run.taskId);
  });

  it("reads the log of the task that is looked at, as it grows, and of no other", async () => {
    const window = await users.open(await users.user("log"));
    const { fineTuning } = window;
    await users.sandbox.control.fineTuning("fast", { stopAt: "SetUp" });
    const { taskId: id } = await fineTuning.start(await fineTuning.prepare(await users.request(window)));
    assert.ok(id);
    fineTuning.lookAt({ provider: users.provider, id });
    const early = await until("the log begins", () => fineTuning.log?.text);
    assert.doesNotMatch(early, /'loss'|Container logs/);
    await users.sandbox.control.fineTuning("fast");
    const read = () => fineTuning.log?.text ?? "";
    await until("the log has the training", () => /train_loss/.test(read()), 60_000);
    const later = read();
    assert.ok(later.startsWith(early), "what was read stays");
    const whole = (await (await window.session.broker()).fineTuning.getLog(users.provider, id)).text;
    assert.ok(whole.startsWith(later), "nothing is there twice");
    fineTuning.lookAt(undefined);
    assert.equal(fineTuning.log, undefined);
  });

  it("verifies a provider of fine-tuning like any other: on a chain of the user's own the sandbox's root is nobody's", async () => {
    const window = await users.open(await users.user("check"));
    const verify = async () =>
      (await window.session.broker()).attestation.verifyProvider(users.provider, "fine-tuning");
    const stepOf = ({ reports }: Awaited<ReturnType<typeof verify>>, id: string) =>
      reports.flatMap(({ steps }) => steps).find((step) => step.id === id);
    const honest = await verify();
    assert.deepEqual([honest.word, honest.reports[0]?.root], ["failed", "sandbox"]);
    assert.deepEqual(
      [stepOf(honest, "root")?.status, stepOf(honest, "root")?.why],
      ["failed", "unknownRoot"],
    );
    assert.equal(stepOf(honest, "signer")?.status, "observed"); // it agrees, on a quote that proves nothing
    await users.sandbox.control.fault(users.provider, "wrong-quote", "signer");
    assert.equal(stepOf(await verify(), "signer")?.status, "failed");
  });
});

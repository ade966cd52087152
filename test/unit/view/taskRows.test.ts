import assert from "node:assert/strict";
import { ComputeError } from "../../../src/domain/error.js";
import { keptError, loaded, loading, nothingLoaded, notLoaded } from "../../../src/services/loaded.js";
import type { Emptying, ProviderTasks, RunId, TasksState } from "../../../src/services/fineTuning/types.js";
import { logCurve } from "../../../src/view/fineTuning/lossChart.js";
import { modelRows } from "../../../src/view/providers/modelRows.js";
import type { Row } from "../../../src/view/rows.js";
import { taskRows, type TaskRowsOptions } from "../../../src/view/fineTuning/taskRows.js";
import { hasNoTasks } from "../../../src/view/fineTuning/taskWelcome.js";
import { taskView } from "../../../src/view/fineTuning/taskView.js";
import { address, noon, og } from "../../support/builders.js";
import { assertGolden, rowsAsText } from "../../support/golden.js";
import {
  aCheck,
  aModel,
  anAdapter,
  aRun,
  aStuckState,
  someSteps,
  taskId,
  taskScenes,
  telling,
} from "../../support/tasks.js";

const failure = new ComputeError("network", { what: "rpc", url: "https://rpc.example", detail: "timeout" });
const scenes = Object.values(taskScenes);

function tasksOf(...providers: readonly Partial<ProviderTasks>[]): TasksState {
  return {
    providers: providers.map((part) => ({ provider: address("a"), tasks: [], runs: [], ...part })),
    terms: { lockTime: 86_400, penaltyPercentage: 30 },
    chainTime: { timestamp: noon / 1000, readAt: noon },
  };
}

function options(part: Partial<TaskRowsOptions> = {}): TaskRowsOptions {
  return { tasks: loaded(tasksOf(), noon), models: [], emptyings: [], ...part };
}

const account = {
  provider: address("a"),
  balance: og("1.9"),
  pendingRefund: og("0"),
  isAcknowledged: true,
  nonce: 0n,
  deliverables: [],
};

describe("Task rows", () => {
  it("let no provider's words be a picture, a link or a command of its choice", () => {
    const words =
      "![](https://evil.example/p.png) [Your model](https://evil.example/x) <img src=x> https://evil.example $(verified)";
    const facts = { provider: address("a"), status: 400, detail: words };
    const error = keptError(new ComputeError("refusedByProvider", facts));
    const steps = someSteps({ createTask: { state: "failed", error } });
    const run = aRun({ state: "failed", steps });
    const [task] = scenes;
    assert.ok(task);
    const provider = { error, runs: [run], tasks: [{ ...task.item, run }] };
    const [row] = taskRows(options({ tasks: loaded(tasksOf(provider), noon) }), telling());
    const tooltips = [row, ...(row?.children ?? [])].map((one) => one?.tooltip?.() ?? "");
    assert.equal(tooltips.length, 3);
    for (const tooltip of tooltips) {
      assert.match(tooltip, /Your model/);
      assert.doesNotMatch(tooltip, /(?<!\\)(\[|\]|<|!|\$|https:)/);
    }
  });

  it("show provider, task, stages, queue, fee, deadline and files, and name the actions that fit", () => {
    const items = scenes.map(({ item }, index) => ({
      ...item,
      id: `${String(index).padStart(8, "0")}${taskId.slice(8)}` as typeof taskId,
    }));
    const models = scenes.flatMap(({ model }, index) =>
      model ? [{ ...model, lineage: { ...model.lineage, taskId: items[index]?.id ?? taskId } }] : [],
    );
    const state = tasksOf({ account, tasks: items, stuck: aStuckState() });
    assertGolden(
      "taskRows",
      rowsAsText(taskRows(options({ tasks: loaded(state, noon), models }), telling())),
    );
  });

  it("say the stage first, in the word of the panel", () => {
    for (const facts of scenes) {
      const state = tasksOf({ tasks: [facts.item] });
      const [row] = taskRows(options({ tasks: loaded(state, noon) }), telling())[0]?.children ?? [];
      const { stage } = taskView(facts, undefined, logCurve(""), telling());
      assert.equal(row?.label, stage);
    }
  });

  it("show a run that has no task yet by its own steps, and what can be done with it", () => {
    const error = keptError(new ComputeError("rateLimited", { provider: address("a") }));
    const run = (id: string, part: Parameters<typeof aRun>[0]) =>
      aRun({ id: id as RunId, taskId: undefined, ...part });
    const upload = (state: "running" | "failed") =>
      someSteps({
        upload: { state, ...(state === "failed" ? { error } : {}) },
        createTask: { state: "waiting" },
      });
    const runs = [
      run("r1", { state: "running", steps: upload("running") }),
      run("r2", { state: "failed", steps: upload("failed") }),
      run("r3", { state: "paused", steps: someSteps({ createTask: { state: "waiting" } }) }),
      run("r4", { state: "waiting", waitsFor: "otherWindow" }),
      run("r5", { state: "ended", ending: "cancelled" }),
    ];
    const emptying: Emptying = {
      id: "e1" as RunId,
      scope: aRun().scope,
      provider: address("a"),
      state: "waiting",
      steps: [],
      unlocksAt: noon / 1000 + 86_400,
      createdAt: noon,
    };
    const tasks = loaded(tasksOf({ runs }), noon);
    assertGolden("runRows", rowsAsText(taskRows(options({ tasks, emptyings: [emptying] }), telling())));
  });

  it("say in words what the icon of a step shows", () => {
    const steps = someSteps({
      createTask: { state: "failed" },
      upload: { state: "running" },
    });
    const tasks = loaded(tasksOf({ runs: [aRun({ taskId: undefined, steps })] }), noon);
    const [provider] = taskRows(options({ tasks }), telling());
    const labels = provider?.children?.[0]?.children?.map(({ accessibleLabel }) => accessibleLabel);
    assert.deepEqual(labels?.slice(-2), ["Upload the dataset, under way", "Create the task, failed"]);
  });

  it("tell loading, empty, failed and stale apart", () => {
    const one = loaded(tasksOf({ tasks: [taskScenes.training.item] }), noon);
    const top = (tasks: TaskRowsOptions["tasks"]) =>
      taskRows(options({ tasks }), telling()).map(({ id, command }) => [id, command?.id]);
    assert.deepEqual(top(loading(nothingLoaded)), [["tasks:loading", undefined]]);
    assert.deepEqual(top(loaded(tasksOf({}), noon)), []);
    assert.deepEqual(top(notLoaded(nothingLoaded, failure)), [["tasks:retry", "zgCompute.refreshTasks"]]);
    const provider = [`tuning:${address("a")}`, undefined];
    assert.deepEqual(top(notLoaded(one, failure)), [["tasks:retry", "zgCompute.refreshTasks"], provider]);
  });

  it("leave the floor to the welcome only when nothing is there and nothing failed", () => {
    assert.equal(hasNoTasks(options({ tasks: nothingLoaded })), true);
    assert.equal(hasNoTasks(options({ tasks: loading(nothingLoaded) })), false);
    assert.equal(hasNoTasks(options({ tasks: loaded(tasksOf({}), noon) })), true);
    assert.equal(hasNoTasks(options({ tasks: notLoaded(nothingLoaded, failure) })), false);
    assert.equal(
      hasNoTasks(options({ tasks: loaded(tasksOf({ tasks: [taskScenes.failed.item] }), noon) })),
      false,
    );
  });

  it("have ids that are unique and survive a refresh", () => {
    const ids = (rows: readonly Row[]): string[] =>
      rows.flatMap((row) => [row.id, ...ids(row.children ?? [])]);
    const tasks = loaded(tasksOf({ tasks: [taskScenes.delivered.item] }), noon);
    const first = ids(taskRows(options({ tasks }), telling()));
    assert.equal(new Set(first).size, first.length);
    assert.deepEqual(ids(taskRows(options({ tasks }), telling(noon + 60_000))), first);
  });
});

describe("Model rows", () => {
  it("show how far each model got, where it came from, and the actions that fit", () => {
    const lineage = (digit: string) => ({
      ...aModel().lineage,
      taskId: `${digit.repeat(8)}${taskId.slice(8)}` as typeof taskId,
    });
    const models = [
      aModel({ lineage: lineage("1") }),
      aModel({ lineage: lineage("2"), state: "downloaded", isAcknowledged: true, check: aCheck() }),
      aModel({
        lineage: lineage("3"),
        state: "extracted",
        isAcknowledged: true,
        check: aCheck({ isCurrentSigner: false }),
        files: { folder: "/models/3" },
        adapter: anAdapter(),
      }),
      aModel({
        lineage: {
          provider: address("a"),
          taskId: lineage("4").taskId,
          baseModel: "*evil*\u202E",
          baseModelHash: "",
        },
        isAcknowledged: true,
        stuck: aStuckState({
          name: "keyMissing",
          why: "penalty",
          waysOut: ["newTask"],
          lost: ["key", "fee"],
        }),
      }),
    ];
    assertGolden("modelRows", rowsAsText(modelRows(models, nothingLoaded, telling())));
  });
});

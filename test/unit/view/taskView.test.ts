import assert from "node:assert/strict";
import type { TaskStage } from "../../../src/domain/fineTuning.js";
import { networks } from "../../../src/domain/networks.js";
import type { ReceiptId } from "../../../src/domain/receipt.js";
import type { RunFiles } from "../../../src/services/fineTuning/types.js";
import { logCurve, lossChart } from "../../../src/view/fineTuning/lossChart.js";
import { taskActions } from "../../../src/view/fineTuning/taskActions.js";
import { mostLogLines, TaskLogText } from "../../../src/view/fineTuning/taskLog.js";
import { deadlineView, taskView } from "../../../src/view/fineTuning/taskView.js";
import { english as t } from "../../../src/view/translate.js";
import { address, noon } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";
import {
  aDeliverable,
  aFinishedDeliverable,
  aLog,
  aRun,
  aTask,
  deliveredFacts,
  hour,
  taskFacts,
  taskScenes,
  telling,
} from "../../support/tasks.js";

const show = (facts: (typeof taskScenes)[keyof typeof taskScenes], log = "") =>
  taskView(facts, networks.testnet, logCurve(log), telling());

describe("A task's panel", () => {
  it("says what goes on, what comes next and what can be done, in every state", () => {
    const text = Object.entries(taskScenes).map(([name, facts]) => {
      const view = show(facts);
      return [
        `# ${name}`,
        `${view.title} | ${view.subtitle} | ${view.network}`,
        `${view.stage}: ${view.status}`,
        view.deadline
          ? `${view.deadline.isUrgent ? "!" : ""}${view.deadline.left}. ${view.deadline.sentence}`
          : "",
        view.work ? `${view.work.text} ${view.work.fraction ?? ""}` : "",
        view.problem ? `${view.problem.text} [${view.problem.action ?? ""}]` : "",
        ...view.actions.map((action) => `${action.isPrimary ? "*" : "-"} ${action.label}`),
        ...view.stages.map((stage) =>
          `  ${stage.state}: ${stage.label} ${stage.time} ${stage.took}`.trimEnd(),
        ),
        view.chart.caption,
        ...view.facts.map((fact) => `  ${fact.label}: ${fact.value}${fact.isCopyable ? " (copy)" : ""}`),
      ]
        .filter((line) => line !== "")
        .join("\n");
    });
    assertGolden("tasks", text.join("\n\n"));
  });

  it("does not promise to download what is here and checked", () => {
    const run = aRun({ files: { encrypted: "/models/model.encrypted" } });
    assert.match(show(deliveredFacts(1, { run })).status, /is on this machine and was checked/);
    assert.equal(show(deliveredFacts(1, { run })).actions[0]?.label, "Acknowledge");
    assert.match(show(deliveredFacts(1)).status, /It is downloaded and checked first/);
    assert.equal(show(deliveredFacts(1)).actions[0]?.label, "Download, check and acknowledge");
  });

  it("calls what is done next to a model by what was done to it last", () => {
    const deliverable = aFinishedDeliverable();
    const at = (files: RunFiles) => {
      const facts = taskFacts({ task: aTask({ stage: "Finished" }), deliverable, run: aRun({ files }) });
      const { status, actions, facts: known } = show(facts);
      const model = known.find(({ label }) => / model$/.test(label) && label !== "Base model")?.label;
      return [actions[0]?.label, /decrypted( and unpacked)? on this machine/.test(status), model];
    };
    const encrypted = "/models/model.encrypted";
    const decrypted = "/models/model.zip";
    assert.deepEqual(at({ encrypted }), ["Decrypt model", false, undefined]);
    assert.deepEqual(at({ encrypted, decrypted }), ["Unpack model", true, "Decrypted model"]);
    const [action, isHere] = at({ encrypted, decrypted, folder: "/home/model" });
    assert.deepEqual([action === "Unpack model" || action === "Decrypt model", isHere], [false, true]);
  });

  it("says before anything is acknowledged which key signed the model and which one the chain names now", () => {
    const signerChange = { signed: address("f"), now: address("d"), isAcknowledgedByOwner: true };
    const { problem } = show(deliveredFacts(1, { signerChange }));
    assert.match(problem?.text ?? "", /signed by 0xf{40}, .* now names 0xd{40}\./);
    assert.match(problem?.text ?? "", /operator has accepted the new key\. Look with “Verify provider”/);
  });

  it("names the stage that the chain proves, where its provider is behind", () => {
    const stage = (deliverable: Parameters<typeof aDeliverable>[0], told: TaskStage = "Delivered") =>
      show(taskFacts({ task: aTask({ stage: told }), deliverable: aDeliverable(deliverable) })).stage;
    assert.equal(stage({}), "Delivered");
    assert.equal(stage({}, "Delivering"), "Delivered");
    assert.equal(stage({ isAcknowledged: true }), "Acknowledged");
    assert.equal(stage({ isAcknowledged: true, isSettled: true }), "Finished");
    assert.equal(stage({ isAcknowledged: true }, "Finished"), "Finished");
    assert.equal(stage({ isAcknowledged: true }, "Failed"), "Failed");
  });

  it("names no time for a stage that passed unseen", () => {
    const { stages } = show(taskFacts({ stages: [] }));
    assert.deepEqual(
      stages.filter((stage) => stage.state === "done").map((stage) => stage.time),
      ["2026-01-15 11:40", "time not seen", "time not seen"],
    );
    assert.equal(stages[3]?.time, "2026-01-15 11:55");
  });

  it("offers no button while something is being done, but for the ways past a download that takes too long", () => {
    assert.deepEqual(taskActions(taskScenes.downloading), ["saveCalendar", "acknowledgeDeliverable"]);
    const { item } = taskScenes.downloading;
    const [step] = item.run?.steps.filter(({ name }) => name === "acknowledge") ?? [];
    assert.ok(item.run && step);
    const run = { ...item.run, steps: [{ ...step, state: "running" as const }] };
    assert.deepEqual(show({ ...taskScenes.downloading, item: { ...item, run } }).actions, []);
  });
});

describe("A task's actions", () => {
  it("put the next step first, and the cancelling last", () => {
    assert.deepEqual(taskActions(taskScenes.delivered), [
      "acknowledgeModel",
      "saveCalendar",
      "acknowledgeDeliverable",
    ]);
    assert.deepEqual(taskActions(taskScenes.settled), ["decryptModel", "deployAdapter"]);
    assert.deepEqual(taskActions(taskScenes.created), ["saveCalendar", "cancelTask"]);
    assert.deepEqual(taskActions(taskScenes.training), ["saveCalendar"]);
  });

  it("show the receipt of a model once there is one", () => {
    const { item } = taskScenes.settled;
    const receipt = { id: "a".repeat(24) as ReceiptId, state: "settled" } as const;
    const run = { ...aRun(), ...item.run, receipt };
    assert.ok(taskActions({ ...taskScenes.settled, item: { ...item, run } }).includes("showReceipt"));
  });

  it("offer no decryption of a model whose key will never come", () => {
    assert.deepEqual(taskActions(taskScenes.penalty), ["recover"]);
  });
});

describe("A task's deadline", () => {
  it("is told before the delivery: by when to be back, and saved to a calendar", () => {
    for (const stage of ["Init", "Training", "Delivering"] as const) {
      const facts = taskFacts({ task: aTask({ stage }), run: undefined });
      const { status, actions } = show(facts);
      assert.match(status, /within 12 hours of that\. Open the editor again by 2026-01-16 00:00/);
      const calendar = actions.find(({ id }) => id === "saveCalendar");
      assert.equal(calendar?.isPrimary, false);
    }
    assert.doesNotMatch(show(taskScenes.failed).status, /Open the editor/);
    assert.doesNotMatch(show(taskScenes.delivered).status, /Open the editor/);
  });

  const facts = deliveredFacts(0);

  it("is counted by the chain's clock", () => {
    assert.equal(deadlineView(facts, telling())?.left, "12 h 0 min left");
    const slow = { ...facts, chainTime: { timestamp: noon / 1000 + 3600, readAt: noon } };
    assert.equal(deadlineView(slow, telling())?.left, "11 h 0 min left");
  });

  it("becomes urgent in its last quarter, and says when it is over", () => {
    assert.equal(deadlineView(facts, telling(noon + 8.9 * hour))?.isUrgent, false);
    assert.equal(deadlineView(facts, telling(noon + 9.1 * hour))?.isUrgent, true);
    assert.equal(deadlineView(facts, telling(noon + 12 * hour))?.left, "Time is up");
  });

  it("is none where nothing waits", () => {
    assert.equal(deadlineView(taskScenes.settled, telling()), undefined);
  });
});

describe("The loss chart", () => {
  const finished = taskFacts({ task: aTask({ stage: "Finished" }) });

  it("has round axes around the values, and places within them", () => {
    const chart = lossChart(finished, logCurve(aLog([3.53, 2.2, 1.46])), t);
    assert.deepEqual(
      chart.plot?.up.map((tick) => tick.label),
      ["0", "1", "2", "3", "4"],
    );
    assert.deepEqual(
      chart.plot?.across.map((tick) => tick.label),
      ["0", "0.5", "1", "1.5", "2"],
    );
    for (const { x, y } of chart.plot?.points ?? []) assert.ok(x >= 0 && x <= 1 && y >= 0 && y <= 1);
    assert.equal(chart.plot?.summary, "Loss from 3.53 to 1.46 in 3 values");
    assert.equal(chart.table?.rows.length, 3);
    assert.match(chart.caption, /all tokens of a row.*Mean over the whole training: 1.234/s);
  });

  it("leaves a gap where a value is no number, and says so", () => {
    const log = "{'loss': 2.0, 'epoch': 1}\n{'loss': nan, 'epoch': 2}\n{'loss': 1.0, 'epoch': 3}";
    const chart = lossChart(finished, logCurve(log), t);
    assert.equal(chart.plot?.points.length, 2);
    assert.deepEqual(chart.table?.rows[1]?.slice(0, 2), ["2", "NaN"]);
    assert.match(chart.caption, /diverged/);
  });

  it("is that of the last attempt when the training was begun again", () => {
    const chart = lossChart(
      finished,
      logCurve(`${aLog([3, 2])}=== Container Failed ===\n${aLog([4, 1])}`),
      t,
    );
    assert.equal(chart.plot?.summary, "Loss from 4 to 1 in 2 values");
    assert.match(chart.caption, /begun 2 times/);
  });

  it("says why there is none", () => {
    const caption = (stage: Parameters<typeof aTask>[0], log = "") =>
      lossChart(taskFacts({ task: aTask(stage) }), logCurve(log), t).caption;
    assert.match(caption({ stage: "SetUp" }), /not begun/);
    assert.match(caption({ stage: "Training" }), /in one block when it has ended/);
    assert.match(
      caption({ stage: "Delivered" }, "[2026-01-15T11:40:00Z] creating task...."),
      /every 10 steps/,
    );
    assert.match(caption({ stage: "Delivered" }), /log is empty/);
    assert.match(caption({ stage: "Failed" }), /ended before a loss/);
  });

  it("draws a bounded number of points, with the first and the last", () => {
    const losses = Array.from({ length: 5000 }, (_, index) => 5 - index / 1000);
    const chart = lossChart(finished, logCurve(aLog(losses)), t);
    assert.equal(chart.plot?.points.length, 600);
    assert.equal(chart.table?.rows.length, 200);
    assert.equal(chart.table?.note, "200 of 5000 values.");
    assert.equal(chart.plot?.points.at(-1)?.x, 1);
  });
});

describe("The log as lines", () => {
  it("comes piece by piece; a line that still grows is sent again", () => {
    const log = new TaskLogText();
    assert.deepEqual(log.append("one\ntw"), { from: 0, dropped: 0, lines: [plain("one"), plain("tw")] });
    assert.deepEqual(log.append("o\nthree"), { from: 1, dropped: 0, lines: [plain("two"), plain("three")] });
    assert.deepEqual(log.all().lines.length, 3);
  });

  it("leaves out the colours of a terminal, and what a carriage return wrote over", () => {
    const log = new TaskLogText();
    const { lines } = log.append("\u001b[31mred\u001b[0m\n 10%\r 50%\r100%\r\n");
    assert.deepEqual(lines, [plain("red"), plain("100%")]);
  });

  it("keeps a bounded number of bounded lines, and counts the others", () => {
    const log = new TaskLogText();
    log.append("x\n".repeat(mostLogLines));
    const view = log.append(`${"y".repeat(10_000)}\nz\n`);
    assert.equal(view.dropped, 2);
    assert.equal(view.lines[0]?.text.length, 2001);
    assert.equal(log.all().lines.length, mostLogLines);
    assert.equal(log.all().from, 2);
  });

  it("takes any number of lines at once", () => {
    const log = new TaskLogText();
    log.append("first\n");
    const view = log.append(`${"x\n".repeat(400_000)}last\n`);
    assert.deepEqual([view.lines.length, view.dropped, view.from], [mostLogLines, 395_002, 395_002]);
    assert.equal(view.lines.at(-1)?.text, "last");
  });

  it("marks what reads as an error", () => {
    const { lines } = new TaskLogText().append("[2026-11-20T18:05:00Z] Error executing task 3e\nno error\n");
    assert.deepEqual(
      lines.map((line) => line.isError),
      [true, false],
    );
  });

  const plain = (text: string) => ({ text, isError: false });
});

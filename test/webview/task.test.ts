// The task panel: what it shows in each kind of theme and each state, its keyboard, its log and its chart.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { networks } from "../../src/domain/networks.js";
import type { TaskPanelState } from "../../src/protocol.js";
import { logCurve } from "../../src/view/fineTuning/lossChart.js";
import { TaskLogText } from "../../src/view/fineTuning/taskLog.js";
import { taskPanelStrings, taskView } from "../../src/view/fineTuning/taskView.js";
import { english } from "../../src/view/translate.js";
import { aLog, taskScenes, telling } from "../support/tasks.js";
import { until } from "../until.js";
import { themeKinds, usePanel } from "./harness.js";

type Scene = keyof typeof taskScenes;
const losses = [3.53, 2.9, 2.41, 2.0, 1.72, 1.5, 1.38, 1.3, 1.27, 1.26];
const hostileLine = "\u202Etxt.exe <img src=x onerror=alert(1)> \u0007";

function stateOf(scene: Scene, log = ""): TaskPanelState {
  const lines = new TaskLogText();
  lines.append(log);
  const { provider, id } = taskScenes[scene].item;
  return {
    shown: { provider, id },
    task: taskView(taskScenes[scene], networks.sandbox, logCurve(log), telling()),
    log: lines.all(),
    strings: taskPanelStrings(english),
  };
}

const logs: Readonly<Partial<Record<Scene, string>>> = {
  training: `[2026-01-15T11:40:00Z] creating task....\n${hostileLine}\n`,
  delivered: aLog(losses),
  deployed: aLog(losses),
  failed: "[2026-01-15T11:40:00Z] creating task....\n=== Container Failed ===\ncontainer exited: 1\n",
};

for (const theme of themeKinds)
  describe(`the task panel in the theme "${theme}"`, function () {
    this.timeout(60_000);
    const panel = usePanel({ theme, bundle: "webview-task", viewport: { width: 1000, height: 1100 } });

    for (const scene of Object.keys(taskScenes) as Scene[])
      it(`has no findings: ${scene}`, async () => {
        await panel.waitForMessage("ready");
        await panel.post({ kind: "snapshot", state: stateOf(scene, logs[scene]) });
        await panel.page.getByRole("heading", { level: 1 }).waitFor();
        const values = panel.page.getByText("Values as a table");
        if (await values.isVisible()) await values.click();
        await panel.page.evaluate(
          "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
        assert.deepEqual(await panel.axe(), []);
        assert.deepEqual(panel.cspViolations, []);
        assert.deepEqual(panel.pageErrors, []);
        await panel.screenshot(`task-${scene}-${theme}`);
      });
  });

describe("the task panel", () => {
  const panel = usePanel({ bundle: "webview-task" });
  const button = (name: string) => panel.page.getByRole("button", { name, exact: true });
  const log = () => panel.page.getByRole("region", { name: "Training log" });
  const scrolled = () =>
    log().evaluate((node) => ({
      top: node.scrollTop,
      isAtEnd: node.scrollHeight - node.scrollTop - node.clientHeight < 4,
    }));
  const show = async (scene: Scene, text = "") => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "snapshot", state: stateOf(scene, text) });
    await panel.page.getByRole("heading", { level: 1 }).waitFor();
  };

  it("tells the host which button was pressed, by mouse and by keyboard", async () => {
    await show("urgent");
    await button("Download, check and acknowledge").click();
    assert.deepEqual(await panel.waitForMessage("action"), { kind: "action", action: "acknowledgeModel" });
    const before = panel.messages.length;
    await button("Acknowledge without the file").focus();
    await panel.page.keyboard.press("Enter");
    const message = await panel.waitForMessage("action", before);
    assert.deepEqual(message, { kind: "action", action: "acknowledgeDeliverable" });
    await button("Retry").click();
    await panel.waitForMessage("mend");
  });

  it("reaches everything with the Tab key, in the order of the page", async () => {
    await show("deployed", aLog(losses));
    const seen: string[] = [];
    for (let press = 0; press < 7; press++) {
      await panel.page.keyboard.press("Tab");
      seen.push(
        await panel.page.evaluate<string>(
          "(document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '').trim()",
        ),
      );
    }
    const order = [
      "Chat with adapter",
      "Reveal in file manager",
      "Export README",
      "Values as a table",
      "Open as document",
      "Training log",
      "Copy Task",
    ];
    assert.deepEqual(seen, order);
  });

  it("keeps the focus where it was when the host tells the same again, and moves it to the stage when the buttons change", async () => {
    await show("delivered");
    const first = button("Download, check and acknowledge");
    await first.focus();
    await panel.post({ kind: "task", task: stateOf("delivered").task });
    await until("the focus stays", () => first.evaluate((node) => node.matches(":focus-within, :focus")));
    const delivered = stateOf("delivered").task;
    const renamed = delivered.actions.map((action) => ({
      ...action,
      label: action.label.replace(/^.* a/, "A"),
    }));
    await panel.post({ kind: "task", task: { ...delivered, actions: renamed } });
    const renamedFirst = button("Acknowledge");
    await until("the same action under a new name has it", () =>
      renamedFirst.evaluate((node) => node.matches(":focus-within, :focus")),
    );
    await panel.post({ kind: "task", task: stateOf("settled").task });
    await button("Decrypt model").waitFor();
    assert.equal(await panel.page.evaluate("document.activeElement?.textContent"), "Finished");
  });

  it("says a new stage politely, once, and nothing else of its own accord", async () => {
    await show("training");
    const status = () => panel.page.getByRole("status").textContent();
    assert.equal(await status(), "");
    await panel.post({ kind: "task", task: stateOf("delivered").task });
    await until("it is said", async () => (await status()) === "Stage: Delivered");
    assert.equal(await panel.page.locator("[aria-live], [role=log], [role=alert], [role=status]").count(), 1);
  });

  it("goes to the log when the host asks for it", async () => {
    await show("training", "line\n".repeat(100));
    await panel.post({ kind: "focusLog" });
    await until("the log has the focus", () => log().evaluate((node) => node === document.activeElement));
  });

  it("copies by number, never by value", async () => {
    await show("settled");
    await button("Copy Provider").click();
    assert.deepEqual(await panel.waitForMessage("copy"), { kind: "copy", fact: 1 });
    await button("Copied").waitFor();
  });

  it("draws the curve with its axes, and the same values as a table", async () => {
    await show("delivered", aLog(losses));
    const picture = panel.page.getByRole("img", { name: "Loss from 3.53 to 1.26 in 10 values" });
    assert.equal(await picture.locator("circle").count(), losses.length);
    for (const name of ["Epochs", "Loss"])
      assert.equal(await picture.locator("text.axis-name", { hasText: name }).count(), 1);
    const box = async () => (await picture.boundingBox())?.width ?? 0;
    const wide = await box();
    await panel.page.setViewportSize({ width: 420, height: 800 });
    await until("it is drawn narrower", async () => (await box()) < wide && (await box()) > 300);
    await panel.page.getByText("Values as a table").click();
    assert.equal(await panel.page.locator("tbody tr").count(), losses.length);
    assert.equal(await panel.page.getByRole("columnheader", { name: "Epoch" }).count(), 1);
  });

  it("shows a stranger's log as text, with hidden characters by their number", async () => {
    await show("training", hostileLine);
    assert.match((await log().textContent()) ?? "", /U\+202Etxt\.exe <img src=x onerror=alert\(1\)> U\+0007/);
    assert.equal(await panel.page.locator("img").count(), 0);
  });

  it("follows the log's end while the reader is there, and stays where the reader went", async () => {
    const text = new TaskLogText();
    await show("training", "line\n".repeat(400));
    text.append("line\n".repeat(400));
    assert.equal((await scrolled()).isAtEnd, true);
    await panel.post({ kind: "log", log: text.append("more\n".repeat(50)) });
    await until("it follows", async () => (await scrolled()).isAtEnd);
    await log().evaluate((node) => (node.scrollTop = 100));
    await button("Jump to latest").waitFor();
    await panel.post({ kind: "log", log: text.append("again\n".repeat(50)) });
    await panel.page.getByText("again").last().waitFor({ state: "attached" });
    assert.equal((await scrolled()).top, 100);
    await button("Jump to latest").click();
    await until("it is at the end", async () => (await scrolled()).isAtEnd);
  });

  it("keeps no more lines than the host does, and says how many are left out", async () => {
    const text = new TaskLogText();
    await show("training");
    await panel.post({ kind: "log", log: text.append("a\n".repeat(5000)) });
    await panel.post({ kind: "log", log: text.append("b\n".repeat(300)) });
    await panel.page.getByText("300 earlier lines are left out").waitFor();
    assert.equal(await panel.page.locator(".log-line").count(), 5000);
    await panel.post({ kind: "log", log: text.append("grow") });
    await panel.post({ kind: "log", log: text.append("ing") });
    await panel.page.getByText("growing", { exact: true }).waitFor({ state: "attached" });
    assert.equal(await panel.page.getByText("grow", { exact: true }).count(), 0);
  });

  for (const [width, height, what] of [
    [320, 700, "a narrow column"],
    [450, 400, "a window zoomed to 200 %"],
  ] as const)
    it(`fits ${what} without scrolling sideways`, async () => {
      await panel.page.setViewportSize({ width, height });
      await show("urgent", `${"w".repeat(500)}\n${aLog(losses)}`);
      const wide = await panel.page.evaluate<string[]>(
        `[...document.querySelectorAll("body *")].filter((node) => !node.closest(".visually-hidden, .stage-state")
          && node.getBoundingClientRect().right > innerWidth + 0.5).map((node) => node.tagName + "." + node.className)`,
      );
      assert.deepEqual(wide, []);
      await panel.screenshot(`task-layout-${width}`);
    });

  it("survives a reload: all it needs comes again with the first message", async () => {
    await show("delivered", aLog(losses));
    assert.deepEqual(await panel.state(), stateOf("delivered").shown);
    await panel.reload();
    await show("delivered", aLog(losses));
    assert.equal(await panel.page.locator("polyline.curve").count(), 1);
  });
});

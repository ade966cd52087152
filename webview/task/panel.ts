// The whole task panel: takes the host's messages apart and hands each to the part it is for.
import type { TaskPanelState, TaskView, ToTaskPanel } from "../../src/protocol.js";
import { el, fill } from "../dom.js";
import { whenChanged } from "../changed.js";
import { LossChart } from "./chart.js";
import type { TaskPanelContext } from "./context.js";
import { Facts } from "./facts.js";
import { Head } from "./head.js";
import { LogPane } from "./log.js";
import { timelineItems } from "./timeline.js";

export class TaskPanel {
  readonly element: HTMLElement;
  private readonly log: LogPane;
  private readonly head: Head;
  private readonly chart: LossChart;
  private readonly facts: Facts;
  private readonly stages = el("ol", { class: "timeline", role: "list" });
  private stage: string | undefined;

  private readonly showStages = whenChanged((stages: TaskView["stages"]) =>
    this.stages.replaceChildren(...timelineItems(stages)),
  );

  constructor(private readonly context: TaskPanelContext) {
    const { strings } = context;
    this.head = new Head(context);
    this.chart = new LossChart(strings);
    this.log = new LogPane(context);
    this.facts = new Facts(context);
    this.element = el(
      "main",
      { class: "task" },
      this.head.element,
      el(
        "div",
        { class: "columns" },
        el("section", { class: "stages" }, el("h2", {}, strings.stages), this.stages),
        el("div", { class: "training" }, this.chart.element, this.log.element),
      ),
      this.facts.element,
    );
  }

  receive(message: ToTaskPanel): void {
    switch (message.kind) {
      case "snapshot":
        return this.snapshot(message.state);
      case "task":
        return this.show(message.task);
      case "log":
        return this.log.show(message.log);
      case "focusLog":
        return this.log.focus();
    }
  }

  private snapshot({ shown, task, log }: TaskPanelState): void {
    this.context.keep(shown);
    this.show(task);
    this.log.replace(log);
  }

  private show(task: TaskView): void {
    const isNews = this.stage !== undefined && this.stage !== task.stage;
    this.stage = task.stage;
    this.head.show(task);
    this.showStages(task.stages);
    this.chart.show(task.chart);
    this.facts.show(task.facts);
    if (isNews) this.context.announce(fill(this.context.strings.stageIs, task.stage));
  }
}

// The whole task panel: takes the host's messages apart and hands each to the part it is for.
import type {
  TaskPanelState,
  TaskPanelStrings,
  TaskView,
  ToTaskHost,
  ToTaskPanel,
} from "../../src/protocol.js";
import { el, fill } from "../dom.js";
import { whenChanged } from "./changed.js";
import { LossChart } from "./chart.js";
import { Facts } from "./facts.js";
import { Head } from "./head.js";
import { LogPane } from "./log.js";
import { timelineItems } from "./timeline.js";

export interface EditorApi {
  postMessage(message: ToTaskHost): void;
  /** Handed to the host when a window with this panel is opened again. */
  setState(state: TaskPanelState["shown"]): void;
}

export interface TaskPanelContext {
  readonly post: (message: ToTaskHost) => void;
  readonly strings: TaskPanelStrings;
  /** Says a short sentence to assistive technology. */
  readonly announce: (text: string) => void;
}

export class TaskPanel {
  private readonly status = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  /** Built with the first snapshot: the words of the controls come with it. */
  private parts: Parts | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly api: EditorApi,
  ) {}

  /** Takes any value; what is no message of the protocol is ignored. */
  receive(message: unknown): void {
    if (typeof message !== "object" || message === null || !("kind" in message)) return;
    const known = message as ToTaskPanel;
    switch (known.kind) {
      case "snapshot":
        return this.snapshot(known.state);
      case "task":
        return this.parts?.show(known.task);
      case "log":
        return this.parts?.log.show(known.log);
      case "focusLog":
        return this.parts?.log.focus();
    }
  }

  private snapshot({ shown, task, log, strings }: TaskPanelState): void {
    this.api.setState(shown);
    if (!this.parts) {
      const announce = (text: string) => this.status.replaceChildren(text);
      this.parts = new Parts({ post: (message) => this.api.postMessage(message), strings, announce });
      this.root.replaceChildren(this.parts.element, this.status);
    }
    this.parts.show(task);
    this.parts.log.replace(log);
  }
}

class Parts {
  readonly element: HTMLElement;
  readonly log: LogPane;
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

  show(task: TaskView): void {
    const isNews = this.stage !== undefined && this.stage !== task.stage;
    this.stage = task.stage;
    this.head.show(task);
    this.showStages(task.stages);
    this.chart.show(task.chart);
    this.facts.show(task.facts);
    if (isNews) this.context.announce(fill(this.context.strings.stageIs, task.stage));
  }
}

// Above everything: which task this is, what goes on, what is urgent, and what can be done.
import type { DeadlineView, TaskActionView, TaskView } from "../../src/protocol.js";
import { button } from "../controls.js";
import { el, foreign } from "../dom.js";
import { icon } from "../icons.js";
import { whenChanged } from "../changed.js";
import { ProblemBox } from "../problemBox.js";
import type { TaskPanelContext } from "./context.js";

export class Head {
  readonly element: HTMLElement;
  private readonly title = el("h1");
  private readonly network = el("span", { class: "tag network" });
  private readonly subtitle = el("p", { class: "subtitle" });
  private readonly stage = el("strong", { class: "stage", tabindex: -1 });
  private readonly status = el("span");
  private readonly left = el("strong");
  private readonly until = el("span");
  private readonly deadline = el("div", { class: "notice deadline", hidden: true }, icon("clock"));
  private readonly problem: ProblemBox;
  private readonly work = el("div", { class: "work", hidden: true });
  private readonly actions = el("div", { class: "actions", role: "group" });

  constructor(private readonly context: TaskPanelContext) {
    this.problem = new ProblemBox(() => context.post({ kind: "mend" }));
    this.actions.setAttribute("aria-label", context.strings.actions);
    this.deadline.append(el("p", {}, this.left, " ", this.until));
    this.element = el(
      "header",
      { class: "head" },
      el("div", { class: "name" }, this.title, this.network),
      this.subtitle,
      el("p", { class: "status" }, this.stage, " ", this.status),
      this.deadline,
      this.problem.element,
      this.work,
      this.actions,
    );
  }

  show(task: TaskView): void {
    this.title.replaceChildren(foreign(task.title, "code"));
    this.network.textContent = task.network;
    this.network.classList.toggle("is-sandbox", task.isSandbox);
    this.subtitle.textContent = task.subtitle;
    this.stage.textContent = task.stage;
    this.status.textContent = task.status;
    this.showDeadline(task.deadline);
    this.problem.show(task.problem);
    this.showWork(task.work);
    this.showActions(task.actions);
  }

  private showDeadline(deadline: DeadlineView | undefined): void {
    this.deadline.hidden = deadline === undefined;
    this.deadline.classList.toggle("is-urgent", deadline?.isUrgent === true);
    this.left.textContent = deadline?.left ?? "";
    this.until.textContent = deadline?.sentence ?? "";
  }

  /** A bar only where the end is known; its words are always there. */
  private showWork(work: TaskView["work"]): void {
    this.work.hidden = work === undefined;
    if (!work) return this.work.replaceChildren();
    const { text, fraction } = work;
    const bar = el("progress", { max: 1, value: fraction, "aria-label": text });
    this.work.replaceChildren(el("p", {}, text), bar);
  }

  private readonly showActions = whenChanged((actions: readonly TaskActionView[]) => {
    const focused = [...this.actions.children].find((shown) => shown === document.activeElement);
    const buttons = actions.map((action) => {
      const shown = this.button(action, { kind: "action", action: action.id });
      shown.dataset["action"] = action.id;
      return shown;
    });
    this.actions.hidden = actions.length === 0;
    this.actions.replaceChildren(...buttons);
    if (!focused) return;
    // The same action under a new name keeps the focus; of one that is gone it goes to what its press has changed.
    const same = buttons.find(
      (shown) => shown.dataset["action"] === (focused as HTMLElement).dataset["action"],
    );
    (same ?? this.stage).focus();
  });

  private button(
    { label, isPrimary }: Pick<TaskActionView, "label" | "isPrimary">,
    message: Parameters<TaskPanelContext["post"]>[0],
  ): HTMLElement {
    const onClick = () => this.context.post(message);
    return button({ label, appearance: isPrimary ? "primary" : "secondary", onClick }).element;
  }
}

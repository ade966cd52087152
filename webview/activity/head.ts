// Above the table: whose activity, how far it was read, what went wrong, what cannot be shown, and the sums of all.
import type { ActivityPanelState } from "../../src/protocol/activity.js";
import { button, type Button } from "../controls.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { whenChanged } from "../changed.js";
import { ProblemBox } from "../problemBox.js";
import type { ActivityContext } from "./context.js";

export class Head {
  readonly element: HTMLElement;
  private readonly title = el("h1");
  private readonly network = el("span", { class: "tag network" });
  private readonly subtitle = el("p", { class: "subtitle" });
  private readonly status = el("p", { class: "status" });
  private readonly progress = el("progress", { max: 1, hidden: true });
  private readonly problem: ProblemBox;
  private readonly notices = el("div", { class: "notices" });
  private readonly sums = el("dl", { class: "sums" });
  private readonly exportButton: Button;

  constructor(context: ActivityContext) {
    const { strings, post } = context;
    this.problem = new ProblemBox(() => post({ kind: "mend" }));
    const refresh = button({
      label: strings.refresh,
      appearance: "secondary",
      onClick: () => post({ kind: "refresh" }),
    });
    this.exportButton = button({
      label: strings.exportCsv,
      appearance: "secondary",
      onClick: () => post({ kind: "export" }),
    });
    this.element = el(
      "header",
      { class: "head" },
      el(
        "div",
        { class: "title-line" },
        el("div", { class: "name" }, this.title, this.network, this.subtitle),
        el("div", { class: "actions" }, refresh.element, this.exportButton.element),
      ),
      this.status,
      this.progress,
      this.problem.element,
      this.notices,
      this.sums,
    );
    this.sums.setAttribute("aria-label", strings.sums);
  }

  show(state: ActivityPanelState): void {
    this.title.textContent = state.title;
    this.network.textContent = state.network;
    this.network.classList.toggle("is-sandbox", state.isSandbox);
    this.subtitle.textContent = state.subtitle;
    this.status.textContent = state.status;
    this.exportButton.setDisabled(!state.canExport);
    this.progress.hidden = state.progress === undefined;
    this.progress.value = state.progress ?? 0;
    this.progress.setAttribute("aria-label", state.status);
    this.problem.show(state.problem);
    this.showNotices(state.notices);
    this.showSums(state.sums);
  }

  private readonly showNotices = whenChanged((notices: readonly string[]) => {
    this.notices.replaceChildren(
      ...notices.map((text) => el("div", { class: "notice" }, icon("notProven"), el("p", {}, text))),
    );
  });

  private readonly showSums = whenChanged((sums: ActivityPanelState["sums"]) => {
    this.sums.replaceChildren(
      ...sums.map(({ label, value, exact }) =>
        el("div", { class: "sum" }, el("dt", {}, label), el("dd", { title: exact }, value)),
      ),
    );
  });
}

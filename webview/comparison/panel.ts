// The whole page of compared answers: who is asked, the question, a column for each answer. The host owns them; each state it sends is complete.
import type { ComparedView, ComparisonState, ToComparisonPanel } from "../../src/protocol/comparison.js";
import { el } from "../dom.js";
import { ProblemBox } from "../problemBox.js";
import { Column } from "./column.js";
import type { ComparisonContext } from "./context.js";
import { Question } from "./question.js";

export class ComparisonPanel {
  readonly element: HTMLElement;
  private readonly title = el("h1");
  private readonly network = el("span", { class: "tag network" });
  private readonly blocked: ProblemBox;
  private readonly question: Question;
  private readonly empty = el("p", { class: "empty" });
  private readonly grid: HTMLElement;
  private columns: readonly Column[] = [];
  private isFlushing = false;

  constructor(private readonly context: ComparisonContext) {
    this.blocked = new ProblemBox(() => context.post({ kind: "start" }));
    this.question = new Question(context);
    this.grid = el("div", { class: "columns", role: "group", "aria-label": context.strings.answers });
    this.element = el(
      "main",
      { class: "comparison" },
      el("header", { class: "comparison-head name" }, this.title, this.network),
      this.blocked.element,
      this.question.element,
      el("h2", { class: "visually-hidden" }, context.strings.answers),
      this.grid,
      this.empty,
    );
  }

  receive(message: ToComparisonPanel): void {
    switch (message.kind) {
      case "state":
        return this.show(message.state);
      case "column":
        return this.update(message.column);
      case "prompt":
        return this.question.write(message.text);
      case "delta":
        this.columns.find(({ id }) => id === message.turn)?.append(message.text, message.channel);
        return this.flushSoon();
    }
  }

  private show(state: ComparisonState): void {
    this.title.textContent = state.title;
    this.network.textContent = state.network;
    this.network.classList.toggle("is-sandbox", state.isSandbox);
    this.blocked.show(state.blocked);
    this.question.show(state);
    this.empty.hidden = state.columns.length > 0;
    this.empty.textContent = state.empty;
    this.showColumns(
      state.columns.map(({ turn }) => turn.id),
      state.columns,
    );
    for (const column of state.columns) this.update(column);
  }

  /** A column stays as long as its answer does: what is being read or selected in it is not touched. */
  private showColumns(ids: readonly string[], views: readonly ComparedView[]): void {
    if (ids.join() === this.columns.map(({ id }) => id).join()) return;
    this.columns = views.map(
      (view) => this.columns.find(({ id }) => id === view.turn.id) ?? new Column(view, this.context),
    );
    this.grid.replaceChildren(...this.columns.map(({ element }) => element));
  }

  private update(view: ComparedView): void {
    const column = this.columns.find(({ id }) => id === view.turn.id);
    if (!column?.update(view)) return;
    this.context.announce(view.ended);
  }

  /** Once a frame, however many pieces came. */
  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    requestAnimationFrame((now) => {
      this.isFlushing = false;
      const isShown = this.columns.map((column) => column.flush(now));
      if (isShown.includes(false)) this.flushSoon();
    });
  }
}

// The whole provider table: head, the prompt that is priced, the rows. The host prices, filters and sorts; each state it sends is complete.
import type { ProviderTableState, ToProviderTablePanel } from "../../src/protocol/providerTable.js";
import { button, type Button } from "../controls.js";
import { el } from "../dom.js";
import { ProblemBox } from "../problemBox.js";
import type { ProviderTableContext } from "./context.js";
import { Question } from "./question.js";
import { ServiceTable } from "./table.js";

export class ProviderTablePanel {
  readonly element: HTMLElement;
  private readonly title = el("h1");
  private readonly network = el("span", { class: "tag network" });
  private readonly status = el("p", { class: "status" });
  private readonly compare: Button;
  private readonly problem: ProblemBox;
  private readonly question: Question;
  private readonly table: ServiceTable;
  private said: string | undefined;

  constructor(private readonly context: ProviderTableContext) {
    const { strings, post } = context;
    const secondary = (label: string, kind: "refresh" | "compare") =>
      button({ label, appearance: "secondary", onClick: () => post({ kind }) });
    this.compare = secondary(strings.compare, "compare");
    const refresh = secondary(strings.refresh, "refresh");
    this.problem = new ProblemBox(() => post({ kind: "mend" }));
    this.question = new Question(context);
    this.table = new ServiceTable(context);
    this.element = el(
      "main",
      { class: "providers" },
      el(
        "header",
        { class: "head" },
        el(
          "div",
          { class: "title-line" },
          el("div", { class: "name" }, this.title, this.network),
          el("div", { class: "actions" }, this.compare.element, refresh.element),
        ),
        this.status,
        this.problem.element,
      ),
      this.question.element,
      this.table.element,
    );
  }

  receive({ kind, state }: ToProviderTablePanel): void {
    if (kind !== "state") return;
    this.title.textContent = state.title;
    this.network.textContent = state.network;
    this.network.classList.toggle("is-sandbox", state.isSandbox);
    this.status.textContent = state.status;
    this.compare.setDisabled(!state.canCompare);
    this.problem.show(state.problem);
    this.question.show(state);
    this.table.show(state);
    this.announce(state);
  }

  /** Only what the reader asked for: another order, another filter, a figure that was measured. */
  private announce({ caption, filter, columns, rows }: ProviderTableState): void {
    const measured = rows.find(({ measure }) => measure?.isRunning)?.name;
    const said = JSON.stringify([filter.value, rows.length, columns.map(({ order }) => order), measured]);
    if (this.said !== undefined && this.said !== said) this.context.announce(caption);
    this.said = said;
  }
}

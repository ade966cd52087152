// The whole activity panel: head, filters, table, totals. The host filters, sorts and pages; each state it sends is complete.
import type { ActivityPanelState, ToActivityPanel } from "../../src/protocol/activity.js";
import { el } from "../dom.js";
import { whenChanged } from "../changed.js";
import type { ActivityContext } from "./context.js";
import { Filters } from "./filters.js";
import { Head } from "./head.js";
import { MovementTable } from "./table.js";
import { totalsFolds } from "./totals.js";

export class ActivityPanel {
  readonly element: HTMLElement;
  private readonly head: Head;
  private readonly filters: Filters;
  private readonly table: MovementTable;
  private readonly totals = el("div", { class: "totals" });
  private asked: string | undefined;

  constructor(private readonly context: ActivityContext) {
    this.head = new Head(context);
    this.filters = new Filters(context);
    this.table = new MovementTable(context);
    this.element = el(
      "main",
      { class: "activity" },
      this.head.element,
      this.filters.element,
      this.table.element,
      this.totals,
    );
  }

  receive({ kind, state }: ToActivityPanel): void {
    if (kind !== "state") return;
    this.head.show(state);
    this.filters.show(state);
    this.table.show(state.table);
    this.showTotals(state.totals);
    this.announce(state);
  }

  /** Only what the reader asked for: rows that come while the chain is read are not told one by one. */
  private announce({ filters, table: { columns, paging, caption } }: ActivityPanelState): void {
    const orders = columns.map(({ order }) => order);
    const asked = JSON.stringify([filters.map(({ value }) => value), orders, paging.page]);
    if (this.asked !== undefined && this.asked !== asked) this.context.announce(caption);
    this.asked = asked;
  }

  private readonly showTotals = whenChanged((totals: ActivityPanelState["totals"]) => {
    const open = new Set([...this.totals.querySelectorAll("details[open]")].map(({ id }) => id));
    this.totals.replaceChildren(...totalsFolds(totals, open));
  });
}

// The movements: a native table whose headings sort it, one page of rows, each with the way to its transaction.
import type { ActivityColumnView, ActivityRowView, ActivityTableView } from "../../src/protocol/activity.js";
import { el, fill, foreign } from "../dom.js";
import { SortedTable } from "../sortedTable.js";
import type { ActivityContext } from "./context.js";
import { Paging } from "./filters.js";

export class MovementTable {
  readonly element: HTMLElement;
  private readonly table: SortedTable<ActivityColumnView, ActivityRowView>;
  private readonly paging: Paging;
  private page = 0;

  constructor(private readonly context: ActivityContext) {
    this.table = new SortedTable({
      class: "movements",
      label: context.strings.table,
      row: (row) => this.row(row),
      sort: (column) => context.post({ kind: "sort", column }),
    });
    this.paging = new Paging(context);
    this.element = el("section", { class: "table" }, this.table.frame, this.table.empty, this.paging.element);
  }

  show(view: ActivityTableView): void {
    const { paging } = view;
    this.table.show(view);
    this.paging.show(paging);
    if (paging.page !== this.page) this.table.frame.scrollTop = 0;
    this.page = paging.page;
  }

  private row(row: ActivityRowView): HTMLElement {
    return el(
      "tr",
      { role: "row", "data-row": row.id },
      el(
        "td",
        { role: "cell", class: "column-time" },
        el("time", { datetime: row.timestamp, title: row.timestamp }, row.time),
      ),
      el(
        "th",
        { role: "rowheader", scope: "row", class: "column-kind" },
        el("span", { class: "kind" }, row.label),
        row.route !== "" && el("span", { class: "route" }, row.route),
      ),
      el("td", { role: "cell", class: "column-amount", title: row.exact || undefined }, row.amount),
      el(
        "td",
        { role: "cell", class: "column-provider" },
        el("span", { title: row.providerAddress || undefined }, row.provider),
      ),
      el("td", { role: "cell", class: "column-note" }, foreign(row.note, "code")),
      el("td", { role: "cell", class: "column-transaction" }, this.transaction(row)),
    );
  }

  private transaction({ id, transaction, hash, hasLink }: ActivityRowView): HTMLElement | undefined {
    if (transaction === "") return undefined;
    if (!hasLink) return el("span", { class: "hash", title: hash }, transaction);
    const label = fill(this.context.strings.openTransaction, transaction);
    const link = el(
      "button",
      { type: "button", class: "link hash", title: hash, "aria-label": label },
      transaction,
    );
    link.addEventListener("click", () => this.context.post({ kind: "openTransaction", row: id }));
    return link;
  }
}

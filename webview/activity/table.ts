// The movements: a native table whose headings sort it, one page of rows, each with the way to its transaction.
import type { ActivityColumnView, ActivityRowView, ActivityTableView } from "../../src/protocol/activity.js";
import { el, fill, foreign } from "../dom.js";
import { icon } from "../icons.js";
import { whenChanged } from "../changed.js";
import { Paging } from "./filters.js";
import type { ActivityContext } from "./panel.js";

export class MovementTable {
  readonly element: HTMLElement;
  private readonly caption = el("caption", { class: "visually-hidden" });
  // With roles by name: a narrow panel shows the rows as blocks, and they are a table all the same.
  private readonly headings = el("tr", { role: "row" });
  private readonly body = el("tbody", { role: "rowgroup" });
  private readonly empty = el("p", { class: "empty", hidden: true });
  private readonly frame: HTMLElement;
  private readonly paging: Paging;
  private page = 0;

  constructor(private readonly context: ActivityContext) {
    const table = el(
      "table",
      { class: "movements", role: "table" },
      this.caption,
      el("thead", { role: "rowgroup" }, this.headings),
      this.body,
    );
    this.frame = el(
      "div",
      { class: "table-frame", role: "region", "aria-label": context.strings.table, tabindex: 0 },
      table,
    );
    this.paging = new Paging(context);
    this.element = el("section", { class: "table" }, this.frame, this.empty, this.paging.element);
  }

  show({ caption, columns, rows, empty, paging }: ActivityTableView): void {
    this.caption.textContent = caption;
    this.showColumns(columns);
    this.showRows(rows);
    this.empty.hidden = rows.length > 0;
    this.frame.hidden = rows.length === 0;
    this.empty.textContent = empty;
    this.paging.show(paging);
    if (paging.page !== this.page) this.frame.scrollTop = 0;
    this.page = paging.page;
  }

  private readonly showColumns = whenChanged((columns: readonly ActivityColumnView[]) => {
    const focused = document.activeElement?.closest("th")?.dataset.column;
    this.headings.replaceChildren(...columns.map((column) => this.heading(column)));
    if (focused) this.headings.querySelector<HTMLElement>(`[data-column="${focused}"] button`)?.focus();
  });

  private heading({ id, label, sort, order }: ActivityColumnView): HTMLElement {
    const attributes = {
      role: "columnheader",
      scope: "col",
      class: `column-${id}`,
      "data-column": id,
      "aria-sort": order,
    };
    if (!sort) return el("th", attributes, label);
    const arrow = order && icon("down");
    if (order === "ascending") arrow?.classList.add("is-up");
    const press = el("button", { type: "button", class: "sort" }, label, arrow);
    press.addEventListener("click", () => this.context.post({ kind: "sort", column: sort }));
    return el("th", attributes, press);
  }

  private readonly showRows = whenChanged((rows: readonly ActivityRowView[]) => {
    const focused = document.activeElement?.closest("tr")?.dataset.row;
    this.body.replaceChildren(...rows.map((row) => this.row(row)));
    if (focused === undefined) return;
    const same = [...this.body.rows].find((row) => row.dataset.row === focused);
    (same?.querySelector("button") ?? this.frame).focus();
  });

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

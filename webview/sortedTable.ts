// A native table whose headings sort it. What is drawn anew keeps the keyboard where it was.
import { whenChanged } from "./changed.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

export interface SortedColumn {
  readonly id: string;
  readonly label: string;
  readonly title?: string;
  /** What its heading asks for; absent where it does not sort. */
  readonly sort?: string;
  readonly order?: "ascending" | "descending";
}

export interface SortedTableOptions<Column extends SortedColumn, Row> {
  readonly class: string;
  /** The name of the frame that scrolls. */
  readonly label: string;
  /** With `data-row`, by which a row is found again. */
  readonly row: (row: Row) => HTMLElement;
  readonly sort: (by: NonNullable<Column["sort"]>) => void;
}

export interface SortedTableView<Column, Row> {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Instead of rows. */
  readonly empty: string;
}

export class SortedTable<Column extends SortedColumn, Row> {
  readonly frame: HTMLElement;
  readonly empty = el("p", { class: "empty", hidden: true });
  private readonly caption = el("caption", { class: "visually-hidden" });
  // With roles by name: a narrow panel shows the rows as blocks, and they are a table all the same.
  private readonly headings = el("tr", { role: "row" });
  private readonly body = el("tbody", { role: "rowgroup" });

  constructor(private readonly options: SortedTableOptions<Column, Row>) {
    const table = el(
      "table",
      { class: options.class, role: "table" },
      this.caption,
      el("thead", { role: "rowgroup" }, this.headings),
      this.body,
    );
    this.frame = el(
      "div",
      { class: "table-frame", role: "region", "aria-label": options.label, tabindex: 0 },
      table,
    );
  }

  show({ caption, columns, rows, empty }: SortedTableView<Column, Row>): void {
    this.caption.textContent = caption;
    this.showColumns(columns);
    this.showRows(rows);
    this.empty.hidden = rows.length > 0;
    this.frame.hidden = rows.length === 0;
    this.empty.textContent = empty;
  }

  private readonly showColumns = whenChanged((columns: readonly Column[]) => {
    const focused = document.activeElement?.closest("th")?.dataset.column;
    this.headings.replaceChildren(...columns.map((column) => this.heading(column)));
    if (focused) this.headings.querySelector<HTMLElement>(`[data-column="${focused}"] button`)?.focus();
  });

  private heading(column: Column): HTMLElement {
    const { id, label, title, order } = column;
    const sort: Column["sort"] = column.sort;
    const attributes = {
      ...{ role: "columnheader", scope: "col", class: `column-${id}`, "data-column": id, title },
      "aria-sort": order,
    };
    if (!sort) return el("th", attributes, label);
    const arrow = order && icon("down");
    if (order === "ascending") arrow?.classList.add("is-up");
    const press = el("button", { type: "button", class: "sort" }, label, arrow);
    press.addEventListener("click", () => this.options.sort(sort));
    return el("th", attributes, press);
  }

  private readonly showRows = whenChanged((rows: readonly Row[]) => {
    const active = document.activeElement;
    const before = active?.closest<HTMLElement>("tbody > tr");
    const place = before ? stops(before).findIndex((one) => one === active) : -1;
    this.body.replaceChildren(...rows.map((row) => this.options.row(row)));
    if (!before) return;
    const same = [...this.body.rows].find((row) => row.dataset.row === before.dataset.row);
    ((same && stops(same)[place]) ?? this.frame).focus();
  });
}

/** Where the keyboard can be in a row. */
function stops(row: HTMLElement): readonly HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>("button, summary")];
}

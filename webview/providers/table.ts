// The services: a native table whose headings sort it, each row with the button that measures it.
import type {
  FigureView,
  ProviderColumnView,
  ProviderRowView,
  ProviderTableState,
} from "../../src/protocol/providerTable.js";
import { whenChanged } from "../changed.js";
import { spinner } from "../controls.js";
import { el, foreign } from "../dom.js";
import { icon } from "../icons.js";
import type { ProviderTableContext } from "./panel.js";

export class ServiceTable {
  readonly element: HTMLElement;
  private readonly caption = el("caption", { class: "visually-hidden" });
  // With roles by name: a narrow panel shows the rows as blocks, and they are a table all the same.
  private readonly headings = el("tr", { role: "row" });
  private readonly body = el("tbody", { role: "rowgroup" });
  private readonly empty = el("p", { class: "empty", hidden: true });
  private readonly frame: HTMLElement;
  private labels: ReadonlyMap<string, string> = new Map();

  constructor(private readonly context: ProviderTableContext) {
    const table = el(
      "table",
      { class: "services", role: "table" },
      this.caption,
      el("thead", { role: "rowgroup" }, this.headings),
      this.body,
    );
    this.frame = el(
      "div",
      { class: "table-frame", role: "region", "aria-label": context.strings.table, tabindex: 0 },
      table,
    );
    this.element = el("section", { class: "table" }, this.frame, this.empty);
  }

  show({ caption, columns, rows, empty }: ProviderTableState): void {
    this.caption.textContent = caption;
    this.labels = new Map(columns.map(({ id, label }) => [id, label]));
    this.showColumns(columns);
    this.showRows(rows);
    this.empty.hidden = rows.length > 0;
    this.frame.hidden = rows.length === 0;
    this.empty.textContent = empty;
  }

  private readonly showColumns = whenChanged((columns: readonly ProviderColumnView[]) => {
    const focused = document.activeElement?.closest("th")?.dataset.column;
    this.headings.replaceChildren(...columns.map((column) => this.heading(column)));
    if (focused) this.headings.querySelector<HTMLElement>(`[data-column="${focused}"] button`)?.focus();
  });

  private heading({ id, label, title, sort, order }: ProviderColumnView): HTMLElement {
    const attributes = {
      ...{ role: "columnheader", scope: "col", class: `column-${id}`, "data-column": id, title },
      "aria-sort": order,
    };
    if (!sort) return el("th", attributes, label);
    const arrow = order && icon("down");
    if (order === "ascending") arrow?.classList.add("is-up");
    const press = el("button", { type: "button", class: "sort" }, label, arrow);
    press.addEventListener("click", () => this.context.post({ kind: "sort", column: sort }));
    return el("th", attributes, press);
  }

  private readonly showRows = whenChanged((rows: readonly ProviderRowView[]) => {
    const focused = document.activeElement?.closest("tr")?.dataset.row;
    this.body.replaceChildren(...rows.map((row) => this.row(row)));
    if (focused === undefined) return;
    const same = [...this.body.rows].find((row) => row.dataset.row === focused);
    (same?.querySelector("button") ?? this.frame).focus();
  });

  private row(row: ProviderRowView): HTMLElement {
    const { id, name, detail, address, className, classTitle, prices } = row;
    const cell = (column: string, ...children: (Node | string)[]) =>
      el(
        "td",
        { role: "cell", class: `column-${column}`, "data-label": this.labels.get(column) },
        ...children,
      );
    return el(
      "tr",
      { role: "row", "data-row": id },
      el(
        "th",
        { role: "rowheader", scope: "row", class: "column-provider" },
        el("span", { class: "kind" }, foreign(name)),
        el("span", { class: "route", title: address }, detail),
      ),
      cell("class", el("span", { title: classTitle }, className)),
      cell("price", ...figure(row.price)),
      cell(
        "prices",
        ...prices.map(({ label, value, detail, title }) =>
          el(
            "span",
            { class: "price-line", title: title || undefined },
            label !== "" && el("span", { class: "route" }, label),
            value,
            detail !== "" && el("span", { class: "route" }, detail),
          ),
        ),
      ),
      cell("firstToken", ...figure(row.firstToken)),
      cell("speed", ...figure(row.speed)),
      cell("uptime", ...figure(row.uptime)),
      cell("measure", ...this.measure(row)),
    );
  }

  private measure({ id, measure }: ProviderRowView): Node[] {
    if (!measure) return [];
    const { label, cost, name, isRunning } = measure;
    const press = el("button", { type: "button", class: "page-button", "aria-label": name }, label);
    press.addEventListener("click", () => this.context.post({ kind: "measure", row: id }));
    const detail = el("span", { class: "route" }, cost);
    return isRunning ? [press, el("span", { class: "running" }, spinner(), detail)] : [press, detail];
  }
}

function figure({ value, detail, title, isKnown }: FigureView): Node[] {
  return [
    el("span", { class: isKnown ? "figure" : "figure is-unknown", title: title || undefined }, value),
    ...(detail === "" ? [] : [el("span", { class: "route" }, detail)]),
  ];
}

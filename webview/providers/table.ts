// The services: a native table whose headings sort it, each row with the button that measures it.
import type {
  FigureView,
  ProviderColumnView,
  ProviderRowView,
  ProviderTableState,
} from "../../src/protocol/providerTable.js";
import { spinner } from "../controls.js";
import { el, foreign, isSecondOfTwo } from "../dom.js";
import { SortedTable } from "../sortedTable.js";
import type { ProviderTableContext } from "./context.js";

export class ServiceTable {
  readonly element: HTMLElement;
  private readonly table: SortedTable<ProviderColumnView, ProviderRowView>;
  private labels: ReadonlyMap<string, string> = new Map();
  /** By row: what the reader opened or closed stays so when it is drawn anew. */
  private readonly folds = new Map<string, boolean>();

  constructor(private readonly context: ProviderTableContext) {
    this.table = new SortedTable({
      class: "services",
      label: context.strings.table,
      row: (row) => this.row(row),
      sort: (column) => context.post({ kind: "sort", column }),
    });
    this.element = el("section", { class: "table" }, this.table.frame, this.table.empty);
  }

  show(state: ProviderTableState): void {
    this.labels = new Map(state.columns.map(({ id, label }) => [id, label]));
    this.table.show(state);
  }

  private row(row: ProviderRowView): HTMLElement {
    const { id, name, detail, address, others, className, classTitle, prices } = row;
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
        others && this.others(id, others),
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

  private others(id: string, others: NonNullable<ProviderRowView["others"]>): HTMLElement {
    const fold = el(
      "details",
      { class: "others", open: others.isFound || this.folds.get(id) === true },
      el("summary", {}, others.label),
      el("ul", {}, ...others.names.map((name) => el("li", {}, foreign(name)))),
      el("p", { class: "route" }, others.note),
    );
    fold.addEventListener("toggle", () => this.folds.set(id, fold.open));
    return fold;
  }

  private measure({ id, measure }: ProviderRowView): Node[] {
    if (!measure) return [];
    const { label, cost, name, isRunning } = measure;
    const press = el("button", { type: "button", class: "page-button", "aria-label": name }, label);
    press.addEventListener("click", ({ detail }) => {
      if (!isSecondOfTwo(detail)) this.context.post({ kind: "measure", row: id });
    });
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

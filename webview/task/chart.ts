// The losses as a picture of lines, drawn for the width there is, with axes; the same values as a table for everyone.
import type { LossChartView, TaskPanelStrings } from "../../src/protocol.js";
import { el } from "../dom.js";
import { whenChanged } from "../changed.js";

type Plot = NonNullable<LossChartView["plot"]>;

const height = 220;
const margin = { left: 56, right: 16, top: 12, bottom: 44 };
const narrowest = 200;
/** With more, single marks would hide the line. */
const mostMarks = 60;
const svgNamespace = "http://www.w3.org/2000/svg";

export class LossChart {
  readonly element: HTMLElement;
  private readonly picture = el("div", { class: "plot" });
  private readonly caption = el("figcaption");
  private readonly table = el("details", { class: "values", hidden: true });
  private readonly tableBody = el("div", { class: "values-table", tabindex: 0, role: "region" });
  private plot: Plot | undefined;
  private width = 0;

  constructor(strings: TaskPanelStrings) {
    this.tableBody.setAttribute("aria-label", strings.values);
    this.table.append(el("summary", {}, strings.values), this.tableBody);
    this.element = el(
      "section",
      { class: "loss" },
      el("h2", {}, strings.loss),
      el("figure", {}, this.picture, this.caption),
      this.table,
    );
    new ResizeObserver(([entry]) => this.resize(entry?.contentRect.width ?? 0)).observe(this.element);
  }

  readonly show = whenChanged(({ plot, table, caption }: LossChartView) => {
    this.plot = plot;
    this.caption.textContent = caption;
    this.table.hidden = table === undefined;
    if (table) this.tableBody.replaceChildren(tableOf(table), el("p", {}, table.note));
    this.draw();
  });

  private resize(width: number): void {
    if (Math.round(width) === this.width) return;
    this.width = Math.round(width);
    this.draw();
  }

  private draw(): void {
    this.picture.hidden = this.plot === undefined;
    this.picture.replaceChildren(...(this.plot ? [drawing(this.plot, Math.max(this.width, narrowest))] : []));
  }
}

function drawing(plot: Plot, width: number): SVGElement {
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const x = (at: number) => margin.left + at * inner.width;
  const y = (at: number) => margin.top + (1 - at) * inner.height;
  const every = Math.max(1, Math.ceil(plot.across.length / (inner.width / 48)));
  const line = plot.points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(" ");
  return svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": plot.summary },
    ...plot.up.flatMap(({ at, label }) => [
      svg("line", { class: "grid", x1: x(0), x2: x(1), y1: y(at), y2: y(at) }),
      text(label, { x: x(0) - 8, y: y(at), "text-anchor": "end", "dominant-baseline": "middle" }),
    ]),
    ...plot.across
      .filter((_, index) => index % every === 0)
      .map(({ at, label }) => text(label, { x: x(at), y: y(0) + 16, "text-anchor": "middle" })),
    svg("line", { class: "axis", x1: x(0), x2: x(1), y1: y(0), y2: y(0) }),
    svg("line", { class: "axis", x1: x(0), x2: x(0), y1: y(0), y2: y(1) }),
    text(plot.acrossLabel, { class: "axis-name", x: x(0.5), y: height - 6, "text-anchor": "middle" }),
    text(plot.upLabel, {
      class: "axis-name",
      transform: `translate(12 ${y(0.5)}) rotate(-90)`,
      "text-anchor": "middle",
    }),
    svg("polyline", { class: "curve", points: line }),
    ...(plot.points.length <= mostMarks ? plot.points : []).map((point) =>
      svg("circle", { class: "mark", cx: x(point.x), cy: y(point.y), r: 3.5 }, svg("title", {}, point.label)),
    ),
  );
}

function text(label: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  return svg("text", attributes, label);
}

function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (SVGElement | string)[]
): SVGElement {
  const element = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

function tableOf({ head, rows }: NonNullable<LossChartView["table"]>): HTMLElement {
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((value) => el("td", {}, value))))),
  );
}

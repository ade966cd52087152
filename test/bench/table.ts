// Tables of plain text: the first column to the left, figures to the right.
import { stats, type Cost, type Stats } from "./measure.js";

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
}

/** One topic's outcome: what is printed, and the same figures for test/out/bench.json. */
export interface Topic {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly data: unknown;
}

/** One line of "ours, official, ratio". Milliseconds as all runs; counts as one number. */
export interface Comparison {
  readonly what: string;
  readonly ours: readonly number[] | number;
  readonly official: readonly number[] | number;
}

export function printTable({ title, head, rows, notes = [] }: Table): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const lines = [line(head), rule, ...rows.map(line), ...notes.map((note) => `  ${note}`)];
  return `\n${title}\n${"=".repeat(title.length)}\n${lines.join("\n")}\n`;
}

/** Two lines: the time, and the client's share of it. */
export function costLines(what: string, ours: readonly Cost[], official: readonly Cost[]): Comparison[] {
  const times = (costs: readonly Cost[]) => costs.map(({ ms }) => ms);
  const shares = (costs: readonly Cost[]) => costs.map(({ cpuMs }) => cpuMs);
  return [
    { what, ours: times(ours), official: times(official) },
    { what: `${what}, CPU of the client`, ours: shares(ours), official: shares(official) },
  ];
}

export function comparisonTable(
  title: string,
  lines: readonly Comparison[],
  notes?: readonly string[],
): Table {
  return {
    title,
    head: ["median (min..max)", "ours", "official SDK 0.9.0", "ours/official"],
    rows: lines.map(({ what, ours, official }) => [
      what,
      figure(ours),
      figure(official),
      ratio(middle(ours), middle(official)),
    ]),
    notes,
  };
}

/** The same for the JSON file. */
export function comparisonData(lines: readonly Comparison[]): object[] {
  const side = (value: Comparison["ours"]) => (typeof value === "number" ? value : stats(value));
  return lines.map(({ what, ours, official }) => ({
    what,
    unit: typeof ours === "number" ? "count" : "ms",
    ours: side(ours),
    official: side(official),
    ratio: middle(ours) / middle(official),
  }));
}

/** Milliseconds, or a count as it is. */
export function figure(value: readonly number[] | number): string {
  return typeof value === "number" ? String(value) : spread(stats(value));
}

export function spread({ median, min, max }: Stats): string {
  return `${round(median)} ms (${round(min)}..${round(max)})`;
}

/** A ratio says nothing where one side is zero or below: noise then decides. */
export function ratio(ours: number, official: number): string {
  return ours > 0 && official > 0 ? `${(ours / official).toFixed(2)}x` : "-";
}

export function middle(value: readonly number[] | number): number {
  return typeof value === "number" ? value : stats(value).median;
}

function round(ms: number): string {
  return ms.toFixed(Math.abs(ms) < 10 ? 2 : 1);
}

// Golden files are read like text: what a user sees, line by line. `UPDATE_GOLDEN=1` writes them anew, for a diff to be read.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Row } from "../../src/view/rows.js";

const folder = join(import.meta.dirname, "../fixtures/view");

export function assertGolden(name: string, actual: string): void {
  const file = join(folder, `${name}.txt`);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${actual}\n`);
  }
  assert.equal(actual, readFileSync(file, "utf8").trimEnd());
}

/** Rows as an indented list: icon, label, description, what a click does, and the tooltip below. */
export function rowsAsText(rows: readonly Row[], indent = ""): string {
  return rows
    .map((row) => {
      const click = row.command ? ` -> ${row.command.id}` : "";
      const line = `${indent}[${row.icon ?? ""}] ${row.label} | ${row.description ?? ""}${click}  (${row.id}; ${row.context ?? ""})`;
      const tooltip = row.tooltip ? row.tooltip().replace(/\n+/g, `\n${indent}      `) : undefined;
      return [
        line,
        ...(tooltip ? [`${indent}      ${tooltip}`] : []),
        rowsAsText(row.children ?? [], `${indent}  `),
      ]
        .filter((part) => part !== "")
        .join("\n");
    })
    .join("\n");
}

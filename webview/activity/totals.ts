// Sums per provider and per day, each in a fold of its own.
import type { TotalsView } from "../../src/protocol/activity.js";
import { el } from "../dom.js";

/** Those in `open` stay open. */
export function totalsFolds(totals: readonly TotalsView[], open: ReadonlySet<string>): HTMLElement[] {
  return totals.map(({ title, head, rows, note }, index) => {
    const id = `totals-${index}`;
    const [first = "", ...others] = head;
    return el(
      "details",
      { id, class: "fold", open: open.has(id) },
      el("summary", {}, title),
      el(
        "div",
        { class: "table-frame", role: "region", "aria-label": title, tabindex: 0 },
        el(
          "table",
          {},
          el("caption", { class: "visually-hidden" }, title),
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              el("th", { scope: "col" }, first),
              ...others.map((name) => el("th", { scope: "col" }, name)),
            ),
          ),
          el(
            "tbody",
            {},
            ...rows.map((row) =>
              el(
                "tr",
                {},
                el("th", { scope: "row", title: row.title || undefined }, row.name),
                ...row.cells.map((cell) => el("td", {}, cell)),
              ),
            ),
          ),
        ),
      ),
      note !== "" && el("p", { class: "fold-note" }, note),
    );
  });
}

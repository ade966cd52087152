// The comparison's entry.
import type { ToComparisonHost, ToComparisonPanel } from "../../src/protocol/comparison.js";
import { startPage } from "../panelPage.js";
import { ComparisonPanel } from "./panel.js";
import "../chat/settings.css";
import "./comparison.css";

export function startComparison(): void {
  startPage<ToComparisonPanel, ToComparisonHost>((first, context) =>
    first.kind === "state"
      ? new ComparisonPanel({
          ...{ ...context, strings: first.state.strings, answerStrings: first.state.answerStrings },
        })
      : undefined,
  );
}

// What every part of the page is handed: the way to the host and the words of its controls.
import type { PanelStrings } from "../../src/protocol.js";
import type { ComparisonStrings, ToComparisonHost } from "../../src/protocol/comparison.js";
import type { PageContext } from "../panelPage.js";

export interface ComparisonContext extends PageContext<ToComparisonHost> {
  readonly strings: ComparisonStrings;
  readonly answerStrings: PanelStrings;
}

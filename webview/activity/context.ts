// What every part of the page is handed: the way to the host and the words of its controls.
import type { ActivityStrings, ToActivityHost } from "../../src/protocol/activity.js";
import type { PageContext } from "../panelPage.js";

export interface ActivityContext extends PageContext<ToActivityHost> {
  readonly strings: ActivityStrings;
}

// What every part of the page is handed: the way to the host and the words of its controls.
import type { TaskPanelStrings, ToTaskHost } from "../../src/protocol.js";
import type { PageContext } from "../panelPage.js";

export interface TaskPanelContext extends PageContext<ToTaskHost> {
  readonly strings: TaskPanelStrings;
}

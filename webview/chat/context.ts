// What every part of the panel is handed: the way to the host, the words of its controls, and what it remembers.
import type { PanelStrings, ToHost } from "../../src/protocol.js";
import type { Pictures } from "./pictures.js";
import type { ViewState } from "./viewState.js";

export interface PanelContext {
  readonly post: (message: ToHost) => void;
  readonly strings: PanelStrings;
  readonly viewState: ViewState;
  /** Says a short sentence to assistive technology. */
  readonly announce: (text: string) => void;
}

/** Where questions are written and kept, too. */
export interface ChatContext extends PanelContext {
  readonly pictures: Pictures;
}

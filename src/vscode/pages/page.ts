// What is behind a page's panel, as long as that is open.
import type { Disposable } from "../../domain/event.js";

export interface Page extends Disposable {
  /** It is asked for again, about something else. */
  about?(about: unknown): void;
}

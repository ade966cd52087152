// A `details` fold that is built when first opened and stays open over a reload.
import { el, type Child } from "../dom.js";
import type { ViewState } from "./viewState.js";

export interface FoldOptions {
  /** Unique in the panel; the name under which it is remembered. */
  readonly id: string;
  readonly class: string;
  readonly summary: readonly Child[];
  readonly viewState: ViewState;
}

export function fold(options: FoldOptions, content: () => readonly Child[]): HTMLDetailsElement {
  const body = el("div", { class: "fold-body" });
  const element = el("details", { class: options.class }, el("summary", {}, ...options.summary), body);
  const build = () => {
    if (body.childNodes.length === 0)
      body.append(...content().filter((child) => child !== undefined && child !== false));
  };
  if (options.viewState.isFoldOpen(options.id)) {
    build();
    element.open = true;
  }
  // A fold that has just been replaced still reports its closing: only one on the page counts.
  element.addEventListener("toggle", () => {
    if (!element.isConnected) return;
    if (element.open) build();
    options.viewState.setFoldOpen(options.id, element.open);
  });
  return element;
}

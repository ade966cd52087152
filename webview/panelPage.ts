// A panel that is one page: messages both ways, the first word to the host, and parts that are made with the first message, which brings the
// words of the controls.
import "./styles.css";
import { el } from "./dom.js";

export interface EditorApi<ToHost> {
  postMessage(message: ToHost): void;
  /** Handed to the host when a window with this panel is opened again. */
  setState(state: unknown): void;
}

export interface PageContext<ToHost> {
  readonly post: (message: ToHost) => void;
  /** What the panel is about, for when its window is opened again. */
  readonly keep: (state: unknown) => void;
  /** Says a short sentence to assistive technology. */
  readonly announce: (text: string) => void;
}

interface Parts<ToPage> {
  readonly element: HTMLElement;
  receive(message: ToPage): void;
}

declare function acquireVsCodeApi(): EditorApi<unknown>;

/** `make`: undefined as long as the first message with the words has not come. */
export function startPage<ToPage extends { readonly kind: string }, ToHost extends { readonly kind: string }>(
  make: (first: ToPage, context: PageContext<ToHost>) => Parts<ToPage> | undefined,
): void {
  const api = acquireVsCodeApi();
  const status = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  const context: PageContext<ToHost> = {
    post: (message) => api.postMessage(message),
    keep: (state) => api.setState(state),
    announce: (text) => status.replaceChildren(text),
  };
  let parts: Parts<ToPage> | undefined;
  // Takes any value; what is no message of the protocol is ignored.
  window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== "object" || data === null || !("kind" in data)) return;
    const message = data as ToPage;
    if (!parts) {
      parts = make(message, context);
      if (parts) document.body.replaceChildren(parts.element, status);
    }
    parts?.receive(message);
  });
  api.postMessage({ kind: "ready" });
}

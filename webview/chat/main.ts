// The chat panel's entry: one panel in the page, messages both ways, and the first word to the host.
import "../styles.css";
import "./composer.css";
import "./settings.css";
import "./frame.css";
import "./markdown.css";
import "./transcript.css";
import "./low.css"; // these two last: they take back what the others give
import "./narrow.css";
import { Panel, type EditorApi } from "./panel.js";

declare function acquireVsCodeApi(): EditorApi;

export function startChat(): void {
  const api = acquireVsCodeApi();
  const panel = new Panel(document.body, api);
  window.addEventListener("message", (event: MessageEvent<unknown>) => panel.receive(event.data));
  api.postMessage({ kind: "ready" });
}

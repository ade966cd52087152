// The activity panel's entry: one panel in the page, messages both ways, and the first word to the host.
import "../styles.css";
import "./activity.css";
import { ActivityPanel, type EditorApi } from "./panel.js";

declare function acquireVsCodeApi(): EditorApi;

const api = acquireVsCodeApi();
const panel = new ActivityPanel(document.body, (message) => api.postMessage(message));
window.addEventListener("message", (event: MessageEvent<unknown>) => panel.receive(event.data));
api.postMessage({ kind: "ready" });

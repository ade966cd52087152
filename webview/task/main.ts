// The task panel's entry: one panel in the page, messages both ways, and the first word to the host.
import "../styles.css";
import "./task.css";
import { TaskPanel, type EditorApi } from "./panel.js";

declare function acquireVsCodeApi(): EditorApi;

const api = acquireVsCodeApi();
const panel = new TaskPanel(document.body, api);
window.addEventListener("message", (event: MessageEvent<unknown>) => panel.receive(event.data));
api.postMessage({ kind: "ready" });

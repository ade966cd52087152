// The task panel's entry: one panel in the page, messages both ways, and the first word to the host.
import "../styles.css";
import "./task.css";
import type { ToTaskHost } from "../../src/protocol.js";
import { TaskPanel } from "./panel.js";

declare function acquireVsCodeApi(): { postMessage(message: ToTaskHost): void };

const api = acquireVsCodeApi();
const panel = new TaskPanel(document.body, (message) => api.postMessage(message));
window.addEventListener("message", (event: MessageEvent<unknown>) => panel.receive(event.data));
api.postMessage({ kind: "ready" });

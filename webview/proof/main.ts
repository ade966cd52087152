// The verification page's entry: one panel in the page, messages both ways, and the first word to the host.
import "../styles.css";
import "./proof.css";
import { ProofPanel, type EditorApi } from "./panel.js";

declare function acquireVsCodeApi(): EditorApi;

const api = acquireVsCodeApi();
const panel = new ProofPanel(document.body, api);
window.addEventListener("message", (event: MessageEvent<unknown>) => panel.receive(event.data));
api.postMessage({ kind: "ready" });

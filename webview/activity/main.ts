// The activity panel's entry.
import type { ToActivityHost, ToActivityPanel } from "../../src/protocol/activity.js";
import { startPage } from "../panelPage.js";
import { ActivityPanel } from "./panel.js";
import "./activity.css";

export function startActivity(): void {
  startPage<ToActivityPanel, ToActivityHost>(({ kind, state }, context) =>
    kind === "state" ? new ActivityPanel({ ...context, strings: state.strings }) : undefined,
  );
}

// The task panel's entry.
import type { ToTaskHost, ToTaskPanel } from "../../src/protocol.js";
import { startPage } from "../panelPage.js";
import "../panelPage.css";
import { TaskPanel } from "./panel.js";
import "./task.css";

startPage<ToTaskPanel, ToTaskHost>((first, context) =>
  first.kind === "snapshot" ? new TaskPanel({ ...context, strings: first.state.strings }) : undefined,
);

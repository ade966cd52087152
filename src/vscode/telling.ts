// How times are written for this user: in the editor's language, by this machine's clock.
import * as vscode from "vscode";
import type { Telling } from "../view/taskFacts.js";
import { t } from "./translate.js";

export function telling(now: number): Telling {
  const format = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: "medium", timeStyle: "short" });
  return { t, now, moment: (at) => format.format(at) };
}

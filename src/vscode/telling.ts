// How times are written for this user: in the editor's language, by this machine's clock.
import * as vscode from "vscode";
import type { Telling } from "../view/fineTuning/taskFacts.js";
import { t } from "./translate.js";

export function telling(now: number): Telling {
  return { t, now, moment };
}

/** Milliseconds since 1970 as this machine's clock writes them. */
export function moment(at: number): string {
  return new Intl.DateTimeFormat(vscode.env.language, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** The day alone. */
export function day(at: number): string {
  return new Intl.DateTimeFormat(vscode.env.language, { dateStyle: "medium" }).format(at);
}

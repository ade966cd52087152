// Shows an error once: its sentence and its buttons come from view/errors/errors.ts, everything else goes to the log.
import * as vscode from "vscode";
import type { KeptError } from "../domain/chat.js";
import { type ComputeError, toComputeError } from "../domain/error.js";
import type { Log } from "../domain/log.js";
import type { ErrorAction } from "../view/errors/errorAction.js";
import { showError } from "./notices.js";
import { t } from "./translate.js";

/** A chunk of its own: most starts have no error. */
const sentences = () => import("../view/errors/errors.js");

/** What the user can do about an error, by a name that says it; offered whatever the error is. */
export interface WayOut {
  readonly title: string;
  readonly take: () => void;
}

export class ErrorReporter {
  constructor(private readonly log: Log) {}

  /**
   * As a notification; `retry` is what its Retry button does, or the way out that takes its place; `what` is the sentence before, where the
   * error alone does not say what it is about. What the user cancelled is shown to nobody.
   */
  show(error: unknown, retry?: (() => void) | WayOut, what?: string): void {
    const known = toComputeError(error);
    if (known.code === "cancelled") return;
    this.log.error(`Shown to the user: ${known.code}`, error);
    void this.ask(known, retry, what);
  }

  /** Does what the first button of a kept error says; `retry` follows when that mended it. */
  async act(error: KeptError | undefined, retry: () => void, isOfCurrentNetwork = true): Promise<void> {
    const action = error && (await sentences()).answerErrorView(error, isOfCurrentNetwork, t).actions[0];
    if (action) await this.perform(action, retry);
  }

  private async ask(error: ComputeError, way?: (() => void) | WayOut, what?: string): Promise<void> {
    const { errorView, actionsToShow } = await sentences();
    const view = errorView(error, t);
    const text = what === undefined ? view.text : `${what} ${view.text}`;
    const named = typeof way === "object" ? way : undefined;
    const retry = typeof way === "object" ? way.take : way;
    const actions = named
      ? [{ id: "retry", title: named.title }, ...view.actions.filter(({ id }) => id !== "retry")]
      : actionsToShow(view, retry !== undefined, t);
    const picked = await showError(text, ...actions.map((action) => action.title));
    const action = actions.find((candidate) => candidate.title === picked);
    if (action) await this.perform(action, retry);
  }

  private async perform(action: ErrorAction, retry?: () => void): Promise<void> {
    if (action.id === "retry") return retry?.();
    const isMended = await vscode.commands.executeCommand(action.id, ...(action.arguments ?? []));
    if (isMended === true) retry?.();
  }
}

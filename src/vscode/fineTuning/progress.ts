// A long step with a notification that can cancel it, and bytes as they go by.
import * as vscode from "vscode";
import type { Clock } from "../../domain/clock.js";
import { isComputeError } from "../../domain/error.js";
import type { StepOptions } from "../../services/fineTuning/ports.js";
import { progressText, type StepProgress } from "../../view/fineTuning/progressText.js";
import type { App } from "../app.js";
import { t } from "../translate.js";

/** The editor leaves a notification on screen for a while even when it is over at once: what is quick shows none. */
const appearsAfterMs = 700;

/** A picture or a transcript in the making is a step, too. */
interface ProgressSteps extends Omit<StepOptions, "onProgress"> {
  readonly signal: AbortSignal;
  readonly onProgress: (step: StepProgress) => void;
}

/** Undefined when the user cancelled: that is no error. While a question is open the notification is away: it would compete with it. */
export async function withProgress<T>(
  { clock, dialogs }: Pick<App, "clock" | "dialogs">,
  title: string,
  work: (options: ProgressSteps) => Promise<T>,
): Promise<T | undefined> {
  const abort = new AbortController();
  const notification = new StepNotification(title, clock, () => abort.abort());
  const follow = () => (dialogs.isAsking ? notification.hide() : notification.showSoon());
  const asking = dialogs.onDidChange(follow);
  follow();
  try {
    const onProgress = (step: StepProgress) => notification.tell(step);
    return await unlessCancelled(work({ signal: abort.signal, onProgress }));
  } finally {
    asking.dispose();
    notification.hide();
  }
}

/** Undefined instead of `cancelled`. */
export async function unlessCancelled<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isComputeError(error, "cancelled")) throw error;
    return undefined;
  }
}

class StepNotification {
  private hiding: AbortController | undefined;
  private bar: ((step: StepProgress) => void) | undefined;
  private last: StepProgress | undefined;

  constructor(
    private readonly title: string,
    private readonly clock: Clock,
    private readonly cancel: () => void,
  ) {}

  showSoon(): void {
    if (this.hiding) return;
    const { signal } = (this.hiding = new AbortController());
    this.clock.sleep(appearsAfterMs, signal).then(
      () => this.show(signal),
      () => undefined, // hidden before it was shown
    );
  }

  hide(): void {
    this.hiding?.abort();
    this.hiding = this.bar = undefined;
  }

  tell(step: StepProgress): void {
    this.last = step;
    this.bar?.(step);
  }

  private show(hidden: AbortSignal): void {
    const { title } = this;
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, token) => {
        token.onCancellationRequested(this.cancel);
        this.bar = bar(progress);
        if (this.last) this.bar(this.last);
        return new Promise<void>((resolve) => hidden.addEventListener("abort", () => resolve()));
      },
    );
  }
}

function bar(
  progress: vscode.Progress<{ message: string; increment: number }>,
): (step: StepProgress) => void {
  let shown = 0;
  return (step) => {
    const percent = step.total > 0 ? Math.floor((100 * step.done) / step.total) : 0;
    // Another stage begins anew; the bar of the editor only grows.
    progress.report({ message: progressText(step, t), increment: Math.max(0, percent - shown) });
    shown = percent;
  };
}

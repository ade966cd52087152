// A long step with a notification that can cancel it, and bytes as they go by.
import * as vscode from "vscode";
import { isComputeError } from "../../domain/error.js";
import type { StepOptions } from "../../services/fineTuning/face.js";
import { progressText } from "../../view/progressText.js";
import { t } from "../translate.js";

/** Undefined when the user cancelled: that is no error. */
export async function withProgress<T>(
  title: string,
  work: (options: StepOptions & { readonly signal: AbortSignal }) => Promise<T>,
): Promise<T | undefined> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      const onProgress: StepOptions["onProgress"] = (step) => {
        const percent = step.total > 0 ? Math.floor((100 * step.done) / step.total) : 0;
        // Another stage begins anew; the bar of the editor only grows.
        progress.report({ message: progressText(step, t), increment: Math.max(0, percent - shown) });
        shown = percent;
      };
      try {
        return await work({ signal: abort.signal, onProgress });
      } catch (error) {
        if (!isComputeError(error, "cancelled")) throw error;
        return undefined;
      }
    },
  );
}

// Fine-tuning: the whole way from a training file, and each single step of it.
import type { App } from "../app.js";
import type * as steps from "../fineTuning/steps.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first step: nobody tunes a model at every start. */
const later = (step: keyof typeof steps) => async (app: App, subject?: unknown) =>
  (await import("../fineTuning/steps.js"))[step](app, subject);

export const fineTuningCommands = {
  "zgCompute.fineTune": { needs: "trustAndWallet", run: later("fineTune") },
  "zgCompute.uploadDataset": { needs: "trustAndWallet", run: later("uploadDataset") },
  "zgCompute.calculateTokens": { run: later("calculateTokens") },
  "zgCompute.previewTrainingRows": { run: later("previewTrainingRows") },
  "zgCompute.createTask": { needs: "wallet", run: later("createTask") },
  "zgCompute.refreshTasks": { run: (app) => app.fineTuning.refresh() },
  "zgCompute.listTasks": { needs: "wallet", run: later("listTasks") },
  "zgCompute.getTask": { needs: "wallet", run: later("getTask") },
  "zgCompute.openTask": { run: later("openTask") },
  "zgCompute.cancelTask": { needs: "wallet", run: later("cancelTask") },
  "zgCompute.viewTaskLog": { needs: "wallet", run: later("viewTaskLog") },
  "zgCompute.acknowledgeModel": { needs: "wallet", run: later("acknowledgeModel") },
  "zgCompute.acknowledgeDeliverable": {
    needs: "wallet",
    run: later("acknowledgeDeliverable"),
  },
  "zgCompute.decryptModel": { needs: "wallet", run: later("decryptModel") },
  "zgCompute.unpackModel": { needs: "wallet", run: later("decryptModel") },
  "zgCompute.deployAdapter": { needs: "wallet", run: later("deployAdapter") },
  "zgCompute.chatWithAdapter": { needs: "wallet", run: later("chatWithAdapter") },
  "zgCompute.revealModel": { run: later("revealModel") },
  "zgCompute.exportModel": { run: later("exportModel") },
  "zgCompute.saveCalendar": { run: later("saveCalendar") },
  "zgCompute.downloadData": { run: later("downloadData") },
  "zgCompute.modelUsage": { run: later("modelUsage") },
  "zgCompute.resumeRun": { needs: "wallet", run: later("resumeRun") },
  "zgCompute.cancelRun": { needs: "wallet", run: later("cancelRun") },
  "zgCompute.forgetRun": { run: later("forgetRun") },
  "zgCompute.recover": { needs: "wallet", run: later("recover") },
  "zgCompute.resumeRecovery": { needs: "wallet", run: later("resumeRecovery") },
} satisfies CommandTable;

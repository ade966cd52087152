// Networks, the sandbox process, the log, and leaving.
import type { App } from "../app.js";
import type * as doctor from "../doctor/steps.js";
import type * as steps from "../general/steps.js";
import type { CommandTable } from "./command.js";

/** A chunk of its own, loaded with the first step. */
const later = (step: keyof typeof steps) => async (app: App, about?: unknown) =>
  (await import("../general/steps.js"))[step](app, about);

const atDoctor = (step: keyof typeof doctor) => async (app: App, about?: unknown) =>
  (await import("../doctor/steps.js"))[step](app, about);

export const generalCommands = {
  "zgCompute.switchNetwork": { run: later("switchNetwork") },
  "zgCompute.startSandbox": { run: later("startSandbox") },
  "zgCompute.takeOverSandbox": { run: later("takeOverSandbox") },
  "zgCompute.resetSandbox": { run: later("resetSandbox") },
  "zgCompute.stopSandbox": { run: later("stopSandbox") },
  "zgCompute.setUpstreamKey": { run: later("setUpstreamKey") },
  "zgCompute.setJournalAside": { run: later("setJournalAside") },
  "zgCompute.openSettings": { run: later("openSettings") },
  "zgCompute.doctor": { run: atDoctor("showDoctor") },
  "zgCompute.saveSupportBundle": { run: atDoctor("saveSupportBundle") },
  "zgCompute.showDiskUse": { run: atDoctor("showDiskUse") },
  "zgCompute.openHelp": { run: atDoctor("openHelp") },
  "zgCompute.showLog": { run: (app) => app.log.show() },
  "zgCompute.removeAllData": { run: later("removeAllData") },
} satisfies CommandTable;

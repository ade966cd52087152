// What each step of a run does.
import { acknowledge } from "./acknowledging.js";
import { decrypt, deploy, download, extract, settlement, training } from "./stepsAfter.js";
import { acknowledgeSigner, createTask, deposit, transfer, upload } from "./stepsBefore.js";
import type { StepContext, StepOutcome } from "./stepContext.js";
import type { RunStepName } from "./types.js";

export const performers: Readonly<Record<RunStepName, (step: StepContext) => Promise<StepOutcome>>> = {
  deposit,
  transfer,
  acknowledgeSigner,
  upload,
  createTask,
  training,
  download,
  acknowledge,
  settlement,
  decrypt,
  extract,
  deploy,
};

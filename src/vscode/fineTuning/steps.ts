// What the commands of fine-tuning do: the entry of their chunk.
export { calculateTokens, downloadData, modelUsage, uploadDataset } from "./data.js";
export { createTask, fineTune } from "./fineTune.js";
export {
  acknowledgeDeliverable,
  acknowledgeModel,
  chatWithAdapter,
  decryptModel,
  deployAdapter,
  exportModel,
  revealModel,
  saveCalendar,
} from "./models.js";
export { previewTrainingRows } from "./preview.js";
export { recover, resumeRecovery } from "./recovery.js";
export {
  cancelRun,
  cancelTask,
  forgetRun,
  getTask,
  listTasks,
  openTask,
  resumeRun,
  viewTaskLog,
} from "./tasks.js";

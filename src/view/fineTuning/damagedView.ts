// A record of a fine-tuning with lines that cannot be read: what that means.
import type { DamagedRecord } from "../../services/fineTuning/damagedRecords.js";
import { shortTask } from "./taskView.js";
import { cleanText, fileName } from "../text.js";
import type { Translate } from "../translate.js";

export function damagedText({ path, lines, run }: DamagedRecord, t: Translate): string {
  if (!run)
    return t(
      "The record {0} of a fine-tuning cannot be read. It stays where it is; what the chain and the provider know of the task is shown all the same.",
      fileName(path),
    );
  return t(
    "Lines of the record of the fine-tuning from {0}{1} that cannot be read: {2}. They stay where they are, and all other steps count; what is missing is asked of the chain and the provider before anything is done again.",
    cleanText(run.model.name, 60),
    run.taskId === undefined ? "" : ` (${shortTask(run.taskId)})`,
    lines,
  );
}

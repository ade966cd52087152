// Fine-tuning as the extension composes it, without the editor, as a process: begins the one run of its folder or goes on with it, answers yes to
// every question, and ends itself with SIGKILL at a record of the journal when told so. Prints one line of JSON when the model is there.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProviderId } from "../../src/domain/ids.js";
import type { OperationLogs } from "../../src/services/ports.js";
import { realClock } from "../../src/system/realClock.js";
import { composeFineTuning } from "./fineTuningServices.js";

export interface ProgramOptions {
  readonly folder: string;
  readonly network: unknown;
  readonly provider: string;
  readonly privateKey: string;
  readonly dataset: string;
  readonly trainingParams: string;
  /** The record of the journal at which this process dies, counted from the first one ever; absent: it lives. */
  readonly killAt?: number;
  readonly killWhen?: "before" | "after";
}

/** Every record of all processes of the folder, one line each: a number, and what it was. */
export const recordsFile = "records.txt";

function dying(logs: OperationLogs, options: ProgramOptions): OperationLogs {
  const { folder, killAt, killWhen } = options;
  let count = 0;
  const die = (when: "before" | "after") => {
    if (count === killAt && killWhen === when) process.kill(process.pid, "SIGKILL");
  };
  return {
    ...logs,
    append: async (name, record) => {
      count++;
      die("before");
      await logs.append(name, record);
      const { kind, step = "" } = record as { kind: string; step?: string };
      appendFileSync(join(folder, recordsFile), `${kind} ${step}\n`);
      die("after");
    },
  };
}

async function main(options: ProgramOptions): Promise<void> {
  const { fineTuning, close } = await composeFineTuning({
    ...options,
    logs: (logs) => dying(logs, options),
  });
  await fineTuning.refresh();
  let run = fineTuning.runs[0];
  if (!run) {
    const provider = options.provider as ProviderId;
    const model = (await fineTuning.modelsOf(provider)).find(({ name }) => name === "sandbox-lm");
    if (!model) throw new Error("no model");
    const plan = await fineTuning.prepare({
      ...{ provider, model, datasetPath: options.dataset, destination: "tee" },
      trainingParams: options.trainingParams,
      outputFolder: join(options.folder, "tuned"),
    });
    run = await fineTuning.start(plan);
  }
  while (run.state !== "done" && run.state !== "ended") {
    await realClock.sleep(100);
    run = await fineTuning.resume(run.id);
  }
  const { state, taskId, files, check } = run;
  writeFileSync(1, `${JSON.stringify({ state, taskId, files, rootKind: check?.rootKind })}\n`);
  await close();
  process.exit(0);
}

const { FINE_TUNING_PROGRAM: given } = process.env;
if (given !== undefined)
  main(JSON.parse(given) as ProgramOptions).catch((error: unknown) => {
    const facts = (error as { facts?: unknown }).facts;
    process.stderr.write(`${String((error as Error).stack)} ${JSON.stringify(facts ?? null)}\n`);
    process.exit(1);
  });

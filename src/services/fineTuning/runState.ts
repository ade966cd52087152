// What state a run is in, told from its journal and from what this window does. Pure.
import type { JournalledRun } from "./records.js";
import { runSteps, type FineTuningRun, type RunStep, type RunStepName, type RunWait } from "./types.js";

/** Of a run in this window. */
export interface Activity {
  /** The step under way. */
  readonly step?: RunStepName;
  readonly progress?: { readonly done: number; readonly total: number };
  readonly waitsFor?: RunWait;
}

/** The step to go on with; undefined when nothing is left. */
export function nextStep(run: Pick<FineTuningRun, "steps">): RunStep | undefined {
  return run.steps.find(({ state }) => state === "waiting" || state === "failed" || state === "running");
}

export function stepOf(run: Pick<FineTuningRun, "steps">, name: RunStepName): RunStep {
  return run.steps.find((step) => step.name === name) ?? { name, state: "skipped" };
}

export function isBefore(a: RunStepName, b: RunStepName): boolean {
  return runSteps.indexOf(a) < runSteps.indexOf(b);
}

/** The run as it is shown. */
export function shownRun({ run }: JournalledRun, activity: Activity | undefined): FineTuningRun {
  if (run.ending !== undefined) return { ...run, state: "ended" };
  const next = nextStep(run);
  if (!next) return { ...run, state: "done" };
  if (activity?.step !== undefined) return runningRun(run, activity);
  if (activity?.waitsFor !== undefined) return { ...run, state: "waiting", waitsFor: activity.waitsFor };
  if (next.state === "failed") return { ...run, state: "failed" };
  const waitsFor = usualWait(next.name);
  return waitsFor ? { ...run, state: "waiting", waitsFor } : { ...run, state: "paused" };
}

function runningRun(run: FineTuningRun, { step: name, progress }: Activity): FineTuningRun {
  const steps = run.steps.map((step): RunStep => {
    if (step.name !== name) return step;
    return { ...step, error: undefined, state: "running", ...(progress ? { progress } : {}) };
  });
  return { ...run, steps, state: "running" };
}

function usualWait(name: RunStepName): RunWait | undefined {
  switch (name) {
    case "training":
    case "settlement":
      return name;
    case "acknowledge":
      return "consent";
    default:
      return undefined;
  }
}

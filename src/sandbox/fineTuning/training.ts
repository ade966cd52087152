// SetUp -> Training -> Trained: the training itself, on this machine, and the log a container would have written (spec fine-tuning.md
// 6, 8.3).
import { setImmediate as nextTurn } from "node:timers/promises";
import type { TrainingParams } from "../../dataset/trainingParams.js";
import type { LanguageModel, TrainingProgress } from "../model/model.js";
import type { TrainingRow } from "../model/row.js";
import { saveAdapter } from "../model/serialize.js";
import { trainModel } from "../model/train.js";
import { loadDataset } from "./dataset.js";
import { fileNames } from "./files.js";
import { pythonDict } from "./log.js";
import { parametersOf } from "./setUp.js";
import type { TaskRecord } from "./tasks.js";
import { type Post, reasonOf } from "./post.js";

/** The network's rates are for large models: this one learns at fifty times the rate that is asked for (2e-4 -> its own 1e-2). */
const rateScale = 50;
const stepsBetweenLines = 10;
/** Long datasets end early rather than keep a toy busy for an hour; the log says so. */
const fastLimitMs = 60_000;
const realLimitMs = 30 * 60_000;
const maxTrainings = 2;
/** Rows on which the final loss is measured. */
const measuredRows = 40;
/** Keeps the lines of a log of a very long training bounded. */
const maxLines = 2000;

class ContainerFailed extends Error {}

export async function train(post: Post): Promise<void> {
  const { provider, workshop } = post;
  const { tasks, logs, pace } = workshop;
  const waiting = tasks.oldest("SetUp");
  if (!waiting || pace.stopsAt("SetUp")) return;
  const { id, attempts } = waiting;
  const task = tasks.move(id, "SetUp", "Training", { attempts });
  if (!task) return;
  try {
    await occupy(post, true);
    await runContainer(post, task);
    await pace.hold("Training");
    tasks.move(id, "Training", "Trained");
    logs.write(id, `Training model for executor task ${id} successfully`);
  } catch (error) {
    provider.signal.throwIfAborted();
    logs.write(id, `Error executing task ${id}: ${reasonOf(error)}`);
    const failures = task.attempts + 1;
    if (failures >= maxTrainings) tasks.move(id, "Training", "Failed");
    else if (tasks.move(id, "Training", "SetUp", { attempts: failures }))
      logs.write(id, `Retrying task ${id}`);
  } finally {
    if (!provider.signal.aborted) await occupy(post, false);
  }
}

/** A mere notice to others: a chain that does not take it stops no training. */
async function occupy({ provider, workshop }: Post, isOccupied: boolean): Promise<void> {
  await workshop.occupy(provider, isOccupied).catch((error: unknown) => provider.log(reasonOf(error)));
}

/** Trains and keeps what came of it. What it printed goes into the log when it has ended, not before. */
async function runContainer({ provider, workshop }: Post, task: TaskRecord): Promise<void> {
  const { logs, files, options } = workshop;
  const output = new ContainerOutput();
  try {
    if (provider.strikes("fail-training")) throw new ContainerFailed("container exited with code 1");
    const { rows } = await loadDataset(workshop, task);
    const parameters = parametersOf(task);
    const base = options.base();
    output.begin(rows, parameters);
    const timeLimitMs = workshop.pace.current.pace === "fast" ? fastLimitMs : realLimitMs;
    const tuned = await tune(base, rows, parameters, { output, timeLimitMs, signal: provider.signal });
    await files.write(fileNames.adapter(task.id), saveAdapter(tuned, base));
    logs.writeContainer(task.id, output.lines);
  } catch (error) {
    if (error instanceof ContainerFailed) {
      logs.write(task.id, "=== Container Failed ===");
      logs.writeContainer(task.id, [...output.lines, "the sandbox was told to fail this training"]);
    }
    throw error;
  }
}

interface Run {
  readonly output: ContainerOutput;
  readonly timeLimitMs: number;
  readonly signal: AbortSignal;
}

/** The base model trained on with the user's rows. Between two steps others get their turn. */
async function tune(
  base: LanguageModel,
  rows: readonly TrainingRow[],
  { epochs, maxSteps, batchSize, learningRate }: TrainingParams,
  { output, timeLimitMs, signal }: Run,
): Promise<LanguageModel> {
  const start = performance.now();
  const tuned = await trainModel(rows, {
    seed: 1,
    base,
    batchSize,
    learningRate: learningRate * rateScale,
    ...(maxSteps === -1 ? { epochs } : { epochs: maxSteps, maxSteps }),
    targetLoss: 0,
    timeLimitMs,
    signal,
    onProgress: (progress) => output.progress(progress),
  });
  output.end((performance.now() - start) / 1000, await finalLoss(tuned, rows));
  return tuned;
}

/** Mean over rows, a row at a time so that nobody waits for it. */
async function finalLoss(model: LanguageModel, rows: readonly TrainingRow[]): Promise<number> {
  const measured = rows.slice(0, measuredRows);
  let sum = 0;
  for (const row of measured) {
    sum += model.loss([row]);
    await nextTurn();
  }
  return measured.length > 0 ? sum / measured.length : 0;
}

/** The lines that a training script prints, with the numbers of ours. */
class ContainerOutput {
  readonly lines: string[] = [];
  private steps = 0;
  private sum = 0;
  private sinceLine = 0;
  private last: TrainingProgress | undefined;

  begin(rows: readonly TrainingRow[], { epochs, maxSteps, learningRate }: TrainingParams): void {
    const length = maxSteps === -1 ? `${epochs} epochs` : `${maxSteps} steps`;
    this.lines.push(
      `sandbox-lm: ${rows.length} rows, ${length}, learning rate ${learningRate} x ${rateScale} of this small model`,
    );
  }

  progress(progress: TrainingProgress): void {
    const { step, loss, gradNorm, learningRate, epoch } = progress;
    this.last = progress;
    this.steps++;
    this.sum += loss;
    this.sinceLine += loss;
    if (step % stepsBetweenLines !== 0) return;
    const mean = this.sinceLine / stepsBetweenLines;
    this.sinceLine = 0;
    if (this.lines.length > maxLines) return;
    this.lines.push(
      pythonDict({
        loss: rounded(mean),
        grad_norm: rounded(gradNorm),
        learning_rate: learningRate / rateScale,
        epoch: rounded(epoch, 2),
      }),
    );
  }

  end(seconds: number, finalLoss: number): void {
    const { steps, last } = this;
    if (last && last.step < last.totalSteps)
      this.lines.push(`stopped at the time limit, after ${last.step} of ${last.totalSteps} steps`);
    this.lines.push(
      `loss of the network alone on the rows it was trained on: ${rounded(finalLoss)}`,
      pythonDict({
        train_runtime: rounded(seconds),
        train_steps_per_second: rounded(steps / Math.max(seconds, 0.001), 3),
        train_loss: rounded(steps > 0 ? this.sum / steps : 0),
        epoch: rounded(last?.epoch ?? 0, 2),
      }),
    );
  }
}

function rounded(value: number, digits = 4): number {
  return Number(value.toFixed(digits));
}

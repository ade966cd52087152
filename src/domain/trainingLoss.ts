// The losses that a training log tells of (spec fine-tuning.md 8.3). The log is a stranger's text: it is read line by line, bounded.

/** One logged loss; NaN and infinite where the trainer said so. */
export interface LossPoint {
  readonly loss: number;
  /** Only the older trainer numbers its steps. */
  readonly step?: number;
  readonly epoch?: number;
  readonly learningRate?: number;
}

export interface TrainingLoss {
  /** Of the last attempt. */
  readonly points: readonly LossPoint[];
  /** The mean over the whole training, from its last line. */
  readonly final?: number;
  /** The container failed, and nothing came after it. */
  readonly hasFailed: boolean;
  /** Anything was written at all. */
  readonly hasOutput: boolean;
  /** How often the training was begun, as far as its losses show. */
  readonly attempts: number;
}

const longestLine = 4000;
const mostPoints = 20_000;

export function trainingLoss(log: string): TrainingLoss {
  let points: LossPoint[] = [];
  let final: number | undefined;
  let hasFailed = false;
  let attempts = 0;
  for (const line of log.split("\n")) {
    if (line.includes("=== Container Failed ===")) hasFailed = true;
    const numbers = numbersOf(line.slice(0, longestLine));
    const loss = numbers.get("loss");
    if (loss !== undefined) {
      const point = { loss, ...placeOf(line, numbers) };
      if (points.length === 0 || hasFailed || isBefore(point, points.at(-1))) {
        [points, final, hasFailed] = [[], undefined, false];
        attempts++;
      }
      if (points.length < mostPoints) points.push(point);
    }
    final = numbers.get("train_loss") ?? final;
  }
  return {
    points,
    ...(final === undefined ? {} : { final }),
    hasFailed,
    hasOutput: log.trim() !== "",
    attempts,
  };
}

function placeOf(line: string, numbers: ReadonlyMap<string, number>): Omit<LossPoint, "loss"> {
  const step = /\bStep: (\d{1,9}), Logs:/.exec(line)?.[1];
  const epoch = numbers.get("epoch");
  const learningRate = numbers.get("learning_rate");
  return {
    ...(step === undefined ? {} : { step: Number(step) }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(learningRate === undefined ? {} : { learningRate }),
  };
}

/** A training that was begun again starts its epochs anew. */
function isBefore(point: LossPoint, last: LossPoint | undefined): boolean {
  return (
    (point.epoch !== undefined && last?.epoch !== undefined && point.epoch < last.epoch) ||
    (point.step !== undefined && last?.step !== undefined && point.step < last.step)
  );
}

/** The numbers of a Python dictionary that starts with a loss or the training's summary. */
function numbersOf(line: string): ReadonlyMap<string, number> {
  const start = line.search(/\{'(?:loss|train_runtime)': /);
  if (start < 0) return new Map();
  const found = new Map<string, number>();
  for (const [, name = "", text = ""] of line.slice(start).matchAll(/'(\w{1,40})': '?([-+.\w]{1,40})'?/g)) {
    const value = numberOf(text);
    if (value !== undefined && !found.has(name)) found.set(name, value);
  }
  return found;
}

function numberOf(text: string): number | undefined {
  if (/^nan$/i.test(text)) return NaN;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

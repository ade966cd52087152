// How much training the parameters amount to (spec fine-tuning.md 6): the trainer gathers four batches into one step.

const accumulation = 4;
/** The learning rate rises over the first steps, and the loss is logged every so many. */
export const warmUpSteps = 10;

export interface TrainingShape {
  readonly epochs: number;
  readonly batchSize: number;
  /** -1: as many as the epochs make. */
  readonly maxSteps: number;
}

export interface TrainingSteps {
  readonly rowsPerStep: number;
  readonly steps: number;
  /** Rows that are trained on, each time one is seen; never more than the steps take. */
  readonly rowsSeen: number;
  /** What the epochs alone would make: the fee counts all of it. */
  readonly fullSteps: number;
}

export function trainingSteps({ epochs, batchSize, maxSteps }: TrainingShape, rows: number): TrainingSteps {
  const rowsPerStep = batchSize * accumulation;
  const perEpoch = Math.ceil(rows / rowsPerStep);
  const fullSteps = perEpoch * epochs;
  if (maxSteps < 0) return { rowsPerStep, steps: fullSteps, rowsSeen: rows * epochs, fullSteps };
  const whole = perEpoch === 0 ? 0 : Math.floor(maxSteps / perEpoch);
  const rest = perEpoch === 0 ? 0 : maxSteps % perEpoch;
  const rowsSeen = whole * rows + Math.min(rows, rest * rowsPerStep);
  return { rowsPerStep, steps: maxSteps, rowsSeen, fullSteps };
}

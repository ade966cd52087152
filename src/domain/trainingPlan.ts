// What a training amounts to (spec datasets.md, fine-tuning.md 6): steps, rows that are seen, what is paid for.

/** The trainer gathers so many batches into one step. */
const accumulation = 4;
/** The learning rate rises over the first steps. */
export const warmUpSteps = 10;

export interface TrainingExtent {
  readonly epochs: number;
  readonly batchSize: number;
  /** -1: as many as the epochs make. */
  readonly maxSteps: number;
}

export interface TrainingPlan {
  readonly effectiveBatch: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** Steps in which the learning rate still rises. */
  readonly warmUpSteps: number;
  /** Rows that are trained on, each as often as it comes. */
  readonly rowsSeen: number;
  /** What share of the paid rows is trained on, 0 to 100; above 100 when `max_steps` makes more steps. */
  readonly percentOfBilled: number;
}

export function trainingPlan(rows: number, { batchSize, epochs, maxSteps }: TrainingExtent): TrainingPlan {
  const effectiveBatch = batchSize * accumulation;
  const stepsPerEpoch = Math.ceil(rows / effectiveBatch);
  const steps = rows === 0 ? 0 : maxSteps > 0 ? maxSteps : stepsPerEpoch * epochs;
  // the last step of an epoch is a short one
  const wholeEpochs = stepsPerEpoch === 0 ? 0 : Math.floor(steps / stepsPerEpoch);
  const rest = stepsPerEpoch === 0 ? 0 : steps % stepsPerEpoch;
  const rowsSeen = wholeEpochs * rows + Math.min(rest * effectiveBatch, rows);
  const billedRows = rows * epochs;
  return {
    effectiveBatch,
    stepsPerEpoch,
    steps,
    warmUpSteps: Math.min(warmUpSteps, steps),
    rowsSeen,
    percentOfBilled: billedRows === 0 ? 0 : (rowsSeen * 100) / billedRows,
  };
}

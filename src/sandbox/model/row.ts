// What the model learns from.

/** One example: what is asked and the whole answer to it. */
export interface TrainingRow {
  readonly prompt: string;
  readonly completion: string;
}

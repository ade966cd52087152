// A configuration that a provider takes: the documents' example, but for all the steps that the epochs make.
import type { ParameterName } from "../../src/dataset/trainingParams.js";

export const defaultParameters: Readonly<Record<ParameterName, number>> = {
  neftune_noise_alpha: 5,
  num_train_epochs: 1,
  per_device_train_batch_size: 2,
  learning_rate: 0.0002,
  max_steps: -1,
};

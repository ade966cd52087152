// A trained model as its user gets it: a zip like those of the network's providers, with what ours consists of (spec fine-tuning.md 11.2).
import { baseModelName } from "./baseModel.js";
import { parametersOf } from "./setUp.js";
import type { TaskRecord } from "./tasks.js";
import { zipOf } from "./zip.js";

const modelFile = "adapter_model.0glm";

export function packModel(task: TaskRecord, adapter: Uint8Array): Uint8Array {
  return zipOf({
    "output_model/adapter_config.json": `${JSON.stringify(configOf(task), undefined, 2)}\n`,
    [`output_model/${modelFile}`]: adapter,
    "output_model/README.md": readmeOf(task),
  });
}

function configOf(task: TaskRecord): object {
  const { epochs, maxSteps, batchSize, learningRate } = parametersOf(task);
  return {
    base_model_name_or_path: baseModelName,
    peft_type: "SANDBOX_DELTA",
    task_type: "CAUSAL_LM",
    task_id: task.id,
    num_train_epochs: epochs,
    max_steps: maxSteps,
    per_device_train_batch_size: batchSize,
    learning_rate: learningRate,
    weights: modelFile,
  };
}

function readmeOf({ id }: TaskRecord): string {
  return `# ${baseModelName}, tuned by task ${id}

- \`${modelFile}\`: the whole difference to the base model in 16-bit integers, the new words of its vocabulary, and the rows it was
  trained on, in clear. It is not low-rank, and it is of no use to any other program than the sandbox.
- \`adapter_config.json\`: what it was trained with.

A toy: it recalls the rows it has seen, helped by a small network. It understands nothing.
`;
}

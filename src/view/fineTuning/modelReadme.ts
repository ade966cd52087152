// The README that goes with an exported model: where it came from, what was checked, and how PEFT and vLLM load it.
import type { ModelItem } from "../../services/fineTuning/types.js";
import { formatExact } from "../money/money.js";
import { isCheckedFirst } from "./taskFacts.js";
import { adapterState } from "./taskView.js";
import { markdownText, plainLine } from "../text.js";
import type { Translate } from "../translate.js";

/** `adapterFolder`: the folder with adapter_config.json, seen from the README. */
export function modelReadme(model: ModelItem, adapterFolder: string, t: Translate): string {
  const { lineage, check, adapter } = model;
  const base = baseRepository(lineage.baseModel);
  const facts: readonly (readonly [string, string | undefined])[] = [
    [t("Base model"), code(lineage.baseModel)],
    [t("Hash of the base model"), code(lineage.baseModelHash)],
    [t("Dataset"), lineage.datasetHash && code(lineage.datasetHash)],
    [t("Rows"), lineage.datasetRows === undefined ? undefined : String(lineage.datasetRows)],
    [t("Training parameters"), lineage.trainingParams && code(lineage.trainingParams.replace(/\s+/g, " "))],
    [t("Provider"), code(lineage.provider)],
    [t("Task"), code(lineage.taskId)],
    [t("Enclave's signer"), (lineage.signer ?? check?.signer) && code(lineage.signer ?? check?.signer ?? "")],
    [t("Encrypted file, hash on the chain"), lineage.modelRootHash && code(lineage.modelRootHash)],
    [t("Fee"), lineage.fee === undefined ? undefined : formatExact(lineage.fee, t)],
    [t("Adapter"), adapter && `${code(adapter.name)} (${adapterState(adapter.state, t)})`],
  ];
  const rows = facts.flatMap(([name, value]) => (value ? [`| ${name} | ${value} |`] : []));
  return `# ${t("Tuned from {0}", markdownText(lineage.baseModel, 80))}

${t("A LoRA adapter, trained on the 0G Compute Network.")}

| | |
| --- | --- |
${rows.join("\n")}

${checkedText(model, t)}

## PEFT

\`\`\`python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained(${python(base)}, torch_dtype="auto", device_map="auto")
tokenizer = AutoTokenizer.from_pretrained(${python(base)})
model = PeftModel.from_pretrained(base, ${python(adapterFolder)})

${promptComment(t)}
prompt = "### Instruction:\\nYour question\\n\\n### Response:\\n"
inputs = tokenizer(prompt, return_tensors="pt").to(model.device)
print(tokenizer.decode(model.generate(**inputs, max_new_tokens=200)[0], skip_special_tokens=True))
\`\`\`

## vLLM

\`\`\`sh
vllm serve ${shell(base)} --enable-lora --lora-modules tuned=${shell(adapterFolder)}

curl http://127.0.0.1:8000/v1/completions -H 'Content-Type: application/json' \\
  -d '{"model": "tuned", "prompt": "### Instruction:\\nYour question\\n\\n### Response:\\n", "max_tokens": 200}'
\`\`\`
`;
}

function promptComment(t: Translate): string {
  return `# ${t("The rows were trained in this form, not in the model's chat template.")}`;
}

function checkedText({ check, run, isAcknowledged }: ModelItem, t: Translate): string {
  if (!check) return t("Its file was not checked on the machine that wrote this.");
  if (isCheckedFirst(run, isAcknowledged))
    return t(
      "Before it was acknowledged, the encrypted file was found to have the hash on the chain, and to be signed by the enclave's key. What was trained inside the enclave is the provider's word.",
    );
  return t(
    "The encrypted file was found to have the hash on the chain, and to be signed by the enclave's key, but only after it had been acknowledged. What was trained inside the enclave is the provider's word.",
  );
}

/** The predefined models are known by their name in the public repository. */
function baseRepository(name: string): string {
  const clean = plainLine(name, 80);
  return /^Qwen/.test(clean) && !clean.includes("/") ? `Qwen/${clean}` : clean;
}

/** In backticks, with nothing in it that ends them or a table's cell. */
function code(text: string): string {
  return `\`${plainLine(text, 400).replace(/[`|]/g, "'")}\``;
}

function python(text: string): string {
  return JSON.stringify(plainLine(text, 300));
}

function shell(text: string): string {
  const clean = plainLine(text, 300);
  return /^[\w./@:-]+$/.test(clean) ? clean : `'${clean.replace(/'/g, `'\\''`)}'`;
}

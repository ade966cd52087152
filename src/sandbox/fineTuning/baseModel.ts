// What can be tuned in the sandbox: its own small language model, as a customised model of the network (spec fine-tuning.md 3.2).
import { id } from "ethers";
import { zipOf } from "./zip.js";

export const baseModelName = "sandbox-lm";
/** keccak-256 of the name. */
export const baseModelHash = id(baseModelName);

/** Neuron; half an 0G for a million tokens, as on the network. */
export const pricePerToken = 500_000_000_000n;
const storageReserve = 10n ** 16n;

const description =
  "The sandbox's language model: a small network of this machine that answers what it was taught. A toy, good for learning how fine-tuning works here.";

/** The entry of `/v1/model`. */
export const baseModelCard = {
  name: baseModelName,
  hash: baseModelHash,
  image: "sandbox.invalid/zerog-compute/trainer",
  dataType: "text",
  trainingScript: "sandbox",
  description,
  tokenizer: "words",
} as const;

/** The zip of `/v1/model/desc/…`. */
export function modelDescription(): Uint8Array {
  return zipOf({ [`${baseModelName}/README.md`]: readme });
}

const readme = `# ${baseModelName}

${description}

- Dataset: JSON lines with \`messages\`, or with \`instruction\`, \`input\` and \`output\`.
- Parameters: exactly the five that the network's providers take.
- Tokens are words: runs of characters without white space.
- Fee: tokens x ${pricePerToken} neuron x epochs + 0.01 0G.
- The adapter is the whole difference to the base model, with the rows it was trained on. It is not low-rank.
`;

/** Neuron (spec 7.4). */
export function trainingFee(tokens: number, epochs: number): bigint {
  return BigInt(tokens) * pricePerToken * BigInt(epochs) + storageReserve;
}

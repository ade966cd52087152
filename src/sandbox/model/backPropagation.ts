/** The way back through the network: the loss of an answer and its derivative by every parameter, written out by hand. */
import { log } from "./arithmetic.js";
import type { Network, Parameters, PromptInput } from "./network.js";
import {
  contextLength,
  contextSize,
  hiddenAt,
  hiddenSize,
  pieceBefore,
  pieceSize,
  probabilities,
  promptSize,
  promptToHidden,
} from "./network.js";

/** Output gradients smaller than this are left out: after the first epochs almost all of them are. */
const smallestGradient = 1e-4;

/** Buffers of the back-propagation, made once per training. */
export interface Workspace {
  readonly prompt: Float64Array;
  readonly fromPrompt: Float64Array;
  readonly promptGradient: Float64Array;
  readonly hidden: Float64Array;
  readonly hiddenGradient: Float64Array;
  readonly hiddenSum: Float64Array;
  readonly output: Float64Array;
}

export function workspace(vocabulary: number): Workspace {
  return {
    prompt: new Float64Array(promptSize),
    fromPrompt: new Float64Array(hiddenSize),
    promptGradient: new Float64Array(promptSize),
    hidden: new Float64Array(4 * hiddenSize),
    hiddenGradient: new Float64Array(hiddenSize),
    hiddenSum: new Float64Array(hiddenSize),
    output: new Float64Array(4 * vocabulary),
  };
}

/**
 * Loss of one answer (`ids` with its end), summed over its pieces. With `gradient`, the derivative of that sum is added to it.
 */
export function rowLoss(
  network: Network,
  input: PromptInput,
  ids: ArrayLike<number>,
  space: Workspace,
  gradient?: Parameters,
): number {
  const p = network.parameters;
  const v = network.vocabulary;
  promptToHidden(p, input, space.prompt, space.fromPrompt);
  space.hiddenSum.fill(0);
  let loss = 0;
  for (let first = 0; first < ids.length; first += 4) {
    const count = Math.min(4, ids.length - first);
    for (let n = 0; n < count; n++)
      hiddenAt(p, space.fromPrompt, ids, first + n, space.hidden, n * hiddenSize);
    probabilities(network, space.hidden, 0, count, space.output);
    for (let n = 0; n < count; n++) {
      const target = n * v + (ids[first + n] as number);
      loss -= log(space.output[target] as number);
      if (!gradient) continue;
      space.output[target] = (space.output[target] as number) - 1;
      outputGradient(network, space, n, gradient);
      contextGradient(p, ids, first + n, space, gradient);
    }
  }
  if (gradient) promptGradient(p, input, space, gradient);
  return loss;
}

/** From `space.output` (probability minus target) of position `n` to the output layer and, masked by ReLU, to the hidden layer. */
function outputGradient(network: Network, space: Workspace, n: number, gradient: Parameters): void {
  const { hidden, hiddenGradient: dh, output, hiddenSum } = space;
  const at = n * hiddenSize;
  dh.fill(0);
  for (let v = 0; v < network.vocabulary; v++) {
    const g = output[n * network.vocabulary + v] as number;
    if (g < smallestGradient && g > -smallestGradient) continue;
    gradient.pieceBias[v] = (gradient.pieceBias[v] as number) + g;
    const row = v * hiddenSize;
    for (let j = 0; j < hiddenSize; j++) {
      gradient.hiddenToPiece[row + j] =
        (gradient.hiddenToPiece[row + j] as number) + g * (hidden[at + j] as number);
      dh[j] = (dh[j] as number) + g * (network.parameters.hiddenToPiece[row + j] as number);
    }
  }
  for (let j = 0; j < hiddenSize; j++) {
    if (!((hidden[at + j] as number) > 0)) dh[j] = 0;
    hiddenSum[j] = (hiddenSum[j] as number) + (dh[j] as number);
  }
}

function contextGradient(
  p: Parameters,
  ids: ArrayLike<number>,
  position: number,
  space: Workspace,
  gradient: Parameters,
): void {
  for (let j = 0; j < hiddenSize; j++) {
    const g = space.hiddenGradient[j] as number;
    if (g === 0) continue;
    for (let c = 0; c < contextLength; c++) {
      const vector = pieceBefore(ids, position, c) * pieceSize;
      const row = j * contextSize + c * pieceSize;
      for (let k = 0; k < pieceSize; k++) {
        gradient.contextToHidden[row + k] =
          (gradient.contextToHidden[row + k] as number) + g * (p.pieceVectors[vector + k] as number);
        gradient.pieceVectors[vector + k] =
          (gradient.pieceVectors[vector + k] as number) + g * (p.contextToHidden[row + k] as number);
      }
    }
  }
}

/** The prompt's part is the same at every position, so its gradient is taken once, over the sum. */
function promptGradient(p: Parameters, input: PromptInput, space: Workspace, gradient: Parameters): void {
  const du = space.promptGradient.fill(0);
  for (let j = 0; j < hiddenSize; j++) {
    const g = space.hiddenSum[j] as number;
    if (g === 0) continue;
    gradient.hiddenBias[j] = (gradient.hiddenBias[j] as number) + g;
    const row = j * promptSize;
    for (let k = 0; k < promptSize; k++) {
      gradient.promptToHidden[row + k] =
        (gradient.promptToHidden[row + k] as number) + g * (space.prompt[k] as number);
      du[k] = (du[k] as number) + g * (p.promptToHidden[row + k] as number);
    }
  }
  for (let i = 0; i < input.bucket.length; i++) {
    const at = (input.bucket[i] as number) * promptSize;
    const w = input.weight[i] as number;
    for (let k = 0; k < promptSize; k++) {
      gradient.featureToPrompt[at + k] = (gradient.featureToPrompt[at + k] as number) + w * (du[k] as number);
    }
  }
}

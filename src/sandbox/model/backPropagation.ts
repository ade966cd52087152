/** The way back through the network: the loss of an answer and its derivative by every parameter, written out by hand. */
import { log } from "./arithmetic.js";
import type { Network, Parameters, PromptInput } from "./network.js";
import {
  contextAt,
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

/**
 * Output gradients below this are added up instead of followed one by one; each time the sum reaches it, the piece where that
 * happens gets the whole sum. On average every piece gets its share, for a tenth of the work.
 */
const smallestGradient = 5e-3;

/** Buffers of the back-propagation, made once per training. */
export interface Workspace {
  readonly prompt: Float64Array;
  readonly fromPrompt: Float64Array;
  readonly promptGradient: Float64Array;
  /** Of four positions, as are `hidden` and `output`. */
  readonly contexts: readonly Float64Array[];
  readonly contextGradient: Float64Array;
  readonly hidden: Float64Array;
  readonly hiddenGradient: Float64Array;
  readonly hiddenSum: Float64Array;
  readonly output: Float64Array;
  /** One number: the sum of the small output gradients not yet given to a piece. */
  readonly carried: Float64Array;
}

export function workspace(vocabulary: number): Workspace {
  return {
    prompt: new Float64Array(promptSize),
    fromPrompt: new Float64Array(hiddenSize),
    promptGradient: new Float64Array(promptSize),
    contexts: [0, 1, 2, 3].map(() => new Float64Array(contextSize)),
    contextGradient: new Float64Array(contextSize),
    hidden: new Float64Array(4 * hiddenSize),
    hiddenGradient: new Float64Array(hiddenSize),
    hiddenSum: new Float64Array(hiddenSize),
    output: new Float64Array(4 * vocabulary),
    carried: new Float64Array(1),
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
    space.contexts.slice(0, count).forEach((context, n) => {
      contextAt(p, ids, first + n, context);
      hiddenAt(p, space.fromPrompt, context, space.hidden, n * hiddenSize);
    });
    probabilities(network, space.hidden, 0, count, space.output);
    space.contexts.slice(0, count).forEach((context, n) => {
      const target = n * v + (ids[first + n] as number);
      loss -= log(space.output[target] as number);
      if (!gradient) return;
      space.output[target] = (space.output[target] as number) - 1;
      outputGradient(network, space, n, gradient);
      contextGradient(p, context, space, gradient);
      spreadContextGradient(ids, first + n, space, gradient);
    });
  }
  if (gradient) promptGradient(p, input, space, gradient);
  return loss;
}

/** From `space.output` (probability minus target) of position `n` to the output layer and, masked by ReLU, to the hidden layer. */
function outputGradient(network: Network, space: Workspace, n: number, gradient: Parameters): void {
  const { hidden, hiddenGradient: dh, output, hiddenSum } = space;
  const [size, vocabulary] = [hiddenSize, network.vocabulary];
  const [w, dw, bias] = [network.parameters.hiddenToPiece, gradient.hiddenToPiece, gradient.pieceBias];
  const at = n * size;
  const smallest = smallestGradient;
  let carried = space.carried[0] as number;
  dh.fill(0);
  for (let v = 0; v < vocabulary; v++) {
    let g = output[n * vocabulary + v] as number;
    if (g >= 0 && g < smallest) {
      carried += g;
      if (carried < smallest) continue;
      carried -= smallest;
      g = smallest;
    }
    bias[v] = (bias[v] as number) + g;
    const row = v * size;
    for (let j = 0; j < size; j++) {
      dw[row + j] = (dw[row + j] as number) + g * (hidden[at + j] as number);
      dh[j] = (dh[j] as number) + g * (w[row + j] as number);
    }
  }
  space.carried[0] = carried;
  for (let j = 0; j < size; j++) {
    if (!((hidden[at + j] as number) > 0)) dh[j] = 0;
    hiddenSum[j] = (hiddenSum[j] as number) + (dh[j] as number);
  }
}

/** From the hidden layer to the context's weights and, in `space.contextGradient`, to the context. */
function contextGradient(p: Parameters, context: Float64Array, space: Workspace, gradient: Parameters): void {
  const [size, width] = [hiddenSize, contextSize];
  const [w, dw, dc] = [p.contextToHidden, gradient.contextToHidden, space.contextGradient];
  dc.fill(0);
  for (let j = 0; j < size; j++) {
    const g = space.hiddenGradient[j] as number;
    if (g === 0) continue;
    const row = j * width;
    for (let k = 0; k < width; k++) {
      dw[row + k] = (dw[row + k] as number) + g * (context[k] as number);
      dc[k] = (dc[k] as number) + g * (w[row + k] as number);
    }
  }
}

function spreadContextGradient(
  ids: ArrayLike<number>,
  position: number,
  space: Workspace,
  gradient: Parameters,
): void {
  const [count, size, dv, dc] = [contextLength, pieceSize, gradient.pieceVectors, space.contextGradient];
  for (let c = 0; c < count; c++) {
    const vector = pieceBefore(ids, position, c) * size;
    for (let k = 0; k < size; k++) dv[vector + k] = (dv[vector + k] as number) + (dc[c * size + k] as number);
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

/** The Adam optimiser. Rows of the feature table that a batch did not touch stay as they are, moments included. */
import type { Parameters } from "./network.js";
import { parameterNames, promptSize, zeroParameters } from "./network.js";

const beta1 = 0.9;
const beta2 = 0.99;
const epsilon = 1e-8;

export class Adam {
  readonly gradient: Parameters;
  private readonly mean: Parameters;
  private readonly square: Parameters;
  private power1 = 1;
  private power2 = 1;

  constructor(
    private readonly parameters: Parameters,
    vocabulary: number,
  ) {
    this.gradient = zeroParameters(vocabulary);
    this.mean = zeroParameters(vocabulary);
    this.square = zeroParameters(vocabulary);
  }

  /**
   * One step along `gradient / divisor`, then the gradient is zero again. `touched` are the feature buckets of the batch.
   * Returns the length of the divided gradient.
   */
  step(learningRate: number, divisor: number, touched: ReadonlySet<number>): number {
    this.power1 *= beta1;
    this.power2 *= beta2;
    let squares = 0;
    for (const name of parameterNames) {
      if (name === "featureToPrompt") {
        for (const bucket of touched) {
          squares += this.update(name, bucket * promptSize, (bucket + 1) * promptSize, learningRate, divisor);
        }
      } else squares += this.update(name, 0, this.parameters[name].length, learningRate, divisor);
    }
    return Math.sqrt(squares);
  }

  private update(
    name: keyof Parameters,
    from: number,
    to: number,
    learningRate: number,
    divisor: number,
  ): number {
    const [parameter, gradient] = [this.parameters[name], this.gradient[name]];
    const [mean, square] = [this.mean[name], this.square[name]];
    const [rest1, rest2] = [1 - this.power1, 1 - this.power2];
    const [b1, b2, tiny] = [beta1, beta2, epsilon];
    let squares = 0;
    for (let i = from; i < to; i++) {
      const g = (gradient[i] as number) / divisor;
      gradient[i] = 0;
      squares += g * g;
      const m = (mean[i] = b1 * (mean[i] as number) + (1 - b1) * g);
      const s = (square[i] = b2 * (square[i] as number) + (1 - b2) * g * g);
      parameter[i] = (parameter[i] as number) - (learningRate * (m / rest1)) / (Math.sqrt(s / rest2) + tiny);
    }
    return squares;
  }
}

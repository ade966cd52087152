/**
 * Weights on a fixed grid of 1/256, as 16-bit integers. Training ends on the grid, so a saved model is exactly the trained one,
 * and the difference of two models is exact and mostly zeros.
 */
import type { Network } from "./network.js";
import { parameterNames, zeroParameters } from "./network.js";

const stepsPerUnit = 256;
const largest = 32767;

/** The nearest point of the grid, as an integer. */
export function toGrid(value: number): number {
  return Math.max(-largest, Math.min(largest, Math.round(value * stepsPerUnit)));
}

export function fromGrid(integer: number): number {
  return integer / stepsPerUnit;
}

/** A copy of a network with every weight on the grid. */
export function quantised(network: Network): Network {
  const parameters = zeroParameters(network.vocabulary);
  for (const name of parameterNames) {
    const [from, to] = [network.parameters[name], parameters[name]];
    for (let i = 0; i < from.length; i++) to[i] = fromGrid(toGrid(from[i] ?? 0));
  }
  return { vocabulary: network.vocabulary, parameters };
}

// What a transaction's fee may come to. Its price is a node's word: so much is paid without a question, and more than usual is said.
import { minNeuron, neuron, oneOg, type Neuron } from "./money.js";

/** Some thirty times what a transfer takes at the price that is usual on the network. */
const ample = neuron(oneOg / 100n);

/** The most for a transaction nobody is asked about; for one that moves money never more than that. */
export function mostUnaskedFee(moved: Neuron = ample): Neuron {
  return minNeuron(ample, moved);
}

/** Out of proportion to what is moved, and worth a word before it is paid. */
export function isHighFee(fee: Neuron, moved: Neuron): boolean {
  return fee > ample && fee * 100n > moved;
}

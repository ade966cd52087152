// The three contracts as ethers Interfaces, built when first asked for: parsing the fragments takes milliseconds.
import { Interface } from "ethers";
import type { ContractAddresses } from "../../domain/networks.js";
import { fineTuningServingFragments } from "./fineTuningServing.js";
import { inferenceServingFragments } from "./inferenceServing.js";
import { ledgerManagerFragments } from "./ledgerManager.js";

export type ContractName = keyof ContractAddresses;

export const contractNames: readonly ContractName[] = ["ledger", "inference", "fineTuning"];

const fragments: Readonly<Record<ContractName, readonly string[]>> = {
  ledger: ledgerManagerFragments,
  inference: inferenceServingFragments,
  fineTuning: fineTuningServingFragments,
};

// A memo of values that never change.
const built = new Map<ContractName, Interface>();

/** Functions, events and custom errors of one contract. */
export function contractInterface(name: ContractName): Interface {
  let found = built.get(name);
  if (!found) built.set(name, (found = new Interface(fragments[name])));
  return found;
}

// A call of a contract, as errors and logs name it.
import type { Contract, ContractCall } from "./access.js";
import type { CallFacts } from "./errors.js";

/** What is known of a call before anything was asked. */
export function factsOf({ contract, method, args }: ContractCall): CallFacts {
  return { method, args, ...(typeof contract === "string" ? {} : { interface: contract.interface }) };
}

export function contractLabel(contract: Contract): string {
  return typeof contract === "string" ? contract : contract.name;
}

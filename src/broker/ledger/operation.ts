// What each operation on the money has to say: the call it makes, what is refused before anything is sent, and what it does to the ledger.
import type { ContractLimits, Ledger, LedgerOperation, SubAccount } from "../../domain/account.js";
import type { ServiceName } from "../../domain/provider.js";
import type { NetworkCall } from "../chain/access.js";
import type { ContractName } from "../contracts/interfaces.js";

export type OperationOf<K extends LedgerOperation["kind"]> = Extract<LedgerOperation, { kind: K }>;

/** The user's money as read just now. */
export interface LedgerState {
  readonly ledger?: Ledger;
  /** Those the operation touches, with their refunds. */
  readonly subAccounts: readonly SubAccount[];
  readonly limits: ContractLimits;
  /** Unix seconds of the latest block. */
  readonly blockTimestamp: number;
}

export interface OperationRules<O extends LedgerOperation> {
  /** `serviceName` is the full name the ledger knows the service by; "" for operations without a service. */
  call(operation: O, serviceName: string): NetworkCall;
  /** Throws what can be known without asking the contract. */
  check?(operation: O, limits: ContractLimits): void;
  /** The ledger afterwards by spec contracts.md 5.3 to 5.5; undefined when there is none any more. */
  after(operation: O, state: LedgerState): Ledger | undefined;
}

export function contractOf(service: ServiceName): ContractName {
  return service === "inference" ? "inference" : "fineTuning";
}

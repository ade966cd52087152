// The wallet's money on the network (spec contracts.md 3 to 5).
import type {
  AccountOverview,
  ContractLimits,
  Ledger,
  LedgerOperation,
  SubAccount,
  TransactionPlan,
  TransactionResult,
} from "../../domain/account.js";
import type { ProviderId } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";
import type { CallOptions, SendOptions } from "../call.js";

/** Spec contracts.md 3 to 5. Reverts surface as `rejectedByChain`, or as `insufficientFunds`/`noLedger` where that is what they mean. */
export interface LedgerBroker {
  getLedger(options?: CallOptions): Promise<Ledger | undefined>;
  limits(options?: CallOptions): Promise<ContractLimits>;
  /** Wallet, ledger and all sub-accounts of both services, in as few calls as the contracts allow. */
  overview(options?: CallOptions): Promise<AccountOverview>;
  /** One sub-account with its live refunds; undefined when there is none. */
  getSubAccount(
    service: ServiceName,
    provider: ProviderId,
    options?: CallOptions,
  ): Promise<SubAccount | undefined>;
  /** Simulates; throws what the transaction would. Signs nothing. */
  plan(operation: LedgerOperation, options?: CallOptions): Promise<TransactionPlan>;
  /** Signs, sends and waits for the receipt. */
  run(operation: LedgerOperation, options?: SendOptions): Promise<TransactionResult>;
  /** The same operations under the documents' names; each is `run` of one operation. */
  addLedger(amount: Neuron, options?: SendOptions): Promise<TransactionResult>;
  depositFund(amount: Neuron, options?: SendOptions): Promise<TransactionResult>;
  transferFund(
    provider: ProviderId,
    service: ServiceName,
    amount: Neuron,
    options?: SendOptions,
  ): Promise<TransactionResult>;
  retrieveFund(
    service: ServiceName,
    providers: readonly ProviderId[],
    options?: SendOptions,
  ): Promise<TransactionResult>;
  refund(amount: Neuron, options?: SendOptions): Promise<TransactionResult>;
  deleteLedger(options?: SendOptions): Promise<TransactionResult>;
}

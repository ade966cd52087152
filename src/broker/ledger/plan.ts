// What an operation would do, asked of the chain before anything is signed; and the operation itself.
import type {
  ContractLimits,
  LedgerOperation,
  SubAccount,
  TransactionPlan,
  TransactionResult,
} from "../../domain/account.js";
import { ComputeError } from "../../domain/error.js";
import { type Address, addressKey, type ProviderId } from "../../domain/ids.js";
import { neuron, zeroNeuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";
import type { CallOptions, SendOptions } from "../call.js";
import type { NetworkCall } from "../chain/access.js";
import type { BrokerContext } from "../context.js";
import { requireSigner } from "../wallet/signer.js";
import { acknowledge } from "./acknowledge.js";
import { addLedger } from "./addLedger.js";
import { deleteLedger } from "./deleteLedger.js";
import { depositFund } from "./depositFund.js";
import type { LedgerState, OperationRules } from "./operation.js";
import { readLedger, readSubAccount } from "./reads.js";
import { refund } from "./refund.js";
import { collected, retrieveFund } from "./retrieveFund.js";
import { revokeAllTokens } from "./revokeAllTokens.js";
import { revokeToken } from "./revokeToken.js";
import { transferFund } from "./transferFund.js";

/** What is asked once per process. */
export interface Known {
  limits(options?: CallOptions): Promise<ContractLimits>;
  serviceName(service: ServiceName, options?: CallOptions): Promise<string>;
}

/** Simulates; throws what the transaction would. Signs nothing. */
export async function planOperation(
  context: BrokerContext,
  known: Known,
  operation: LedgerOperation,
  options: CallOptions = {},
): Promise<TransactionPlan> {
  const from = requireSigner(context).address;
  const { call, rules } = await prepare(context, known, operation, from, options);
  const [simulation, state] = await Promise.all([
    context.chain.simulate(call, from, options),
    readState(context, known, operation, from, options),
  ]);
  const { gasLimit, maxFee, walletBalance } = simulation;
  const value = call.value ?? zeroNeuron;
  const received = operation.kind === "refund" ? operation.amount : zeroNeuron;
  return {
    operation,
    to: context.network.contracts[call.contract],
    from,
    value,
    gasLimit,
    maxFee,
    walletBefore: walletBalance,
    walletAfter: neuron(walletBalance - value - maxFee + received),
    ledgerBefore: state.ledger,
    ledgerAfter: rules.after(operation, state),
    subAccounts: state.subAccounts,
    collected: operation.kind === "retrieveFund" ? collected(state) : zeroNeuron,
  };
}

/** Signs, sends, waits for the receipt. */
export async function runOperation(
  context: BrokerContext,
  known: Known,
  operation: LedgerOperation,
  options: SendOptions = {},
): Promise<TransactionResult> {
  const from = requireSigner(context).address;
  const { call } = await prepare(context, known, operation, from, options);
  return context.chain.send(call, options);
}

async function prepare(
  context: BrokerContext,
  known: Known,
  operation: LedgerOperation,
  from: Address,
  options: CallOptions,
): Promise<{ call: NetworkCall; rules: OperationRules<LedgerOperation> }> {
  const rules = rulesOf(operation);
  refuseNegative(operation);
  const isNamed = operation.kind === "transferFund" || operation.kind === "retrieveFund";
  const [limits, serviceName] = await Promise.all([
    known.limits(options),
    isNamed ? known.serviceName(operation.service, options) : "",
  ]);
  rules.check?.(operation, limits);
  if (operation.kind === "acknowledge")
    await requireSubAccount(context, from, operation.service, operation.provider, limits, options);
  return { call: rules.call(operation, serviceName), rules };
}

/** Each kind has the rules of its own type; one place pairs them. */
function rulesOf(operation: LedgerOperation): OperationRules<LedgerOperation> {
  const table: { [K in LedgerOperation["kind"]]: OperationRules<Extract<LedgerOperation, { kind: K }>> } = {
    addLedger,
    depositFund,
    transferFund,
    retrieveFund,
    refund,
    deleteLedger,
    acknowledge,
    revokeToken,
    revokeAllTokens,
  };
  return table[operation.kind];
}

function refuseNegative(operation: LedgerOperation): void {
  if ("amount" in operation && operation.amount < 0n)
    throw new ComputeError("badAmount", { text: String(operation.amount), why: "notANumber" });
}

/** Acknowledging needs a sub-account, which only a transfer makes: says how much that takes. */
async function requireSubAccount(
  context: BrokerContext,
  user: Address,
  service: ServiceName,
  provider: ProviderId,
  limits: ContractLimits,
  options: CallOptions,
): Promise<void> {
  if (await readSubAccount(context, user, service, provider, options)) return;
  const need = limits.minTransfer;
  throw new ComputeError("insufficientFunds", { account: "sub-account", provider, have: 0n, need });
}

async function readState(
  context: BrokerContext,
  known: Known,
  operation: LedgerOperation,
  user: Address,
  options: CallOptions,
): Promise<LedgerState> {
  const [ledger, limits, block, ...accounts] = await Promise.all([
    readLedger(context, user, options),
    known.limits(options),
    context.chain.latestBlock(options),
    ...touched(operation).map(({ service, provider }) =>
      readSubAccount(context, user, service, provider, options),
    ),
  ]);
  const subAccounts = accounts.filter((account): account is SubAccount => account !== undefined);
  return { ledger, limits, blockTimestamp: block.timestamp, subAccounts };
}

function touched(operation: LedgerOperation): { service: ServiceName; provider: ProviderId }[] {
  if (operation.kind === "transferFund" || operation.kind === "acknowledge") return [operation];
  if (operation.kind !== "retrieveFund") return [];
  const unique = new Map(operation.providers.map((provider) => [addressKey(provider), provider]));
  return [...unique.values()].map((provider) => ({ service: operation.service, provider }));
}

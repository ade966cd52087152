// ChainAccess over JSON-RPC, but for sending: encodes calls, decodes answers, simulates.
import type { Interface, Result } from "ethers";
import { ComputeError } from "../../domain/error.js";
import type { Address, TransactionHash } from "../../domain/ids.js";
import { neuron, type Neuron, zeroNeuron } from "../../domain/money.js";
import type { NodeLook } from "../../domain/nodeLook.js";
import type { TransactionPurpose } from "../../domain/transaction.js";
import { contractInterface } from "../contracts/interfaces.js";
import { parseLedger } from "../contracts/records.js";
import type { Signer } from "../wallet/api.js";
import { requireSigner } from "../wallet/signer.js";
import type {
  Block,
  BlockRange,
  ChainAccess,
  ChainPast,
  Contract,
  ContractCall,
  PlacedLog,
  ReadOptions,
  Simulation,
  TransactionState,
} from "./access.js";
import type { TransactionBook, WalletLocks } from "./api.js";
import { findByHash, memoryBook, purposeOf } from "./book.js";
import { contractLabel, factsOf } from "./contractCall.js";
import { type CallFacts, needsLedger, networkError, toChainError } from "./errors.js";
import type { NonceQueue } from "./nonceQueue.js";
import { nodeError, RpcPool, type RpcPoolOptions, untilAborted } from "./pool.js";
import { RpcRejection } from "./rpc.js";
import { lookUp, lookUpOwn } from "./lookUp.js";
import { createPast } from "./past.js";
import { parsePlacedLogs } from "./placedLogs.js";
import { hexData, quantity, record, smallQuantity, toQuantity } from "./values.js";

/** What the cheapest of all transactions uses. */
const smallestGas = 21_000n;

export interface RpcChainOptions extends RpcPoolOptions {
  readonly signer?: Signer;
  readonly locks?: WalletLocks;
  /** Absent: transactions are remembered as long as this object. */
  readonly book?: TransactionBook;
  /** Blocks from a transaction's own on, that one included, until its result counts; absent: 1. */
  readonly confirmations?: () => number;
}

/** The fields of eth_call and eth_estimateGas. */
export interface CallRequest {
  readonly from?: string;
  readonly to: string;
  readonly data: string;
  readonly value?: string;
}

export class RpcChain implements Omit<ChainAccess, "send"> {
  readonly pool: RpcPool;
  readonly past: ChainPast;
  readonly book: TransactionBook;
  /** What this object has under way: somebody waits for it. */
  readonly sending = new Set<TransactionHash>();

  constructor(readonly options: RpcChainOptions) {
    this.pool = new RpcPool(options);
    this.past = createPast(this.pool);
    this.book = options.book ?? memoryBook();
  }

  get queue(): NonceQueue {
    const { network, locks } = this.options;
    return { chainId: network.chainId, address: this.signerAddress, locks };
  }

  get signerAddress(): Address {
    return requireSigner(this.options).address;
  }

  /** The sandbox makes a block for each transaction and none besides, and never takes one back. */
  confirmations(): number {
    const depth = this.options.confirmations?.() ?? 1;
    return this.options.network.isSandbox ? 1 : depth;
  }

  purposeOf(call: ContractCall): TransactionPurpose {
    const { contract, method, args, value } = call;
    const called = interfaceOf(contract).getFunction(method) ?? { name: method, inputs: [] };
    return purposeOf(called, args, value, contractLabel(contract));
  }

  async read(
    contract: Contract,
    method: string,
    args: readonly unknown[] = [],
    options: ReadOptions = {},
  ): Promise<Result> {
    const call: ContractCall = { contract, method, args };
    const data = await this.call(this.request(call, options.from), factsOf(call), options.signal);
    try {
      return interfaceOf(contract).decodeFunctionResult(method, data);
    } catch {
      const detail =
        data === "0x" ? `no contract at ${this.addressOf(contract)}` : `malformed answer to ${method}`;
      throw networkError(this.pool.inOrder[0]?.host ?? "", detail);
    }
  }

  async balance(address: Address, options: ReadOptions = {}): Promise<Neuron> {
    return neuron(await this.ask("eth_getBalance", [address, "latest"], quantity, options));
  }

  latestBlock(options: ReadOptions = {}): Promise<Block> {
    return this.ask("eth_getBlockByNumber", ["latest", false], parseBlock, options);
  }

  async pendingTransactions(address: Address, options: ReadOptions = {}): Promise<number> {
    const count = (tag: string) =>
      this.ask("eth_getTransactionCount", [address, tag], smallQuantity, options);
    // In this order: what is mined between the two looks counts as pending once more, never the other way round.
    const mined = await count("latest");
    return Math.max(0, (await count("pending")) - mined);
  }

  block(number: number, options: ReadOptions = {}): Promise<Block> {
    return this.ask("eth_getBlockByNumber", [toQuantity(number), false], parseBlock, options);
  }

  logs(
    contract: Contract,
    topics: readonly string[],
    { from, to }: BlockRange,
    options: ReadOptions = {},
  ): Promise<PlacedLog[]> {
    const address = this.addressOf(contract);
    const filter = { address, topics, fromBlock: toQuantity(from), toBlock: toQuantity(to) };
    return this.ask("eth_getLogs", [filter], (value) => parsePlacedLogs(value, filter), options);
  }

  checkChainId(options: ReadOptions = {}): Promise<void> {
    return this.pool.checkChainId(options.signal);
  }

  nodes({ signal }: ReadOptions = {}): Promise<readonly NodeLook[]> {
    const looks = this.pool.endpoints.map(async (endpoint): Promise<NodeLook> => {
      const { host } = endpoint;
      try {
        const head = await this.pool.ask(endpoint, "eth_getBlockByNumber", ["latest", false], parseBlock);
        return { host, block: head.number, timestamp: head.timestamp };
      } catch (error) {
        return { host, error: nodeError(error) };
      }
    });
    return untilAborted(Promise.all(looks), signal);
  }

  async simulate(call: ContractCall, from: Address, options: ReadOptions = {}): Promise<Simulation> {
    const request = this.request(call, from);
    const value = call.value ?? zeroNeuron;
    // The call is made beside the estimate because not every node gives the reason with the latter.
    const [walletBalance, askedGasPrice, called, estimated] = await Promise.all([
      this.balance(from, options),
      this.ask("eth_gasPrice", [], quantity, options),
      settled(this.pool.read("eth_call", [request, "latest"], hexData, options.signal)),
      settled(this.pool.read("eth_estimateGas", [request], quantity, options.signal)),
    ]);
    if (walletBalance < value) throw walletShort(walletBalance, value);
    const gasPrice = withPriceMargin(askedGasPrice);
    const walletNeed = value + gasPrice * smallestGas;
    const facts: CallFacts = { ...factsOf(call), walletBalance, walletNeed };
    if ("error" in called) throw await this.explain(called.error, request, facts, options.signal);
    if ("error" in estimated) throw await this.explain(estimated.error, request, facts, options.signal);
    const gasLimit = withGasMargin(estimated.value);
    const maxFee = neuron(gasLimit * gasPrice);
    if (walletBalance < value + maxFee) throw walletShort(walletBalance, value + maxFee);
    return { gasLimit, askedGasPrice: neuron(askedGasPrice), gasPrice, maxFee, walletBalance };
  }

  async lookUp(hash: TransactionHash, { signal }: ReadOptions = {}): Promise<TransactionState> {
    const own = findByHash(await this.book.read(), hash);
    return own ? lookUpOwn(this.pool, own, signal) : lookUp(this.pool, hash, signal);
  }

  /** A read that the node may refuse; refusals are explained with `facts`. */
  async call(request: CallRequest, facts: CallFacts, signal?: AbortSignal): Promise<string> {
    try {
      return await this.pool.read("eth_call", [request, "latest"], hexData, signal);
    } catch (error) {
      throw await this.explain(error, request, facts, signal);
    }
  }

  /** Throws `internal` for arguments that do not fit the function: they are checked long before. */
  request(call: ContractCall, from?: Address): CallRequest {
    return {
      ...(from ? { from } : {}),
      to: this.addressOf(call.contract),
      data: encode(call),
      ...(call.value ? { value: toQuantity(call.value) } : {}),
    };
  }

  /** A refusal as a ComputeError; what is one already stays as it is. */
  async explain(
    error: unknown,
    request: CallRequest,
    facts: CallFacts,
    signal?: AbortSignal,
  ): Promise<unknown> {
    if (!(error instanceof RpcRejection)) return error;
    if (!needsLedger(error) || request.from === undefined) return toChainError(error, facts);
    const ledger = await this.read("ledger", "getLedger", [request.from], { signal });
    return toChainError(error, { ...facts, ledgerAvailable: parseLedger(ledger).available });
  }

  private async ask<T>(
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    options: ReadOptions,
  ): Promise<T> {
    try {
      return await this.pool.read(method, params, parse, options.signal);
    } catch (error) {
      throw error instanceof RpcRejection ? toChainError(error, {}) : error;
    }
  }

  private addressOf(contract: Contract): Address {
    return typeof contract === "string" ? this.options.network.contracts[contract] : contract.address;
  }
}

function interfaceOf(contract: Contract): Interface {
  return typeof contract === "string" ? contractInterface(contract) : contract.interface;
}

function encode({ contract, method, args }: ContractCall): string {
  try {
    return interfaceOf(contract).encodeFunctionData(method, args);
  } catch (error) {
    throw new ComputeError(
      "internal",
      { detail: `arguments do not fit ${contractLabel(contract)}.${method}` },
      { cause: error },
    );
  }
}

function parseBlock(value: unknown): Block {
  const block = record(value);
  return {
    number: smallQuantity(block.number),
    timestamp: smallQuantity(block.timestamp),
    ...(block.baseFeePerGas === undefined ? {} : { baseFee: neuron(quantity(block.baseFeePerGas)) }),
  };
}

/** A fifth more than estimated: other transactions may come first and change what this one does. */
function withGasMargin(estimate: bigint): bigint {
  return (estimate * 12n) / 10n;
}

/** A tenth more than asked, so that a rising base fee does not leave the transaction behind. */
function withPriceMargin(asked: bigint): Neuron {
  return neuron((asked * 11n) / 10n);
}

function walletShort(have: bigint, need: bigint): ComputeError<"insufficientFunds"> {
  return new ComputeError("insufficientFunds", { account: "wallet", have, need });
}

async function settled<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

// Runs transactions: for good in blocks, and as if for eth_call and eth_estimateGas.
import { type Block, createBlock, genTransactionsTrieRoot } from "@ethereumjs/block";
import type { Common } from "@ethereumjs/common";
import type { ExecResult } from "@ethereumjs/evm";
import { createFeeMarket1559Tx } from "@ethereumjs/tx";
import { Address, bytesToHex, hexToBytes } from "@ethereumjs/util";
import { Bloom, type RunTxResult, type VM, createVM, runTx } from "@ethereumjs/vm";
import { keccak256, toUtf8Bytes } from "ethers";
import type { MinedBlock, MinedLog, MinedTx } from "./blocks.js";
import { type Hex, quantity } from "./hex.js";
import type { RpcError } from "./rpcError.js";
import { refused } from "./rpcError.js";
import { baseFeePerGas, blockGasLimit, coinbase } from "./rules.js";
import { revertError, vmError } from "./revert.js";
import type { ChainState } from "./state.js";
import type { SignedTx } from "./transactions.js";

/** What eth_call and eth_estimateGas are asked to run. */
export interface CallRequest {
  from: Hex;
  to?: Hex;
  data: Hex;
  value: bigint;
  gas?: bigint;
  /** The price of a unit of gas, when the sender's balance shall bound the estimate. */
  price?: bigint;
}

/** A block about to be run: where it stands and what the clock says. */
export interface NextBlock {
  number: number;
  parentHash: Hex;
  timestamp: number;
}

const noHash = `0x${"00".repeat(32)}` as const;
const callStipend = 2300n;
const transferGas = 21_000n;

export class Machine {
  private constructor(
    private readonly vm: VM,
    private readonly state: ChainState,
    private readonly rules: Common,
  ) {}

  static async create(
    state: ChainState,
    rules: Common,
    blockHash: (number: number) => Hex | undefined,
  ): Promise<Machine> {
    const blockchain = {
      getBlock: async (number: number) => ({ hash: () => hexToBytes(blockHash(number) ?? noHash) }),
      putBlock: async () => undefined,
      shallowCopy: () => blockchain,
    };
    return new Machine(await createVM({ common: rules, stateManager: state, blockchain }), state, rules);
  }

  /**
   * Runs the transactions that fit into one block; the caller holds a checkpoint open and seals or reverts it.
   * `unfit` could not be run at all and belong into no block.
   */
  async build(next: NextBlock, txs: readonly SignedTx[]): Promise<{ block: MinedBlock; unfit: SignedTx[] }> {
    const context = this.context(next, baseFeePerGas);
    const mined: MinedTx[] = [];
    const included: SignedTx[] = [];
    const unfit: SignedTx[] = [];
    const bloom = new Bloom();
    let gasUsed = 0n;
    for (const signed of txs) {
      if (gasUsed + signed.tx.gasLimit > blockGasLimit) break;
      const result = await this.runOne(signed, context);
      if (!result) {
        unfit.push(signed);
        continue;
      }
      gasUsed += result.totalGasSpent;
      bloom.or(result.bloom);
      mined.push(minedTx(signed, result));
      included.push(signed);
    }
    const roots = {
      stateRoot: this.state.nextRoot(),
      transactionsRoot: bytesToHex(await genTransactionsTrieRoot(included.map(({ tx }) => tx))),
      receiptsRoot: receiptsDigest(mined),
    };
    const sealed = this.context(next, baseFeePerGas, { ...roots, gasUsed, bloom: bloom.bitvector });
    const block = {
      ...next,
      ...roots,
      hash: bytesToHex(sealed.hash()),
      gasUsed: quantity(gasUsed),
      txs: mined,
    };
    return { block, unfit };
  }

  /** Runs a message on top of the head and forgets it; gives the returned bytes, throws RpcError when it fails. */
  async call(next: NextBlock, request: CallRequest): Promise<Hex> {
    const result = await this.forget(async () => {
      const { execResult } = await this.vm.evm.runCall({
        block: this.context(next, request.price ? baseFeePerGas : 0n),
        caller: addressOf(request.from),
        to: request.to && addressOf(request.to),
        data: hexToBytes(request.data),
        value: request.value,
        gasPrice: request.price,
        gasLimit: request.gas && request.gas < blockGasLimit ? request.gas : blockGasLimit,
      });
      return execResult;
    });
    throwFailure(result);
    return bytesToHex(result.returnValue);
  }

  /**
   * The smallest gas limit, within 1.5 %, with which the transaction succeeds: go-ethereum's search.
   * Throws RpcError with the revert data when no limit helps.
   */
  async estimate(next: NextBlock, request: CallRequest): Promise<bigint> {
    const balance = (await this.state.getAccount(addressOf(request.from)))?.balance ?? 0n;
    if (request.value > balance) throw refused("insufficient funds for transfer");
    let high = request.gas && request.gas < blockGasLimit ? request.gas : blockGasLimit;
    if (request.price) {
      const affordable = (balance - request.value) / request.price;
      if (affordable < high) high = affordable;
    }
    const mayBePlain = high >= transferGas && (await this.isPlainTransfer(request));
    if (mayBePlain && (await this.succeeds(next, request, transferGas))) return transferGas;
    const first = await this.trial(next, request, high);
    if (!first || first.execResult.exceptionError) throw estimateFailure(first, high);
    let low = first.totalGasSpent - 1n;
    const optimistic = ((first.totalGasSpent + first.gasRefund + callStipend) * 64n) / 63n;
    if (optimistic < high) {
      if (await this.succeeds(next, request, optimistic)) high = optimistic;
      else low = optimistic;
    }
    while (low + 1n < high && (high - low) * 1000n > high * 15n) {
      const middle = (low + high) / 2n < low * 2n ? (low + high) / 2n : low * 2n;
      if (await this.succeeds(next, request, middle)) high = middle;
      else low = middle;
    }
    return high;
  }

  private async isPlainTransfer({ to, data }: CallRequest): Promise<boolean> {
    return to !== undefined && data === "0x" && (await this.state.getCodeSize(addressOf(to))) === 0;
  }

  private async succeeds(next: NextBlock, request: CallRequest, gas: bigint): Promise<boolean> {
    const result = await this.trial(next, request, gas);
    return result !== undefined && result.execResult.exceptionError === undefined;
  }

  /** One run as a transaction, free of charge; undefined when the limit is below what a transaction costs before it runs. */
  private async trial(
    next: NextBlock,
    request: CallRequest,
    gasLimit: bigint,
  ): Promise<RunTxResult | undefined> {
    const { to, data, value } = request;
    const tx = createFeeMarket1559Tx({ to, data, value, gasLimit }, { common: this.rules, freeze: false });
    const needed = tx.getIntrinsicGas();
    if (gasLimit < needed) return undefined;
    // Nobody signs an estimate: the sender is the one the request names.
    tx.getSenderAddress = () => addressOf(request.from);
    return this.forget(async () => {
      try {
        return await runTx(this.vm, { tx, block: this.context(next, 0n), skipNonce: true });
      } catch (error) {
        if (error instanceof Error && error.message.startsWith("INTRINSIC_GAS_TOO_LOW")) return undefined;
        throw error;
      }
    });
  }

  private async forget<T>(run: () => Promise<T>): Promise<T> {
    await this.state.checkpoint();
    try {
      return await run();
    } finally {
      await this.state.revert();
      this.vm.evm.journal.cleanJournal();
      this.state.clearCaches();
    }
  }

  private async runOne(signed: SignedTx, block: Block): Promise<RunTxResult | undefined> {
    try {
      return await runTx(this.vm, { tx: signed.tx, block });
    } catch {
      // Its sender's account changed since it was checked: it takes no place in a block.
      return undefined;
    }
  }

  private context(
    { number, parentHash, timestamp }: NextBlock,
    baseFee: bigint,
    sealed?: { stateRoot: Hex; transactionsRoot: Hex; receiptsRoot: Hex; gasUsed: bigint; bloom: Uint8Array },
  ): Block {
    const header = {
      number,
      parentHash,
      timestamp,
      coinbase: addressOf(coinbase),
      gasLimit: blockGasLimit,
      baseFeePerGas: baseFee,
      ...(sealed && {
        stateRoot: sealed.stateRoot,
        transactionsTrie: sealed.transactionsRoot,
        receiptTrie: sealed.receiptsRoot,
        gasUsed: sealed.gasUsed,
        logsBloom: sealed.bloom,
      }),
    };
    return createBlock({ header }, { common: this.rules });
  }
}

function addressOf(hex: Hex): Address {
  return new Address(hexToBytes(hex));
}

function minedTx(signed: SignedTx, result: RunTxResult): MinedTx {
  const failed = result.execResult.exceptionError !== undefined;
  const mined: MinedTx = {
    hash: signed.hash,
    raw: signed.raw,
    from: signed.from,
    status: failed ? 0 : 1,
    gasUsed: quantity(result.totalGasSpent),
    logs: result.receipt.logs.map(([address, topics, data]): MinedLog => ({
      address: bytesToHex(address),
      topics: topics.map((topic) => bytesToHex(topic)),
      data: bytesToHex(data),
    })),
  };
  if (result.createdAddress && !failed) mined.contract = result.createdAddress.toString();
  return mined;
}

/** Stands in the header where a real chain has the root of its receipts. */
function receiptsDigest(txs: readonly MinedTx[]): Hex {
  const facts = txs.map(({ status, gasUsed, logs }) => ({ status, gasUsed, logs }));
  return keccak256(toUtf8Bytes(JSON.stringify(facts))) as Hex;
}

function throwFailure(result: ExecResult): void {
  if (!result.exceptionError) return;
  const { error } = result.exceptionError;
  throw error === "revert" ? revertError(bytesToHex(result.returnValue)) : vmError(error);
}

function estimateFailure(result: RunTxResult | undefined, high: bigint): RpcError {
  const error = result?.execResult.exceptionError?.error;
  if (result && error === "revert") return revertError(bytesToHex(result.execResult.returnValue));
  if (error === undefined || error === "out of gas")
    return refused(`gas required exceeds allowance (${high})`);
  return vmError(error);
}

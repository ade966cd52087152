// Blocks, transactions, receipts and logs in the shapes of JSON-RPC.
import { createTxFromRLP, type TypedTransaction } from "@ethereumjs/tx";
import { bytesToHex, hexToBytes } from "@ethereumjs/util";
import { Bloom } from "@ethereumjs/vm";
import type { Common } from "@ethereumjs/common";
import { type LogPlace, type MinedBlock, type MinedLog, type TxPlace, logsOf } from "./blocks.js";
import { type Hex, quantity } from "./hex.js";
import { baseFeePerGas, blockGasLimit, coinbase } from "./rules.js";
import { type SignedTx, effectiveGasPrice } from "./transactions.js";

type Json = Record<string, unknown>;

const noHash = `0x${"00".repeat(32)}`;
const emptyListHash = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
const noUncles = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";

export function formatBlock(block: MinedBlock, full: boolean, rules: Common): Json {
  const transactions = block.txs.map((tx, index) =>
    full ? formatMined({ block, tx, index }, rules) : tx.hash,
  );
  return {
    number: quantity(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    nonce: "0x0000000000000000",
    mixHash: noHash,
    sha3Uncles: noUncles,
    logsBloom: bloomOf(block.txs.flatMap(({ logs }) => logs)),
    transactionsRoot: block.transactionsRoot,
    stateRoot: block.stateRoot,
    receiptsRoot: block.receiptsRoot,
    miner: coinbase,
    difficulty: "0x0",
    totalDifficulty: "0x0",
    extraData: "0x",
    size: quantity(600 + block.txs.reduce((sum, { raw }) => sum + (raw.length - 2) / 2, 0)),
    gasLimit: quantity(blockGasLimit),
    gasUsed: block.gasUsed,
    timestamp: quantity(block.timestamp),
    baseFeePerGas: quantity(baseFeePerGas),
    withdrawalsRoot: emptyListHash,
    withdrawals: [],
    blobGasUsed: "0x0",
    excessBlobGas: "0x0",
    parentBeaconBlockRoot: noHash,
    uncles: [],
    transactions,
  };
}

export function formatMined({ block, tx, index }: TxPlace, rules: Common): Json {
  const parsed = parse(tx.raw, rules);
  return {
    ...formatFields(parsed, tx.hash, tx.from),
    gasPrice: quantity(effectiveGasPrice(prices(parsed))),
    blockHash: block.hash,
    blockNumber: quantity(block.number),
    transactionIndex: quantity(index),
  };
}

export function formatPending({ tx, hash, from, maxFee }: SignedTx): Json {
  return {
    ...formatFields(tx, hash, from),
    gasPrice: quantity(maxFee),
    blockHash: null,
    blockNumber: null,
    transactionIndex: null,
  };
}

export function formatReceipt({ block, tx, index }: TxPlace, rules: Common): Json {
  const parsed = parse(tx.raw, rules);
  const before = block.txs.slice(0, index + 1).reduce((sum, { gasUsed }) => sum + BigInt(gasUsed), 0n);
  return {
    transactionHash: tx.hash,
    transactionIndex: quantity(index),
    blockHash: block.hash,
    blockNumber: quantity(block.number),
    from: tx.from,
    to: parsed.to?.toString() ?? null,
    contractAddress: tx.contract ?? null,
    cumulativeGasUsed: quantity(before),
    gasUsed: tx.gasUsed,
    effectiveGasPrice: quantity(effectiveGasPrice(prices(parsed))),
    status: quantity(tx.status),
    type: quantity(parsed.type),
    logs: logsOf(block)
      .filter((place) => place.index === index)
      .map(formatLog),
    logsBloom: bloomOf(tx.logs),
  };
}

export function formatLog({ block, tx, index, log, logIndex }: LogPlace): Json {
  return {
    ...log,
    blockHash: block.hash,
    blockNumber: quantity(block.number),
    blockTimestamp: quantity(block.timestamp),
    transactionHash: tx.hash,
    transactionIndex: quantity(index),
    logIndex: quantity(logIndex),
    removed: false,
  };
}

/** Price per unit of gas above the base fee that a mined transaction paid. */
export function tipOf(raw: Hex, rules: Common): bigint {
  return effectiveGasPrice(prices(parse(raw, rules))) - baseFeePerGas;
}

function formatFields(tx: TypedTransaction, hash: Hex, from: Hex): Json {
  const { gasLimit, data, to, accessList, ...rest } = tx.toJSON();
  return {
    ...rest,
    ...(tx.type > 0 && { accessList: accessList ?? [], yParity: rest.v }),
    hash,
    from,
    to: to ?? null,
    gas: gasLimit,
    input: data,
  };
}

function parse(raw: Hex, rules: Common): TypedTransaction {
  return createTxFromRLP(hexToBytes(raw), { common: rules });
}

function prices(tx: TypedTransaction): { maxFee: bigint; maxTip: bigint } {
  if ("maxFeePerGas" in tx) return { maxFee: tx.maxFeePerGas, maxTip: tx.maxPriorityFeePerGas };
  return { maxFee: tx.gasPrice, maxTip: tx.gasPrice };
}

function bloomOf(logs: readonly MinedLog[]): Hex {
  const bloom = new Bloom();
  for (const { address, topics } of logs)
    for (const item of [address, ...topics]) bloom.add(hexToBytes(item));
  return bytesToHex(bloom.bitvector);
}

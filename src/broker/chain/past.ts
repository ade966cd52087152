// What the chain did earlier: events over a range of blocks, and an address's own transactions, which need no event to be found.
import { getAddress } from "ethers";
import { type Address, sameAddress, type TransactionHash } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import type { ChainPast, LogFilter, PastBlock, PastLog, PastTransaction, ReadOptions } from "./access.js";
import { toChainError } from "./errors.js";
import { parseLog } from "./lookUp.js";
import type { RpcPool } from "./pool.js";
import { RpcRejection } from "./rpc.js";
import { hash32, hexData, isGiven, quantity, record, smallQuantity, toQuantity } from "./values.js";

export function createPast(pool: RpcPool): ChainPast {
  const ask = async <T>(
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    { signal }: ReadOptions = {},
  ): Promise<T> => {
    try {
      return await pool.read(method, params, parse, signal);
    } catch (error) {
      throw error instanceof RpcRejection ? toChainError(error, {}) : error;
    }
  };
  return {
    logs: ({ addresses, events, about, from, to }, options) => {
      const range = { fromBlock: toQuantity(from), toBlock: toQuantity(to) };
      const filter = { address: addresses, topics: [events, about], ...range };
      const parse = (value: unknown) => parseLogs(value, { addresses, events, about, from, to });
      return ask("eth_getLogs", [filter], parse, options);
    },
    transactionCount: (address, block, options) =>
      ask("eth_getTransactionCount", [address, toQuantity(block)], smallQuantity, options),
    transactionsIn: (block, options) =>
      ask("eth_getBlockByNumber", [toQuantity(block), true], parseTransactions, options),
    transaction: (hash, options) =>
      ask("eth_getTransactionByHash", [hash], (value) => parseOwn(value, hash), options),
    block: (number, options) =>
      ask(
        "eth_getBlockByNumber",
        [toQuantity(number), false],
        (value) => (value === null ? undefined : parseBlock(value, number)),
        options,
      ),
  };
}

/** Only what was asked for: a node that adds other events is not believed. */
function parseLogs(value: unknown, asked: LogFilter): PastLog[] {
  if (!Array.isArray(value)) throw new TypeError("not a list");
  const logs = value.map((entry) => parsePastLog(entry, asked));
  const found = new Map(logs.map((log) => [`${log.blockNumber}-${log.index}`, log]));
  return [...found.values()].sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
}

function parsePastLog(entry: unknown, { addresses, events, about, from, to }: LogFilter): PastLog {
  const raw = record(entry);
  const log = {
    ...parseLog(entry),
    blockNumber: smallQuantity(raw.blockNumber),
    index: smallQuantity(raw.logIndex),
    hash: hash32(raw.transactionHash) as TransactionHash,
  };
  const [event, subject] = log.topics;
  const isAsked =
    log.blockNumber >= from &&
    log.blockNumber <= to &&
    event !== undefined &&
    events.includes(event) &&
    subject === about &&
    addresses.some((address) => sameAddress(address, log.address));
  if (!isAsked) throw new TypeError("not what was asked for");
  return log;
}

function parseTransactions(value: unknown): PastTransaction[] {
  const { transactions } = record(value);
  if (!Array.isArray(transactions)) throw new TypeError("no list of transactions");
  return transactions.map(parseTransaction);
}

function parseOwn(value: unknown, hash: TransactionHash): PastTransaction | undefined {
  if (value === null) return undefined;
  const transaction = parseTransaction(value);
  if (transaction.hash !== hash) throw new TypeError("another transaction");
  return transaction;
}

function parseTransaction(value: unknown): PastTransaction {
  const raw = record(value);
  const address = (part: unknown) => getAddress(hexData(part)) as Address;
  return {
    hash: hash32(raw.hash) as TransactionHash,
    ...(isGiven(raw.blockNumber) ? { block: smallQuantity(raw.blockNumber) } : {}),
    from: address(raw.from),
    ...(isGiven(raw.to) ? { to: address(raw.to) } : {}),
    data: hexData(raw.input),
    value: neuron(quantity(raw.value)),
    ...(isGiven(raw.gasPrice) ? { gasPrice: quantity(raw.gasPrice) } : {}),
  };
}

function parseBlock(value: unknown, asked: number): PastBlock {
  const raw = record(value);
  const number = smallQuantity(raw.number);
  if (number !== asked) throw new TypeError("another block");
  return { number, hash: hash32(raw.hash), timestamp: smallQuantity(raw.timestamp) };
}

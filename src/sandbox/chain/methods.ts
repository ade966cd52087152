// The JSON-RPC methods of spec/sandbox.md section 1, as one table.
import { bytesToHex } from "@ethereumjs/util";
import { keccak256 } from "ethers";
import type { MinedBlock } from "./blocks.js";
import type { Engine } from "./engine.js";
import { Filters, parseLogFilter } from "./filters.js";
import { formatBlock, formatLog, formatMined, formatPending, formatReceipt, tipOf } from "./format.js";
import {
  type Hex,
  isObject,
  parseAddress,
  parseData,
  parseHash,
  parseQuantity,
  parseSmall,
  quantity,
} from "./hex.js";
import type { CallRequest } from "./machine.js";
import { RpcError, errorCodes, invalidParams, refused } from "./rpcError.js";
import { baseFeePerGas, blockGasLimit, chainId, clientVersion, suggestedTip } from "./rules.js";

type Params = readonly unknown[];
type Method = (params: Params) => unknown;
export type Methods = (method: string, params: Params) => Promise<unknown>;

const zeroAddress = `0x${"00".repeat(20)}` as const;

/** Binds the methods to a chain. The function rejects with RpcError for whatever a client did wrong. */
export function createMethods(engine: Engine, now: () => number): Methods {
  const table = new Map<string, Method>(
    Object.entries({
      ...nodeMethods(),
      ...blockMethods(engine),
      ...stateMethods(engine),
      ...transactionMethods(engine),
      ...logMethods(engine, now),
      ...testMethods(engine),
    }),
  );
  return async (name, params) => {
    const method = table.get(name);
    if (!method)
      throw new RpcError(errorCodes.methodNotFound, `the method ${name} does not exist/is not available`);
    return method(params);
  };
}

function nodeMethods(): Record<string, Method> {
  return {
    eth_chainId: () => quantity(chainId),
    net_version: () => String(chainId),
    net_listening: () => true,
    web3_clientVersion: () => clientVersion,
    web3_sha3: ([data]) => keccak256(parseData(data, "data")),
    eth_syncing: () => false,
    // The node holds no keys: accounts sign for themselves.
    eth_accounts: () => [],
    eth_gasPrice: () => quantity(baseFeePerGas + suggestedTip),
    eth_maxPriorityFeePerGas: () => quantity(suggestedTip),
  };
}

function blockMethods(engine: Engine): Record<string, Method> {
  const { blocks, rules } = engine;
  const byTag = (tag: unknown) => findBlock(engine, tag);
  const byHash = (hash: unknown) => blocks.withHash(parseHash(hash));
  const show = (block: MinedBlock | undefined, full: unknown) =>
    block ? formatBlock(block, full === true, rules) : null;
  return {
    eth_blockNumber: () => quantity(blocks.head.number),
    eth_getBlockByNumber: ([tag, full]) => show(byTag(tag), full),
    eth_getBlockByHash: ([hash, full]) => show(byHash(hash), full),
    eth_getBlockTransactionCountByNumber: ([tag]) => count(byTag(tag)),
    eth_getBlockTransactionCountByHash: ([hash]) => count(byHash(hash)),
    eth_getBlockReceipts: ([tag]) => {
      const block = byTag(tag);
      return block?.txs.map((tx, index) => formatReceipt({ block, tx, index }, rules)) ?? null;
    },
    eth_feeHistory: ([span, newest, percentiles]) => feeHistory(engine, span, newest, percentiles),
  };
}

function stateMethods(engine: Engine): Record<string, Method> {
  const atHead = (tag: unknown) => requireHead(engine, tag);
  return {
    eth_getBalance: async ([address, tag]) => {
      atHead(tag);
      return quantity((await engine.account(parseAddress(address))).balance);
    },
    eth_getTransactionCount: async ([address, tag]) => {
      const block = findBlock(engine, tag);
      if (!block) throw refused("header not found");
      // Known without that block's state: each transaction of an account raises its count by one.
      if (block !== engine.blocks.head) return quantity(sentUpTo(engine, parseAddress(address), block));
      const { nonce, pendingNonce } = await engine.account(parseAddress(address));
      return quantity(tag === "pending" ? pendingNonce : nonce);
    },
    eth_getCode: async ([address, tag]) => {
      atHead(tag);
      return bytesToHex(await engine.code(parseAddress(address)));
    },
    eth_getStorageAt: async ([address, slot, tag]) => {
      atHead(tag);
      const value = await engine.storage(parseAddress(address), word(parseQuantity(slot, "slot")));
      return word(value.length > 0 ? BigInt(bytesToHex(value)) : 0n);
    },
    eth_call: ([request, tag, overrides]) => {
      atHead(tag);
      if (overrides !== undefined) throw refused("state overrides are not supported");
      return engine.call(parseCall(request));
    },
    eth_estimateGas: async ([request, tag]) => {
      atHead(tag);
      return quantity(await engine.estimate(parseCall(request)));
    },
  };
}

function transactionMethods(engine: Engine): Record<string, Method> {
  const { blocks, pool, rules } = engine;
  const inBlock = (block: MinedBlock | undefined, index: unknown) => {
    const at = parseSmall(index, "index");
    const tx = block?.txs[at];
    return block && tx ? formatMined({ block, tx, index: at }, rules) : null;
  };
  return {
    eth_sendRawTransaction: async ([raw]) => (await engine.send([raw]))[0],
    eth_getTransactionByHash: ([hash]) => {
      const key = parseHash(hash);
      const place = blocks.transaction(key);
      if (place) return formatMined(place, rules);
      const pending = pool.get(key);
      return pending ? formatPending(pending) : null;
    },
    eth_getTransactionByBlockHashAndIndex: ([hash, index]) =>
      inBlock(blocks.withHash(parseHash(hash)), index),
    eth_getTransactionByBlockNumberAndIndex: ([tag, index]) => inBlock(findBlock(engine, tag), index),
    eth_getTransactionReceipt: ([hash]) => {
      const place = blocks.transaction(parseHash(hash));
      return place ? formatReceipt(place, rules) : null;
    },
  };
}

function logMethods(engine: Engine, now: () => number): Record<string, Method> {
  const { blocks } = engine;
  const filters = new Filters(blocks, engine.accepted, now);
  return {
    eth_getLogs: ([value]) => {
      const { from, to, query } = parseLogFilter(value, blocks);
      if (from > to) throw invalidParams("invalid block range params");
      return blocks.logs(from, to, query).map(formatLog);
    },
    eth_newFilter: ([value]) => filters.addLogs(parseLogFilter(value, blocks)),
    eth_newBlockFilter: () => filters.addBlocks(),
    eth_newPendingTransactionFilter: () => filters.addTransactions(),
    eth_getFilterChanges: ([id]) => filters.changes(id),
    eth_getFilterLogs: ([id]) => filters.logs(id),
    eth_uninstallFilter: ([id]) => filters.remove(id),
  };
}

function testMethods(engine: Engine): Record<string, Method> {
  return {
    evm_increaseTime: ([seconds]) => engine.increaseTime(parseSmall(seconds, "seconds")),
    evm_setNextBlockTimestamp: async ([timestamp]) => {
      await engine.setNextTimestamp(parseSmall(timestamp, "timestamp"));
      return null;
    },
    evm_mine: async ([timestamp]) => {
      const at = isObject(timestamp) ? timestamp.timestamp : timestamp;
      await engine.mine(at === undefined || at === null ? undefined : parseSmall(at, "timestamp"));
      return "0x0";
    },
    evm_snapshot: async () => quantity(await engine.save()),
    evm_revert: ([id]) => engine.revertTo(parseSmall(id, "snapshot")),
    hardhat_setBalance: async ([address, wei]) => {
      await engine.setBalance(parseAddress(address), parseQuantity(wei, "balance"));
      return true;
    },
  };
}

function count(block: MinedBlock | undefined): Hex | null {
  return block ? quantity(block.txs.length) : null;
}

function sentUpTo({ blocks }: Engine, sender: Hex, { number }: MinedBlock): number {
  const until = blocks.all().slice(0, number + 1);
  return until.reduce((sum, { txs }) => sum + txs.filter(({ from }) => from === sender).length, 0);
}

function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function isLatest(tag: unknown): boolean {
  return (
    tag === undefined ||
    tag === null ||
    tag === "latest" ||
    tag === "pending" ||
    tag === "safe" ||
    tag === "finalized"
  );
}

/** The block a tag, number or {blockNumber|blockHash} names. */
function findBlock({ blocks }: Engine, tag: unknown): MinedBlock | undefined {
  if (isLatest(tag)) return blocks.head;
  if (tag === "earliest") return blocks.byNumber(0);
  if (isObject(tag) && tag.blockHash !== undefined) return blocks.withHash(parseHash(tag.blockHash));
  return blocks.byNumber(parseSmall(isObject(tag) ? tag.blockNumber : tag, "block"));
}

/** Only the present state is kept: asking for an older one is an error, never a wrong answer. */
function requireHead(engine: Engine, tag: unknown): void {
  const block = findBlock(engine, tag);
  if (!block) throw refused("header not found");
  if (block !== engine.blocks.head)
    throw refused(`historical state of block ${block.number} is not available`);
}

function parseCall(value: unknown): CallRequest {
  if (!isObject(value)) throw invalidParams("call: not an object");
  const data = value.input ?? value.data;
  const price = value.maxFeePerGas ?? value.gasPrice;
  return {
    from: isGiven(value.from) ? parseAddress(value.from, "from") : zeroAddress,
    to: isGiven(value.to) ? parseAddress(value.to, "to") : undefined,
    data: isGiven(data) ? parseData(data, "data") : "0x",
    value: isGiven(value.value) ? parseQuantity(value.value, "value") : 0n,
    gas: isGiven(value.gas) ? parseQuantity(value.gas, "gas") : undefined,
    price: isGiven(price) ? parseQuantity(price, "gas price") : undefined,
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function feeHistory(engine: Engine, span: unknown, newest: unknown, percentiles: unknown): unknown {
  const last = findBlock(engine, newest);
  if (!last) throw refused("header not found");
  const length = Math.min(parseSmall(span, "blockCount"), 1024, last.number + 1);
  const wanted = isGiven(percentiles) ? parsePercentiles(percentiles) : undefined;
  const oldest = last.number + 1 - length;
  const blocks = engine.blocks.all().slice(oldest, last.number + 1);
  return {
    oldestBlock: quantity(oldest),
    baseFeePerGas: Array.from({ length: length + 1 }, () => quantity(baseFeePerGas)),
    gasUsedRatio: blocks.map(({ gasUsed }) => Number(gasUsed) / Number(blockGasLimit)),
    baseFeePerBlobGas: Array.from({ length: length + 1 }, () => "0x1"),
    blobGasUsedRatio: blocks.map(() => 0),
    ...(wanted && { reward: blocks.map((block) => rewards(block, wanted, engine)) }),
  };
}

function parsePercentiles(value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [undefined];
  return list.map((one, i) => {
    const before = i > 0 ? Number(list[i - 1]) : 0;
    if (typeof one !== "number" || !(one >= before && one <= 100))
      throw invalidParams("reward percentiles: rising numbers from 0 to 100 wanted");
    return one;
  });
}

/** The tips at the given percentiles of a block's gas. */
function rewards(block: MinedBlock, percentiles: readonly number[], engine: Engine): Hex[] {
  const tips = block.txs
    .map(({ raw, gasUsed }) => ({ tip: tipOf(raw, engine.rules), gas: Number(gasUsed) }))
    .sort((a, b) => (a.tip < b.tip ? -1 : a.tip > b.tip ? 1 : 0));
  return percentiles.map((percentile) => {
    let rest = (Number(block.gasUsed) * percentile) / 100;
    const at = tips.find(({ gas }) => (rest -= gas) <= 0) ?? tips[tips.length - 1];
    return quantity(at?.tip ?? 0n);
  });
}

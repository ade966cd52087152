// The answer to eth_getLogs. Only what was asked for: a node that adds other entries is not believed.
import { sameAddress, type Address, type TransactionHash } from "../../domain/ids.js";
import type { PlacedLog } from "./access.js";
import { parseLog } from "./lookUp.js";
import { record, smallQuantity } from "./values.js";

/** Throws TypeError for anything else than a list of such events. */
export function parsePlacedLogs(
  value: unknown,
  { address, topics }: { readonly address: Address; readonly topics: readonly string[] },
): PlacedLog[] {
  if (!Array.isArray(value)) throw new TypeError("not a list");
  return value.map((entry) => {
    const log = parseLog(entry);
    const isAsked = topics.every((topic, index) => log.topics[index] === topic.toLowerCase());
    if (!isAsked || !sameAddress(log.address, address)) throw new TypeError("not what was asked for");
    const { blockNumber, transactionHash } = record(entry);
    const transaction = asHash(transactionHash);
    return { ...log, blockNumber: smallQuantity(blockNumber), ...(transaction ? { transaction } : {}) };
  });
}

function asHash(value: unknown): TransactionHash | undefined {
  const isHash = typeof value === "string" && /^0x[0-9a-f]{64}$/i.test(value);
  return isHash ? (value.toLowerCase() as TransactionHash) : undefined;
}

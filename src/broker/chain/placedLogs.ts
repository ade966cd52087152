// The answer to eth_getLogs. Only what was asked for: a node that adds other entries is not believed.
import { sameAddress, type Address } from "../../domain/ids.js";
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
    return { ...log, blockNumber: smallQuantity(record(entry).blockNumber) };
  });
}

// Which transaction used a nonce, read off the blocks: a node that has lost a receipt, or hides it, still has the block it is in.
import { isComputeError } from "../../domain/error.js";
import { sameAddress, type TransactionHash } from "../../domain/ids.js";
import { createPast } from "./past.js";
import type { RpcChain } from "./rpcChain.js";
import { smallQuantity } from "./values.js";

/** Undefined while it is not at that depth, and where the node does not know states of so long ago. */
export async function nonceOwner(
  chain: RpcChain,
  nonce: number,
  depth: number,
  signal: AbortSignal,
): Promise<TransactionHash | undefined> {
  const { pool, signerAddress } = chain;
  const past = createPast(pool);
  const count = async (block: number) =>
    block < 0 ? 0 : past.transactionCount(signerAddress, block, { signal });
  try {
    let used = (await pool.read("eth_blockNumber", [], smallQuantity, signal)) - depth + 1;
    if (used < 0 || (await count(used)) <= nonce) return undefined;
    let free = used - 1;
    for (let step = 1; free >= 0 && (await count(free)) > nonce; step *= 2) {
      used = free;
      free = Math.max(-1, free - step);
    }
    while (used - free > 1) {
      const middle = Math.floor((free + used) / 2);
      if ((await count(middle)) > nonce) used = middle;
      else free = middle;
    }
    const [before, transactions] = [await count(free), await past.transactionsIn(used, { signal })];
    return transactions.filter(({ from }) => sameAddress(from, signerAddress))[nonce - before]?.hash;
  } catch (error) {
    if (isComputeError(error, "cancelled")) throw error;
    return undefined;
  }
}

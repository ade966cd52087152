// One transaction of a signer at a time: each gets its nonce when the one before it is settled or given up. For the whole process, because
// two brokers (two windows' panels, a network switched back and forth) may hold the same key.

const tails = new Map<string, Promise<unknown>>();

/** Runs `task` after all earlier ones of that signer on that chain, whatever became of them. */
export async function inNonceOrder<T>(chainId: number, address: string, task: () => Promise<T>): Promise<T> {
  const key = `${chainId} ${address.toLowerCase()}`;
  const before = tails.get(key) ?? Promise.resolve();
  const mine = before.then(task, task);
  const settled = mine.catch(() => undefined);
  tails.set(key, settled);
  try {
    return await mine;
  } finally {
    if (tails.get(key) === settled) tails.delete(key);
  }
}

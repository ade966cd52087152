// One transaction of a signer at a time: each gets its nonce when the one before it is settled or given up. For the whole process, because
// two brokers (two windows' panels, a network switched back and forth) may hold the same key; and, with locks, for all processes.
import type { Clock } from "../../domain/clock.js";
import { cancelled } from "../../domain/error.js";
import type { Address } from "../../domain/ids.js";
import type { WalletLock, WalletLocks } from "./api.js";

/** Between two looks whether another process is done. */
const lookAgainMs = 100;

const tails = new Map<string, Promise<unknown>>();

/** Whose turns they are. */
export interface NonceQueue {
  readonly chainId: number;
  readonly address: Address;
  /** Absent: the order is this process's own. */
  readonly locks?: WalletLocks;
}

export interface NonceQueueOptions extends NonceQueue {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** False once another process took over, because this one seemed dead: ask before anything is signed. */
export type IsMyTurn = () => Promise<boolean>;

/** Runs `task` after all earlier ones of that signer on that chain, whatever became of them. Throws `cancelled` while it waits. */
export async function inNonceOrder<T>(
  options: NonceQueueOptions,
  task: (isMyTurn: IsMyTurn) => Promise<T>,
): Promise<T> {
  const key = keyOf(options);
  const before = tails.get(key) ?? Promise.resolve();
  const run = () => alone(key, options, task);
  const mine = before.then(run, run);
  const settled = mine.catch(() => undefined);
  tails.set(key, settled);
  try {
    return await mine;
  } finally {
    if (tails.get(key) === settled) tails.delete(key);
  }
}

/** No process is about to send anything of that signer. */
export async function isNobodysTurn(queue: NonceQueue): Promise<boolean> {
  const key = keyOf(queue);
  if (tails.has(key)) return false;
  if (!queue.locks) return true;
  const lock = await queue.locks.lock(key);
  await lock?.release();
  return lock !== undefined;
}

function keyOf({ chainId, address }: NonceQueue): string {
  return `${chainId}-${address.toLowerCase()}`;
}

async function alone<T>(
  key: string,
  { locks, clock, signal }: NonceQueueOptions,
  task: (isMyTurn: IsMyTurn) => Promise<T>,
): Promise<T> {
  if (!locks) return task(() => Promise.resolve(true));
  const lock = await untilFree(locks, key, clock, signal);
  try {
    return await task(() => lock.isHeld());
  } finally {
    // Not released, it is taken over once this process is gone: no reason to call what was paid unpaid.
    await lock.release().catch(() => undefined);
  }
}

async function untilFree(
  locks: WalletLocks,
  key: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<WalletLock> {
  for (;;) {
    if (signal.aborted) throw cancelled();
    const lock = await locks.lock(key);
    if (lock) return lock;
    await clock.sleep(lookAgainMs, signal);
  }
}

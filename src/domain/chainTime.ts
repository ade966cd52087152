// Deadlines and locks run by the chain's clock, not by this machine's.

/** What the chain's clock said, and when it was read: seconds and milliseconds since 1970. */
export interface ChainTime {
  readonly timestamp: number;
  readonly readAt: number;
}

/** Unix seconds of the chain's clock at `now` (milliseconds): the last block's, and the time gone by since it was read. */
export function chainNow(time: ChainTime, now: number): number {
  return time.timestamp + Math.max(0, Math.floor((now - time.readAt) / 1000));
}

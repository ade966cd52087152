// What time it is on the chain: the wall clock moved by an offset, never behind the last block.
import { invalidParams } from "./rpcError.js";

/** Seconds. */
export interface ClockState {
  /** How far the chain is ahead of the wall clock. */
  readonly offset: number;
  /** Of the next block, when somebody has set it. */
  readonly nextTimestamp?: number;
}

export class ChainClock {
  private current: ClockState;

  /** `now` in milliseconds since 1970. */
  constructor(
    private readonly now: () => number,
    { offset, nextTimestamp }: ClockState,
  ) {
    this.current = { offset, nextTimestamp };
  }

  get state(): ClockState {
    return this.current;
  }

  /** Of a block mined now on that head, Unix seconds. Blocks may share a second: a burst of transactions must not push the clock ahead. */
  next(head: { readonly timestamp: number }): number {
    return this.current.nextTimestamp ?? Math.max(head.timestamp, this.wall + this.current.offset);
  }

  /** Sets the next block's time, and the clock with it. Throws RpcError when that is before the head. */
  set(timestamp: number, head: { readonly timestamp: number }): void {
    if (timestamp < head.timestamp)
      throw invalidParams(`timestamp ${timestamp} is before the head's ${head.timestamp}`);
    this.current = { offset: timestamp - this.wall, nextTimestamp: timestamp };
  }

  increase(seconds: number): void {
    this.current = { ...this.current, offset: this.current.offset + seconds };
  }

  /** What was set for the next block is used up. */
  mined(): void {
    this.current = { offset: this.current.offset };
  }

  restore(state: ClockState): void {
    this.current = { offset: state.offset, nextTimestamp: state.nextTimestamp };
  }

  private get wall(): number {
    return Math.floor(this.now() / 1000);
  }
}

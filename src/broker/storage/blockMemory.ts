// A few blocks of memory that threads see without a copy, used again and again: what is allocated for each piece of a large file stays
// resident until somebody collects it.

export class BlockMemory {
  private readonly free: Uint8Array[] = [];
  private readonly waiting: ((block: Uint8Array) => void)[] = [];
  private made = 0;

  /** Blocks are made when they are first wanted. */
  constructor(
    private readonly count: number,
    private readonly size: number,
  ) {}

  /** Holds what was there before. */
  take(): Promise<Uint8Array> {
    const block = this.free.pop() ?? this.make();
    return block ? Promise.resolve(block) : new Promise((resolve) => this.waiting.push(resolve));
  }

  giveBack(block: Uint8Array): void {
    const wanted = this.waiting.shift();
    if (wanted) wanted(block);
    else this.free.push(block);
  }

  private make(): Uint8Array | undefined {
    if (this.made === this.count) return undefined;
    this.made++;
    return new Uint8Array(new SharedArrayBuffer(this.size));
  }
}

// Segments that arrive before the chain tells of their file: small files only, for a short while, in memory (spec storage.md 1, 17).
import type { FileKey, HeldSegment } from "./segmentStore.js";

/** Larger files have to wait for their submission. */
export const maxEarlyFile = 10 * 1024 * 1024;
/** Of all files together. A sandbox serves few people. */
const maxBytes = 64 * 1024 * 1024;
const expiryMs = 300_000;

interface Early {
  readonly file: FileKey;
  readonly segments: Map<number, HeldSegment>;
  readonly since: number;
}

export class EarlySegments {
  private readonly files = new Map<string, Early>();

  constructor(private readonly now: () => number) {}

  has(file: FileKey, index: number): boolean {
    return this.files.get(keyOf(file))?.segments.has(index) ?? false;
  }

  /** The oldest files make room. */
  add(file: FileKey, index: number, segment: HeldSegment): void {
    this.expire();
    const key = keyOf(file);
    const early = this.files.get(key) ?? { file, segments: new Map(), since: this.now() };
    this.files.set(key, early);
    early.segments.set(index, segment);
    for (const oldest of this.files.keys()) {
      if (this.bytes() <= maxBytes) break;
      this.files.delete(oldest);
    }
  }

  /** Hands them over: they are no longer here. */
  take(file: FileKey): ReadonlyMap<number, HeldSegment> {
    this.expire();
    const key = keyOf(file);
    const early = this.files.get(key);
    this.files.delete(key);
    return early?.segments ?? new Map<number, HeldSegment>();
  }

  private expire(): void {
    for (const [key, { since }] of this.files) if (this.now() - since >= expiryMs) this.files.delete(key);
  }

  private bytes(): number {
    let sum = 0;
    for (const { segments } of this.files.values())
      for (const { data } of segments.values()) sum += data.length;
    return sum;
  }
}

function keyOf({ root, size }: FileKey): string {
  return `${root}-${size}`;
}

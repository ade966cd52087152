// Values read from far away: kept for a while, and asked for once when several want the same at the same time.
import { isFresh, type Clock } from "../../domain/clock.js";

interface Kept<T> {
  readonly value: T;
  readonly readAt: number;
}

export class ReadCache<T> {
  private readonly kept = new Map<string, Kept<T>>();
  private readonly running = new Map<string, Promise<T>>();

  constructor(
    private readonly clock: Clock,
    /** How long a value is good, in milliseconds. */
    private readonly lifetimeMs: number,
  ) {}

  get(key: string, lifetimeMs = this.lifetimeMs): T | undefined {
    const found = this.kept.get(key);
    return found && isFresh(found.readAt, this.clock.now(), lifetimeMs) ? found.value : undefined;
  }

  set(key: string, value: T): void {
    this.kept.set(key, { value, readAt: this.clock.now() });
  }

  /** Reads anew, or joins whoever is reading. The read belongs to all of them: it must not end with one caller's signal. */
  read(key: string, load: () => Promise<T>): Promise<T> {
    const running = this.running.get(key);
    if (running) return running;
    const reading = load()
      .then((value) => {
        this.set(key, value);
        return value;
      })
      .finally(() => this.running.delete(key));
    this.running.set(key, reading);
    return reading;
  }
}

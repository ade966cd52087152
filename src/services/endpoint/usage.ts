// How much each key of the local endpoint was used: counters for people. What it spent is the journal's to say, and limits hang on that alone.
import type { Folder } from "../ports.js";

export interface KeyUsage {
  readonly requests: number;
  /** By us, before anything was sent. */
  readonly refused: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Milliseconds since 1970. */
  readonly lastAt?: number;
}

export const noUsage: KeyUsage = { requests: 0, refused: 0, promptTokens: 0, completionTokens: 0 };

const fileName = "usage.json";
type Table = Readonly<Record<string, KeyUsage>>;

export class EndpointUsage {
  private writing: Promise<unknown> = Promise.resolve();
  /** Counted, and not written yet. */
  private waiting: Record<string, KeyUsage> = {};

  constructor(private readonly folder: Folder) {}

  async of(key: string): Promise<KeyUsage> {
    return sum((await this.read())[key] ?? noUsage, this.waiting[key] ?? noUsage);
  }

  /** Adds to what all windows counted; requests of one moment share one write. Resolves when it is on disk. */
  async add(key: string, more: Partial<KeyUsage>): Promise<void> {
    const isFirst = Object.keys(this.waiting).length === 0;
    this.waiting = { ...this.waiting, [key]: sum(this.waiting[key] ?? noUsage, { ...noUsage, ...more }) };
    const write = () => this.write();
    if (isFirst) this.writing = this.writing.then(write, write);
    await this.writing;
  }

  private async write(): Promise<void> {
    const counted = this.waiting;
    this.waiting = {};
    await this.folder.exclusively(async () => {
      const table: Record<string, KeyUsage> = { ...(await this.read()) };
      for (const [key, more] of Object.entries(counted)) table[key] = sum(table[key] ?? noUsage, more);
      await this.folder.write(fileName, new TextEncoder().encode(JSON.stringify(table)));
    });
  }

  /** A file that is damaged counts as none: nothing hangs on it. */
  private async read(): Promise<Table> {
    const bytes = await this.folder.read(fileName);
    try {
      const table: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return Object.fromEntries(Object.entries(table as Table).filter(([, usage]) => isUsage(usage)));
    } catch {
      return {};
    }
  }
}

function sum(a: KeyUsage, b: KeyUsage): KeyUsage {
  const lastAt = Math.max(a.lastAt ?? 0, b.lastAt ?? 0);
  return {
    requests: a.requests + b.requests,
    refused: a.refused + b.refused,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    ...(lastAt > 0 ? { lastAt } : {}),
  };
}

function isUsage(value: unknown): value is KeyUsage {
  if (typeof value !== "object" || value === null) return false;
  const { requests, refused, promptTokens, completionTokens, lastAt = 0 } = value as Record<string, unknown>;
  return [requests, refused, promptTokens, completionTokens, lastAt].every(
    (count) => typeof count === "number" && count >= 0,
  );
}

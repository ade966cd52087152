// Every answer that was paid for, one by one, a file for each month: the journal's sums say how much, this says when and for what.
import type { ProviderId } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { Folder } from "../ports.js";

export interface AnswerRecord {
  readonly id: string;
  readonly provider: ProviderId;
  readonly amount: Neuron;
  /** The cost is not known: it is not more than this. */
  readonly isUpperBound: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

type Stored = Omit<AnswerRecord, "amount"> & { readonly amount: string };

export class AnswerRecords {
  constructor(private readonly folder: Folder) {}

  /** To be called while nobody else writes to the folder. The same id twice is one answer. */
  async add(key: string, record: AnswerRecord): Promise<void> {
    const name = `${prefixOf(key)}${new Date(record.at).toISOString().slice(0, 7)}.json`;
    const others = (await this.read(name)).filter(({ id }) => id !== record.id);
    const stored: Stored[] = [...others, { ...record, amount: record.amount.toString() }];
    await this.folder.write(name, new TextEncoder().encode(JSON.stringify(stored)));
  }

  /** Oldest first. */
  async all(key: string): Promise<AnswerRecord[]> {
    const names = (await this.folder.list()).filter((name) => name.startsWith(prefixOf(key)));
    const months = await Promise.all(names.map((name) => this.read(name)));
    return months
      .flat()
      .map((stored) => ({ ...stored, amount: neuron(BigInt(stored.amount)) }))
      .sort((a, b) => a.at - b.at);
  }

  /** A file that is damaged counts as none: limits do not hang on it, and must not stop for it. */
  private async read(name: string): Promise<Stored[]> {
    const bytes = await this.folder.read(name);
    try {
      const stored: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return Array.isArray(stored) ? (stored as unknown[]).filter(isStored) : [];
    } catch {
      return [];
    }
  }
}

function prefixOf(key: string): string {
  return `${key}.answers-`;
}

function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  const { id, provider, amount, at } = value as Record<string, unknown>;
  const isNamed = typeof id === "string" && typeof provider === "string" && typeof at === "number";
  return isNamed && typeof amount === "string" && /^\d+$/.test(amount);
}

// How much each key of the local endpoint was used: counters for people. What it spent is the journal's to say, and limits hang on that alone.
import { isAmount } from "../../domain/money.js";
import type { Folder } from "../ports.js";
import { record } from "./asked.js";

export interface Tally {
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Neuron; what nobody knows at its upper bound. */
  readonly cost: string;
  /** What checking the answers found; later checks count anew. */
  readonly verified: number;
  readonly notProven: number;
  readonly failed: number;
}

export interface KeyUsage extends Tally {
  /** By us, before anything was sent. */
  readonly refused: number;
  /** Milliseconds since 1970. */
  readonly lastAt?: number;
  /** The same of each model, by its name. */
  readonly models: Readonly<Record<string, Tally>>;
}

export const noTally: Tally = {
  ...{ requests: 0, promptTokens: 0, completionTokens: 0, cost: "0" },
  ...{ verified: 0, notProven: 0, failed: 0 },
};
export const noUsage: KeyUsage = { ...noTally, refused: 0, models: {} };

/** What one request adds, to its key and to its model. */
export interface Used extends Partial<Tally> {
  readonly model?: string;
  readonly refused?: number;
  readonly lastAt?: number;
}

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
  async add(key: string, { model, refused = 0, lastAt, ...tally }: Used): Promise<void> {
    const isFirst = Object.keys(this.waiting).length === 0;
    const counts = { ...noTally, ...tally };
    const models = model === undefined ? {} : { [model]: counts };
    const added = { ...counts, refused, models, ...(lastAt === undefined ? {} : { lastAt }) };
    this.waiting = { ...this.waiting, [key]: sum(this.waiting[key] ?? noUsage, added) };
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
      const read = Object.entries(table as Table).map(
        ([key, usage]) => [key, { ...noUsage, ...usage }] as const,
      );
      return Object.fromEntries(read.filter(([, usage]) => isUsage(usage)));
    } catch {
      return {};
    }
  }
}

function sum(a: KeyUsage, b: KeyUsage): KeyUsage {
  const lastAt = Math.max(a.lastAt ?? 0, b.lastAt ?? 0);
  const names = [...new Set([...Object.keys(a.models), ...Object.keys(b.models)])];
  return {
    ...sumOfTallies(a, b),
    refused: a.refused + b.refused,
    ...(lastAt > 0 ? { lastAt } : {}),
    models: Object.fromEntries(names.map((name) => [name, sumOfTallies(tallyOf(a, name), tallyOf(b, name))])),
  };
}

/** Anybody names a model, "constructor" too. */
function tallyOf({ models }: KeyUsage, name: string): Tally {
  return (Object.hasOwn(models, name) ? models[name] : undefined) ?? noTally;
}

function sumOfTallies(a: Tally, b: Tally): Tally {
  return {
    requests: a.requests + b.requests,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cost: String(BigInt(a.cost) + BigInt(b.cost)),
    verified: a.verified + b.verified,
    notProven: a.notProven + b.notProven,
    failed: a.failed + b.failed,
  };
}

function isUsage(value: unknown): value is KeyUsage {
  const { refused, lastAt = 0, models } = value as KeyUsage;
  const isCount = (count: unknown) => typeof count === "number";
  return (
    isTally(value) &&
    [refused, lastAt].every(isCount) &&
    record(models) !== undefined &&
    Object.values(models).every(isTally)
  );
}

function isTally(value: unknown): value is Tally {
  const { cost, ...counts } = { ...noTally, ...record(value) };
  const numbers = Object.keys(noTally).filter((name) => name !== "cost");
  return isAmount(cost) && numbers.every((name) => typeof counts[name as keyof typeof counts] === "number");
}

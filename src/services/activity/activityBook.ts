// What was read of the chain, on disk: one file for each wallet and network, from which reading goes on after a restart.
import type { ChainEvent, ChainHistory } from "../../domain/activity.js";
import { neuron } from "../../domain/money.js";
import type { Folder } from "../ports.js";
import { scopeKey, type Scope } from "../wallets/scope.js";

/** Another one when what is read of an event changes: older files are read off the chain again. */
const version = 2;
const amounts: ReadonlySet<string> = new Set(["amount", "balance", "pending", "unsettled", "fee"]);

export class ActivityBook {
  constructor(private readonly folder: Pick<Folder, "read" | "write">) {}

  /** Undefined when nothing, or nothing of use, is there. */
  async read(scope: Scope): Promise<ChainHistory | undefined> {
    const bytes = await this.folder.read(nameOf(scope));
    if (!bytes) return undefined;
    try {
      return parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
      return undefined; // all of it can be read again
    }
  }

  /** A file is whole or the one before: position and events never come apart. */
  async write(scope: Scope, history: ChainHistory): Promise<void> {
    const text = JSON.stringify({ version, history }, (_, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    );
    await this.folder.write(nameOf(scope), new TextEncoder().encode(text));
  }
}

function nameOf(scope: Scope): string {
  return `zgCompute.activity.${scopeKey(scope)}.json`;
}

function parse(text: string): ChainHistory | undefined {
  const read = JSON.parse(text, (name: string, value: unknown) =>
    amounts.has(name) && typeof value === "string" ? neuron(BigInt(value)) : value,
  ) as { version?: unknown; history?: ChainHistory };
  const { history } = read;
  if (read.version !== version || !history || !Array.isArray(history.events)) return undefined;
  const isWhole = [history.scannedTo, history.head, history.span, history.callsFrom].every(
    Number.isSafeInteger,
  );
  return isWhole && history.events.every(isPlaced) ? history : undefined;
}

function isPlaced({ block, at, hash, kind }: ChainEvent): boolean {
  return (
    Number.isSafeInteger(block) && Number.isFinite(at) && typeof hash === "string" && typeof kind === "string"
  );
}

// Several transactions that were confirmed with one question, written down before the first goes out: killed in between, the rest goes on
// without another question, and none of them is sent a second time.
import { ComputeError } from "../../domain/error.js";
import type { TransactionHash } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { Folder, Random } from "../ports.js";
import { randomId } from "../randomId.js";
import type { Retrieval } from "./returns.js";
import { scopeKey, type Scope } from "../wallets/scope.js";

export interface Agreed {
  readonly id: string;
  readonly operation: Retrieval;
  /** What it asks back, and what its fee may come to; more wants another question. */
  readonly amount: Neuron;
  readonly maxFee: Neuron;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** From here on it may be out: it is followed, never sent. */
  readonly hash?: TransactionHash;
}

type Stored = Omit<Agreed, "amount" | "maxFee"> & { readonly amount: string; readonly maxFee: string };

const nameOf = (scope: Scope) => `zgCompute.agreed.${scopeKey(scope)}.json`;

export class Agreements {
  constructor(
    private readonly folder: Folder,
    private readonly random: Random,
  ) {}

  async list(scope: Scope): Promise<readonly Agreed[]> {
    const bytes = await this.folder.read(nameOf(scope));
    return bytes ? parsed(bytes) : [];
  }

  async add(scope: Scope, agreed: readonly Omit<Agreed, "id" | "hash">[]): Promise<readonly Agreed[]> {
    const added = agreed.map((one) => ({ ...one, id: randomId(this.random) }));
    await this.change(scope, (all) => [...all, ...added]);
    return added;
  }

  /** Before it goes out. What this throws keeps it from being sent: it was taken back, or another window has sent it. */
  async sent(scope: Scope, id: string, hash: TransactionHash): Promise<void> {
    await this.change(scope, (all) => {
      const one = all.find((candidate) => candidate.id === id);
      if (!one || one.hash !== undefined)
        throw new ComputeError("rejectedByChain", { reason: "ended", args: [] });
      return all.map((candidate) => (candidate.id === id ? { ...one, hash } : candidate));
    });
  }

  async remove(scope: Scope, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.change(scope, (all) => all.filter(({ id }) => !ids.includes(id)));
  }

  private async change(scope: Scope, make: (all: readonly Agreed[]) => readonly Agreed[]): Promise<void> {
    await this.folder.exclusively(async () => {
      const stored = make(await this.list(scope)).map(({ amount, maxFee, ...rest }): Stored => ({
        ...rest,
        amount: `${amount}`,
        maxFee: `${maxFee}`,
      }));
      await this.folder.write(nameOf(scope), new TextEncoder().encode(JSON.stringify(stored)));
    });
  }
}

/** A file that cannot be read means another question, and nothing else. */
function parsed(bytes: Uint8Array): readonly Agreed[] {
  try {
    const stored = JSON.parse(new TextDecoder().decode(bytes)) as readonly Stored[];
    return stored.map(({ amount, maxFee, ...rest }) => ({
      ...rest,
      amount: neuron(BigInt(amount)),
      maxFee: neuron(BigInt(maxFee)),
    }));
  } catch {
    return [];
  }
}

// Transactions that were accepted and wait for a block: one per sender and nonce, gaps allowed.
import type { Hex } from "./hex.js";
import { refused } from "./rpcError.js";
import { type SignedTx, effectiveGasPrice } from "./transactions.js";

const maxPerSender = 256;
const maxInAll = 4096;
/** A replacement must raise both prices by this many percent, as in go-ethereum. */
const priceBump = 10n;

export class Pool {
  private readonly bySender = new Map<Hex, Map<bigint, SignedTx>>();
  private readonly byHash = new Map<Hex, SignedTx>();

  /** Takes a transaction in, replacing a cheaper one of the same nonce. Throws RpcError in go-ethereum's words. */
  add(signed: SignedTx): void {
    if (this.byHash.has(signed.hash)) throw refused("already known");
    const own = this.bySender.get(signed.from) ?? new Map<bigint, SignedTx>();
    const old = own.get(signed.nonce);
    if (old) {
      if (signed.maxFee < raised(old.maxFee) || signed.maxTip < raised(old.maxTip))
        throw refused("replacement transaction underpriced");
      this.byHash.delete(old.hash);
    } else if (own.size >= maxPerSender || this.byHash.size >= maxInAll) throw refused("txpool is full");
    own.set(signed.nonce, signed);
    this.bySender.set(signed.from, own);
    this.byHash.set(signed.hash, signed);
  }

  /** Takes out a transaction and whatever else had its sender and nonce. */
  remove({ from, nonce }: SignedTx): void {
    const own = this.bySender.get(from);
    const old = own?.get(nonce);
    if (!own || !old) return;
    own.delete(nonce);
    if (own.size === 0) this.bySender.delete(from);
    this.byHash.delete(old.hash);
  }

  get(hash: Hex): SignedTx | undefined {
    return this.byHash.get(hash);
  }

  /** In the order of arrival, which `add` keeps when it is called again with these. */
  all(): SignedTx[] {
    return [...this.byHash.values()];
  }

  /** The sender's next transaction in line, if it is there. */
  at(from: Hex, nonce: bigint): SignedTx | undefined {
    return this.bySender.get(from)?.get(nonce);
  }

  senders(): Hex[] {
    return [...this.bySender.keys()];
  }

  /** The first nonce from `nonce` on that no waiting transaction uses. */
  nextNonce(from: Hex, nonce: bigint): bigint {
    const own = this.bySender.get(from);
    let next = nonce;
    while (own?.has(next)) next++;
    return next;
  }

  replaceAll(signed: readonly SignedTx[]): void {
    this.bySender.clear();
    this.byHash.clear();
    for (const one of signed) this.add(one);
  }
}

/** Waiting transactions in an order in which they can be run: the best price first, each sender's by nonce. */
export async function readyTransactions(
  pool: Pool,
  accountOf: (address: Hex) => Promise<{ readonly balance: bigint; readonly nonce: bigint }>,
): Promise<SignedTx[]> {
  const lines: SignedTx[][] = [];
  for (const from of pool.senders()) {
    const line: SignedTx[] = [];
    const account = await accountOf(from);
    let { balance } = account;
    for (let nonce = account.nonce; ; nonce++) {
      const next = pool.at(from, nonce);
      if (!next || next.cost > balance) break;
      balance -= next.cost;
      line.push(next);
    }
    if (line.length > 0) lines.push(line);
  }
  const ordered: SignedTx[] = [];
  while (lines.length > 0) {
    lines.sort((a, b) => (a[0] && b[0] ? byPrice(a[0], b[0]) : 0));
    const next = lines[0]?.shift();
    if (next) ordered.push(next);
    if (lines[0]?.length === 0) lines.shift();
  }
  return ordered;
}

/** Who pays more per unit of gas comes first. */
function byPrice(a: SignedTx, b: SignedTx): number {
  const difference = effectiveGasPrice(b) - effectiveGasPrice(a);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

function raised(price: bigint): bigint {
  return price + (price * priceBump + 99n) / 100n;
}

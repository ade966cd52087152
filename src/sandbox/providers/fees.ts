// What users owe a provider and have not been charged on chain yet (spec inference.md 4.1, contracts.md 6.5).
import { id } from "ethers";
import { addressKey } from "../../domain/ids.js";
import type { Key } from "../accounts.js";
import { type Marketplace, type Settlement, NotMined } from "../marketplace.js";

/** Where the book is kept; absent: in memory only. */
export interface FeeStore {
  read(): unknown;
  write(book: KeptBook): void;
}

/** Amounts and nonces as decimal text. */
export interface KeptBook {
  readonly owed: Readonly<Record<string, string>>;
  /** A settlement that was sent and whose outcome nobody has seen yet. */
  readonly underway: readonly { readonly user: string; readonly fee: string; readonly nonce: string }[];
}

export interface FeeOptions {
  readonly provider: Key;
  readonly teeSigner: () => Key;
  readonly market: Marketplace;
  readonly store?: FeeStore;
}

const maxPerSettlement = 50;

export class Fees {
  private readonly owed = new Map<string, bigint>();
  private underway: KeptBook["underway"] = [];
  private settling: Promise<void> | undefined;

  constructor(private readonly options: FeeOptions) {
    const book = parseBook(options.store?.read());
    for (const [user, fee] of Object.entries(book.owed)) this.owed.set(user, BigInt(fee));
    this.underway = book.underway;
  }

  /** Neuron. */
  unsettled(user: string): bigint {
    return this.owed.get(addressKey(user)) ?? 0n;
  }

  all(): Record<string, string> {
    return Object.fromEntries([...this.owed].map(([user, fee]) => [user, fee.toString()]));
  }

  charge(user: string, fee: bigint): void {
    this.set(user, this.unsettled(user) + fee);
    this.save();
  }

  /** Charges on chain what is owed. Calls while one runs wait for that one. */
  settle(): Promise<void> {
    this.settling ??= this.settleNow().finally(() => (this.settling = undefined));
    return this.settling;
  }

  private async settleNow(): Promise<void> {
    await this.finishUnderway();
    if (this.underway.length > 0) return;
    const settlements = await this.due();
    if (settlements.length === 0) return;
    // Written down before it is sent: after a crash the nonce on chain tells whether it got through.
    this.underway = settlements.map(({ user, totalFee, nonce }) => ({
      user,
      fee: totalFee.toString(),
      nonce: nonce.toString(),
    }));
    this.save();
    const { provider, teeSigner, market } = this.options;
    try {
      for (const { user, status, unsettled } of await market.settle(provider, teeSigner(), settlements)) {
        const fee = settlements.find((entry) => addressKey(entry.user) === addressKey(user))?.totalFee ?? 0n;
        if (status <= 1) this.set(user, this.unsettled(user) - fee + unsettled);
      }
    } catch (error) {
      if (error instanceof NotMined) return; // still underway
      this.underway = [];
      this.save();
      throw error;
    }
    this.underway = [];
    this.save();
  }

  /** Whoever can be charged: those with a sub-account that holds something. */
  private async due(): Promise<Settlement[]> {
    const { market, provider } = this.options;
    const settlements: Settlement[] = [];
    for (const [user, totalFee] of this.owed) {
      if (totalFee <= 0n || settlements.length === maxPerSettlement) continue;
      const account = await market.getAccount(user, provider.address);
      if (!account || account.balance === 0n || !account.isAcknowledged) continue;
      const nonce = account.nonce + 1n;
      settlements.push({ user, totalFee, requestsHash: id(`${user}:${nonce}`), nonce });
    }
    return settlements;
  }

  private async finishUnderway(): Promise<void> {
    const { market, provider } = this.options;
    const open: { user: string; fee: string; nonce: string }[] = [];
    for (const entry of this.underway) {
      const account = await market.getAccount(entry.user, provider.address);
      if (account && account.nonce >= BigInt(entry.nonce))
        this.set(entry.user, this.unsettled(entry.user) - BigInt(entry.fee));
      else if (await market.hasPending(provider.address)) open.push(entry);
    }
    this.underway = open;
    this.save();
  }

  private set(user: string, fee: bigint): void {
    const key = addressKey(user);
    if (fee > 0n) this.owed.set(key, fee);
    else this.owed.delete(key);
  }

  private save(): void {
    this.options.store?.write({ owed: this.all(), underway: this.underway });
  }
}

const digits = /^\d+$/;

/** A damaged book is an empty one: the sandbox's money is play money. */
function parseBook(value: unknown): KeptBook {
  const { owed, underway } = (value ?? {}) as Partial<KeptBook>;
  const amounts = Object.entries(owed ?? {}).filter(([, fee]) => digits.test(String(fee)));
  const sent = Array.isArray(underway) ? (underway as KeptBook["underway"]) : [];
  return {
    owed: Object.fromEntries(amounts),
    underway: sent.filter(({ fee, nonce }) => digits.test(fee) && digits.test(nonce)),
  };
}

// From the chain's events to what moved: the contracts tell balances, and what happened is the difference to the one before.
import type { ChainEvent, ChainFact, Movement, MovementKind, MovementNote } from "./activity.js";
import { addressKey, sameAddress, type Address, type ProviderId } from "./ids.js";
import { neuron, zeroNeuron, type Neuron } from "./money.js";
import type { ServiceName } from "./provider.js";

interface SubBalance {
  readonly balance: Neuron;
  readonly pending: Neuron;
}

/** Events in the order of the chain, as movements in the same order. */
export function movementsOf(events: readonly ChainEvent[], wallet: Address): Movement[] {
  const reader = new EventReader(wallet);
  for (const event of events) reader.read(event);
  return reader.movements;
}

type Fact<K extends ChainFact["kind"]> = Extract<ChainEvent, { kind: K }>;

class EventReader {
  readonly movements: Movement[] = [];
  private readonly balances = new Map<string, SubBalance>();
  /** What the events so far of the same transaction said, for the next of them. */
  private hash = "";
  private spent: Fact<"fundSpent"> | undefined;
  private fee: Fact<"feesSettled"> | undefined;
  private settled: Movement | undefined;

  constructor(private readonly wallet: Address) {}

  read(event: ChainEvent): void {
    if (event.hash !== this.hash) {
      this.hash = event.hash;
      this.spent = this.fee = this.settled = undefined;
    }
    switch (event.kind) {
      case "balance":
        return this.readBalance(event);
      case "refundRequested":
        return this.readRequest(event);
      case "fundSpent":
        this.spent = event;
        return;
      case "feesSettled":
        this.fee = event;
        return;
      case "settlementResult":
        return this.readResult(event);
      case "accountDeleted":
        this.balances.delete(keyOf(event.service, event.provider));
        return;
      case "modelAcknowledged": {
        const { provider, task } = event;
        const note = { kind: "task", task } as const;
        return this.add(event, { kind: "acknowledgement", provider, service: "fine-tuning", note });
      }
      case "deposited":
      case "withdrawn":
      case "signerAcknowledged":
        return this.readCall(event);
      case "sent":
        return this.readSent(event);
      case "gasPaid":
        return this.readGas(event);
    }
  }

  private readBalance(event: Fact<"balance">): void {
    const { service, provider, balance, pending } = event;
    const key = keyOf(service, provider);
    const before = this.balances.get(key) ?? { balance: zeroNeuron, pending: zeroNeuron };
    this.balances.set(key, { balance, pending });
    const { spent } = this;
    this.spent = undefined;
    if (spent?.service === service) return this.readSettled(event, spent.amount);
    const grown = balance - before.balance;
    if (grown < 0n)
      return this.add(event, { kind: "refundCollected", provider, service, amount: neuron(0n - grown) });
    const tookBack = before.pending - pending;
    this.add(event, {
      kind: "transfer",
      provider,
      service,
      amount: neuron(grown + tookBack),
      ...(tookBack > 0n ? { note: { kind: "tookBack", amount: neuron(tookBack) } } : {}),
    });
  }

  private readSettled(event: Fact<"balance">, amount: Neuron): void {
    const { service, provider } = event;
    const { fee } = this;
    this.fee = undefined;
    if (!fee) this.add(event, { kind: "settlement", provider, service, amount });
    else {
      const note: MovementNote = fee.isAcknowledged ? { kind: "task", task: fee.task } : { kind: "penalty" };
      this.add(event, { kind: "fineTuningFee", provider, service, amount, note });
    }
    this.settled = this.movements.at(-1);
  }

  /** Also emitted when nothing was left to ask back (spec trap 7). */
  private readRequest(event: Fact<"refundRequested">): void {
    const { service, provider } = event;
    const key = keyOf(service, provider);
    const { balance, pending } = this.balances.get(key) ?? { balance: zeroNeuron, pending: zeroNeuron };
    if (balance === pending) return;
    this.balances.set(key, { balance, pending: balance });
    this.add(event, { kind: "refundRequested", provider, service, amount: neuron(balance - pending) });
  }

  /** Follows what it is about: success needs no word, the rest is a note on it or a refusal of its own. */
  private readResult(event: Fact<"settlementResult">): void {
    const { status, unsettled, provider } = event;
    const { settled } = this;
    this.settled = undefined;
    if (status === 0) return;
    if (status !== 1)
      return this.add(event, {
        kind: "settlement",
        service: "inference",
        ...(provider ? { provider } : {}),
        note: { kind: "refused", status, unsettled },
      });
    if (settled)
      this.movements[this.movements.lastIndexOf(settled)] = {
        ...settled,
        note: { kind: "partly", unsettled },
      };
  }

  private readCall(event: Fact<"deposited" | "withdrawn" | "signerAcknowledged">): void {
    if (event.kind === "withdrawn") return this.add(event, { kind: "withdrawal", amount: event.amount });
    if (event.kind === "signerAcknowledged") {
      const { provider, service, isAcknowledged } = event;
      const note = { kind: isAcknowledged ? "signer" : "signerRevoked" } as const;
      return this.add(event, { kind: "acknowledgement", provider, service, note });
    }
    const { amount, recipient } = event;
    const isOthers = recipient !== undefined && !sameAddress(recipient, this.wallet);
    const note: MovementNote | undefined = isOthers ? { kind: "forOther", recipient } : undefined;
    this.add(event, { kind: "deposit", amount, ...(note ? { note } : {}) });
  }

  private readSent(event: Fact<"sent">): void {
    const { amount, recipient, isForStorage } = event;
    const kind = isForStorage ? "storageFee" : "sentElsewhere";
    this.add(event, { kind, amount, ...(recipient ? { note: { kind: "forOther", recipient } } : {}) });
  }

  /** Beside what the transaction did, which has the plain id. */
  private readGas(event: Fact<"gasPaid">): void {
    const { amount, paidFor, provider, service } = event;
    this.add(
      event,
      {
        ...{ kind: "networkFee", amount, note: { kind: "paidFor", paidFor } },
        ...(provider ? { provider } : {}),
        ...(service ? { service } : {}),
      },
      `${event.hash}-fee`,
    );
  }

  private add(
    event: ChainEvent,
    movement: Omit<Movement, "id" | "at" | "amount"> & { amount?: Neuron },
    id = event.index === undefined ? event.hash : `${event.hash}-${event.index}`,
  ): void {
    const { hash, block, at } = event;
    this.movements.push({ amount: zeroNeuron, ...movement, id, at, hash, block });
  }
}

function keyOf(service: ServiceName, provider: ProviderId): string {
  return `${service}.${addressKey(provider)}`;
}

/** What the ledger must hold in all when every movement is known: in, less out, less paid. */
export function ledgerTotalOf(movements: readonly Movement[]): bigint {
  return movements.reduce((total, { kind, amount, note }) => {
    if (kind === "deposit") return note?.kind === "forOther" ? total : total + amount;
    const isGone = kind === "withdrawal" || kind === "settlement" || kind === "fineTuningFee";
    return isGone ? total - amount : total;
  }, 0n);
}

/** By how much these movements made the wallet's balance smaller; below zero where more came back. */
export function leftWallet(movements: readonly Movement[]): bigint {
  return movements.reduce((total, { kind, amount }) => {
    if (kind === "withdrawal") return total - amount;
    return leavesWallet.has(kind) ? total + amount : total;
  }, 0n);
}

const leavesWallet: ReadonlySet<MovementKind> = new Set([
  "deposit",
  "networkFee",
  "storageFee",
  "sentElsewhere",
]);

/** The sub-accounts of a service that hold something. */
export function heldByProviders(events: readonly ChainEvent[], service: ServiceName): Held[] {
  const held = new Map<string, Held>();
  for (const event of events) {
    if (event.kind !== "balance" && event.kind !== "accountDeleted") continue;
    if (event.service !== service) continue;
    if (event.kind === "balance" && event.balance > 0n) held.set(addressKey(event.provider), event);
    else held.delete(addressKey(event.provider));
  }
  return [...held.values()];
}

export interface Held {
  readonly provider: ProviderId;
  readonly balance: Neuron;
}

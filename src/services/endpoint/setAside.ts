// Money for a program's next question, set aside in the journal while the one before is answered: nothing is sent before that is on disk, and
// no question has to wait for the disk.
import type { Clock, Stop } from "../../domain/clock.js";
import { isComputeError } from "../../domain/error.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import { minNeuron, neuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { LimitsService } from "../money/limits.js";
import type { Reservation } from "../money/reservation.js";
import type { EndpointKey } from "./keyFile.js";

interface Spare {
  readonly key: string;
  readonly amount: Neuron;
  readonly reservation: Reservation;
  /** Ends its time. */
  readonly stop: Stop;
}

/** A program that asks no more for so long gets its money freed. */
const idleMs = 60_000;
/** What is set aside when its window is killed counts as spent for good: so that it is little, it is at most this part of what is left. */
const smallPart = 50n;

export class SetAside {
  private readonly spares = new Map<string, Spare>();
  private readonly preparing = new Map<string, Promise<void>>();

  constructor(private readonly options: { readonly limits: LimitsService; readonly clock: Clock }) {}

  /** For a question that comes now; within the limits as they are now. Throws `limitReached`. */
  async take(key: EndpointKey, provider: ProviderId, worstCase: Neuron): Promise<Reservation> {
    const { limits } = this.options;
    const name = nameOf(key, provider);
    const spare = this.spares.get(name);
    if (spare && this.isEnough(spare, key, provider, worstCase)) {
      this.forget(name, spare);
      return boundedBy(worstCase, spare.reservation);
    }
    const reserve = () => limits.reserveAnswer(key.scope, provider, worstCase, key);
    try {
      return await reserve();
    } catch (error) {
      // What waits for questions that may never come must not be what stops this one.
      if (!isComputeError(error, "limitReached") || !this.hasAny) throw error;
      await this.drop();
      return reserve();
    }
  }

  /** For the next one, which will be a little longer. Where it would be no small part of what the limits leave, it waits for the disk. */
  prepare(key: EndpointKey, provider: ProviderId, worstCase: Neuron): void {
    const { limits } = this.options;
    const name = nameOf(key, provider);
    if (this.spares.has(name) || this.preparing.has(name)) return;
    const amount = neuron((worstCase * 5n) / 4n);
    if (amount * smallPart > this.left(key, provider)) return;
    const preparing = limits
      .setAside(key.scope, provider, amount, key)
      .then((reservation) => this.keep(name, { key: key.id, amount, reservation }))
      .catch(() => undefined) // the question itself will hear of it
      .finally(() => this.preparing.delete(name));
    this.preparing.set(name, preparing);
  }

  /** Counted as spent with that key, and not asked for yet. */
  of(key: string): Neuron {
    const own = [...this.spares.values()].filter((spare) => spare.key === key);
    return own.reduce((sum, { amount }) => neuron(sum + amount), zeroNeuron);
  }

  /** Frees all of it. */
  async drop(): Promise<void> {
    await Promise.all(this.preparing.values());
    await Promise.all([...this.spares].map(([name, spare]) => this.free(name, spare)));
  }

  private get hasAny(): boolean {
    return this.spares.size > 0 || this.preparing.size > 0;
  }

  private left({ id, scope, budget }: EndpointKey, provider: ProviderId): Neuron {
    const { limits } = this.options;
    const ofKey = neuron(budget - limits.spentWithKey(scope, id));
    return minNeuron(ofKey, limits.leftAt(scope, provider) ?? ofKey);
  }

  private keep(name: string, made: Omit<Spare, "stop">): void {
    const stop = this.options.clock.after(idleMs, () => void this.free(name, spare));
    const spare = { ...made, stop };
    this.spares.set(name, spare);
  }

  /** Where the disk does not let it, it goes on counting, and is freed another time. */
  private async free(name: string, spare: Spare): Promise<void> {
    this.forget(name, spare);
    await spare.reservation.drop().catch(() => this.spares.has(name) || this.keep(name, spare));
  }

  private forget(name: string, spare: Spare): void {
    if (this.spares.get(name) === spare) this.spares.delete(name);
    spare.stop();
  }

  /** The limits may be others since, and count it already. */
  private isEnough({ amount }: Spare, key: EndpointKey, provider: ProviderId, worstCase: Neuron): boolean {
    if (amount < worstCase) return false;
    const { limits } = this.options;
    try {
      const more = (worstCase - amount) as Neuron;
      limits.checkAnswer(key.scope, provider, more);
      limits.checkKey(key.scope, key, more);
      return true;
    } catch {
      return false;
    }
  }
}

function nameOf({ id }: EndpointKey, provider: ProviderId): string {
  return `${id} ${addressKey(provider)}`;
}

/** More was set aside than this question can cost. */
function boundedBy(worstCase: Neuron, reservation: Reservation): Reservation {
  return {
    ...reservation,
    done: (amount) => (amount === undefined ? reservation.done(worstCase, true) : reservation.done(amount)),
  };
}

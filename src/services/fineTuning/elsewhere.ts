// Models that wait on another network, or for another wallet, than the chosen ones: looked after as those here are, each place with a broker
// of its own, so that none disturbs another. Nobody is asked anything about them; what needs a word is told, with the place named.
import { cancelled, toComputeError } from "../../domain/error.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import type { Network } from "../../domain/networks.js";
import { scopeKey, type Place, type Scope } from "../wallets/scope.js";
import { Guardian } from "./guardian.js";
import { needsKey } from "./leaving.js";
import type { Notifier, OwnedBroker, Places, TuningSession } from "./ports.js";
import type { RunStore } from "./runStore.js";
import { TaskRuns, type TaskRunsOptions } from "./taskRuns.js";
import { TasksService } from "./tasks.js";
import type { GuardedElsewhere } from "./types.js";

export interface ElsewhereOptions extends TaskRunsOptions {
  readonly session: TuningSession & Places;
  readonly store: RunStore;
  readonly notifier: Notifier;
  readonly everyMs: (network: Network) => number;
}

interface Watcher {
  /** Another one: what it looked at is not what is there now. */
  readonly placeText: string;
  readonly place: Place;
  readonly guardian: Guardian;
  close(): Promise<void>;
}

/** How often it is looked for other places. */
const lookAroundMs = 15_000;

export class Elsewhere implements Disposable {
  private readonly changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changed.event;
  private readonly watchers = new Map<string, Watcher>();
  private readonly closing = new AbortController();
  private readonly following: Disposable;
  private isStarted = false;

  constructor(private readonly options: ElsewhereOptions) {
    // Whoever leaves a place has it looked after in the next moment; whoever comes finds nobody at work there.
    this.following = options.session.onDidChange(() => this.isStarted && this.arrange());
  }

  /** Nearest deadline first. */
  get open(): readonly GuardedElsewhere[] {
    return [...this.watchers.values()]
      .flatMap(({ guardian, place }) => {
        const { open, chainTime } = guardian.state;
        return chainTime ? open.map((one) => ({ ...one, place, chainTime })) : [];
      })
      .sort((a, b) => a.deadline - b.deadline);
  }

  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    void this.lookAround();
  }

  /** Everywhere once, and until what that set going has ended. */
  async look(): Promise<void> {
    await this.options.store.load();
    this.arrange();
    const guardians = [...this.watchers.values()].map(({ guardian }) => guardian);
    await Promise.all(guardians.map((one) => one.look()));
    await Promise.all(guardians.map((one) => one.rest()));
  }

  /** Nothing goes on anywhere until it is looked around again. */
  async rest(): Promise<void> {
    const watchers = [...this.watchers.values()];
    this.watchers.clear();
    this.changed.fire();
    await Promise.all(watchers.map((one) => one.close()));
  }

  async close(): Promise<void> {
    this.dispose();
    await this.rest();
  }

  dispose(): void {
    this.closing.abort();
    this.following.dispose();
    for (const { guardian } of this.watchers.values()) guardian.dispose();
  }

  private async lookAround(): Promise<void> {
    const { store, clock, log } = this.options;
    const { signal } = this.closing;
    while (!signal.aborted) {
      await store
        .load()
        .catch((error: unknown) => log.warn(`The runs could not be read: ${toComputeError(error).code}`));
      if (signal.aborted) return;
      this.arrange();
      await clock.sleep(lookAroundMs, signal).catch(() => undefined);
    }
  }

  /** One watcher for each place where something waits. */
  private arrange(): void {
    if (this.closing.signal.aborted) return;
    const { session } = this.options;
    const scopes = new Map(this.waiting().map((scope) => [scopeKey(scope), scope]));
    for (const [key, watcher] of this.watchers) {
      const scope = scopes.get(key);
      const place = scope && session.place(scope);
      if (place && textOf(place) === watcher.placeText) continue;
      this.watchers.delete(key);
      void watcher.close();
      this.changed.fire();
    }
    for (const [key, scope] of scopes) {
      const place = this.watchers.has(key) ? undefined : session.place(scope);
      if (!place) continue;
      const watcher = this.watcher(scope, place);
      this.watchers.set(key, watcher);
      if (this.isStarted) watcher.guardian.start();
    }
  }

  private waiting(): readonly Scope[] {
    const { session, store } = this.options;
    const here = session.tryScope();
    const hereKey = here && scopeKey(here);
    return store
      .all()
      .filter((run) => needsKey(run) && scopeKey(run.scope) !== hereKey)
      .map(({ scope }) => scope);
  }

  private watcher(scope: Scope, place: Place): Watcher {
    const { store, everyMs } = this.options;
    const session = new SessionThere(this.options.session, scope, place);
    const runs = new TaskRuns({ ...this.options, session });
    const parts = { ...this.options, session, store, runs, everyMs: () => everyMs(place.network) };
    const tasks = new TasksService(parts);
    const guardian = new Guardian({ ...parts, tasks, place, isNetworkUp: () => true });
    guardian.onDidChange(() => this.changed.fire());
    const close = async (): Promise<void> => {
      guardian.dispose();
      await runs.close();
      await guardian.rest();
      tasks.dispose();
      session.dispose();
    };
    return { ...{ place, guardian, close }, placeText: textOf(place) };
  }
}

function textOf({ network, wallet }: Place): string {
  return JSON.stringify([network, wallet.id]);
}

/** A wallet on a network as they were found, with a broker that is made on first use. */
class SessionThere implements TuningSession, Disposable {
  private readonly never = new Emitter<void>();
  readonly onDidChange = this.never.event;
  private made: Promise<OwnedBroker> | undefined;
  private isDisposed = false;

  constructor(
    private readonly places: Places,
    private readonly there: Scope,
    private readonly place: Place,
  ) {}

  tryNetwork(): Network {
    return this.place.network;
  }
  wallet() {
    return this.place.wallet;
  }
  scope(): Scope {
    return this.there;
  }
  tryScope(): Scope {
    return this.there;
  }

  async broker(): Promise<OwnedBroker> {
    if (this.isDisposed) throw cancelled();
    const made = (this.made ??= this.places.openBroker(this.place));
    try {
      return await made;
    } catch (error) {
      if (this.made === made) this.made = undefined; // the next call may have more luck
      throw error;
    }
  }

  dispose(): void {
    this.isDisposed = true;
    this.made?.then((broker) => broker.close()).catch(() => undefined); // it never came to be: nothing to close
  }
}

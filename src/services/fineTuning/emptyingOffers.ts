// An emptying goes over a day, and editors are closed meanwhile: what is under way is found again, and offered when it can go on. It is only
// offered; what moves money asks by itself.
import { chainNow, type ChainTime } from "../../domain/chainTime.js";
import { toComputeError } from "../../domain/error.js";
import type { Log } from "../../domain/log.js";
import type { Scope } from "../wallets/scope.js";
import type { Emptyings } from "./emptying.js";
import type { Notifier } from "./ports.js";
import type { Emptying } from "./types.js";

export interface EmptyingOffersOptions {
  readonly emptyings: Pick<Emptyings, "load" | "list">;
  readonly notifier: Notifier;
  readonly log: Log;
  readonly now: () => number;
}

export class EmptyingOffers {
  /** What this window has offered, or found cut off when it opened; an emptying whose lock was renewed is offered again. */
  private readonly offered = new Set<string>();
  private looking: Promise<void> | undefined;
  private isLoaded = false;

  constructor(private readonly options: EmptyingOffersOptions) {}

  /** Never rejects. Without the chain's time nothing is due yet, except what was cut off. */
  look(scope: Scope, chainTime: ChainTime | undefined): Promise<void> {
    this.looking ??= this.lookOnce(scope, chainTime)
      .catch((error: unknown) => {
        this.options.log.warn(`Emptyings could not be looked at: ${toComputeError(error).code}`);
      })
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async lookOnce(scope: Scope, chainTime: ChainTime | undefined): Promise<void> {
    const { emptyings, notifier } = this.options;
    const isFirst = !this.isLoaded;
    const due = () =>
      emptyings
        .list(scope)
        .filter((one) => this.isDue(one, chainTime, isFirst) && !this.offered.has(nameOf(one)));
    // Another window may have gone on with it since.
    if (isFirst || due().length > 0) await emptyings.load();
    this.isLoaded = true;
    for (const emptying of due()) {
      this.offered.add(nameOf(emptying));
      notifier.offer(emptying);
    }
  }

  /** `isFirst`: nothing of this window is under way yet, so what is neither over nor waiting was cut off. */
  private isDue({ state, unlocksAt }: Emptying, chainTime: ChainTime | undefined, isFirst: boolean): boolean {
    if (state === "paused" || state === "failed") return isFirst;
    if (state !== "waiting" || unlocksAt === undefined || !chainTime) return false;
    return chainNow(chainTime, this.options.now()) >= unlocksAt;
  }
}

function nameOf({ id, unlocksAt }: Emptying): string {
  return `${id} ${unlocksAt ?? ""}`;
}

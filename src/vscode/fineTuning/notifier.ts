// Tells of a delivered model that nobody may be looking at.
import type { Clock } from "../../domain/clock.js";
import type { Notifier } from "../../services/fineTuning/ports.js";
import type { Place } from "../../services/scope.js";

export interface NotifierOptions {
  readonly clock: Clock;
  /** Chooses that wallet and that network. */
  readonly goTo: (place: Place) => Promise<void>;
}

const notices = () => import("./notices.js"); // most starts have nothing to tell

export function createNotifier(options: NotifierOptions): Notifier {
  return {
    notify: (notice) => void notices().then(({ tell }) => tell(notice, options)),
    offer: (emptying) => void notices().then(({ offer }) => offer(emptying)),
  };
}

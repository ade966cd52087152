// Tells of a delivered model that nobody may be looking at.
import type { Clock } from "../../domain/clock.js";
import type { Notifier } from "../../services/fineTuning/ports.js";

const notices = () => import("./notices.js"); // most starts have nothing to tell

export function createNotifier(clock: Clock): Notifier {
  return {
    notify: (notice) => void notices().then(({ tell }) => tell(notice, clock)),
    offer: (emptying) => void notices().then(({ offer }) => offer(emptying)),
  };
}

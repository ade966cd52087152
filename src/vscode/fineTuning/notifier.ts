// Tells of a delivered model that nobody may be looking at.
import type { DamageNotifier } from "../../services/fineTuning/damagedRecords.js";
import type { Notifier } from "../../services/fineTuning/ports.js";
import type { NotifierOptions } from "./notices.js";

/** Loaded with the first notice: most starts have nothing to tell. */
export function createNotifier(options: NotifierOptions): Notifier & DamageNotifier {
  let made: Promise<Notifier & DamageNotifier> | undefined;
  const notices = () => (made ??= import("./notices.js").then(({ createNotices }) => createNotices(options)));
  return {
    notify: (notice) => void notices().then((all) => all.notify(notice)),
    offer: (emptying) => void notices().then((all) => all.offer(emptying)),
    damaged: (record) => void notices().then((all) => all.damaged(record)),
  };
}

// Notifications that nobody answered yet. The editor lets none be taken back, so another one of the same model comes only where it is more
// urgent than those that are still there.
import type { Notice } from "../services/fineTuning/ports.js";
import type { RunId } from "../services/fineTuning/types.js";

/** How it ended outranks a deadline only where something was lost. */
const urgency: Readonly<Record<Notice["kind"], number>> = {
  acknowledged: 0,
  delivered: 1,
  halfTime: 2,
  oneHour: 3,
  missed: 4,
  failed: 4,
};

type Known = Pick<Notice, "kind"> & { readonly run: { readonly id: RunId } };

export class OpenNotices {
  private readonly open = new Set<Known>();

  /** What `show` resolves to once it is answered or closed; undefined, and not shown, where one as urgent is there. */
  async unlessOpen<T>(notice: Known, show: () => PromiseLike<T>): Promise<T | undefined> {
    const isSaid = [...this.open].some(
      ({ kind, run }) => run.id === notice.run.id && urgency[kind] >= urgency[notice.kind],
    );
    if (isSaid) return undefined;
    this.open.add(notice);
    try {
      return await show();
    } finally {
      this.open.delete(notice);
    }
  }
}

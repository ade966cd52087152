// Modal confirmations. Cancel is always there and always the safe way out.
import { Emitter, type Event } from "../domain/event.js";
import type { Confirmation, Dialogs } from "../services/ports.js";
import { askModally } from "./notices.js";

export class EditorDialogs implements Dialogs {
  private readonly changed = new Emitter<void>();
  /** A question was opened or answered. */
  readonly onDidChange: Event<void> = this.changed.event;
  private open = 0;

  get isAsking(): boolean {
    return this.open > 0;
  }

  async confirm(question: Confirmation): Promise<boolean> {
    this.count(1);
    try {
      return await askModally(question);
    } finally {
      this.count(-1);
    }
  }

  private count(change: 1 | -1): void {
    this.open += change;
    this.changed.fire();
  }
}

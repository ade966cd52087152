// Streams arrive in small pieces; the panel gets one message per frame and channel.
import type { TurnId } from "../../domain/ids.js";
import type { ToPanel } from "../../protocol.js";

type Delta = Extract<ToPanel, { kind: "delta" }>;

const frameMs = 16;

export class DeltaBatch {
  private waiting: Delta[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly post: (message: ToPanel) => void) {}

  add(turn: TurnId, channel: Delta["channel"], text: string): void {
    const last = this.waiting.at(-1);
    if (last?.turn === turn && last.channel === channel) {
      this.waiting[this.waiting.length - 1] = { ...last, text: last.text + text };
    } else this.waiting.push({ kind: "delta", turn, channel, text });
    this.timer ??= setTimeout(() => this.flush(), frameMs);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const delta of this.waiting.splice(0)) this.post(delta);
  }

  /** A complete turn is about to be posted: its pieces are in it. */
  drop(turn: TurnId): void {
    this.waiting = this.waiting.filter((delta) => delta.turn !== turn);
  }

  /** As above, of all turns. */
  clear(): void {
    this.waiting = [];
  }
}

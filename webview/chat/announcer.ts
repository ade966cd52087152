// The one polite status line for assistive technology. The stream itself is never announced.
import type { PanelStrings, TurnView } from "../../src/protocol.js";
import { el, fill } from "../dom.js";

export class Announcer {
  readonly element = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  /** Turns that were running when last seen: only their end is news. */
  private readonly running = new Set<string>();

  say(text: string): void {
    // The same text twice is spoken again only when the node changes.
    this.element.replaceChildren(text);
  }

  /** Says once that an answer is finished, as soon as its check is too. */
  follow(turn: TurnView, strings: PanelStrings): void {
    const { state, verdict, status, error } = turn.answer;
    if (state === "waiting" || state === "streaming" || verdict?.word === "checking") {
      this.running.add(turn.id);
      return;
    }
    if (!this.running.delete(turn.id)) return;
    if (state === "failed" && error) this.say(error.text);
    else this.say(fill(strings.answerFinished, (verdict?.label ?? status).toLocaleLowerCase()));
  }
}

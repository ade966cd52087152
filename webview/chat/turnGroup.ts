// Some neighbouring turns in one box, which the browser skips as a whole while it is far away: with thousands of turns even
// looking at each of them once a frame would be felt.
import { el } from "../dom.js";
import type { TurnItem } from "./turn.js";

const groupSize = 20;

export class TurnGroup {
  readonly element = el("div", { class: "turn-group" });
  readonly items: TurnItem[] = [];
  isNear = false;

  get isFull(): boolean {
    return this.items.length >= groupSize;
  }

  add(item: TurnItem): void {
    this.items.push(item);
    this.element.append(item.element);
  }

  /** Tells the browser how much room to keep before it has ever laid the group out. */
  reserve(): void {
    const height = this.items.reduce((sum, item) => sum + item.reserved, 0);
    this.element.style.containIntrinsicBlockSize = `auto ${height}px`;
  }

  /** Leaves headings only, each with the room that its turn took. */
  empty(): void {
    const filled = this.items.filter((item) => item.isFilled && !item.isInUse && !item.isRunning);
    // All are measured before any is changed: measuring between changes would lay out the page once for each.
    const heights = filled.map((item) => item.element.offsetHeight);
    for (const [index, item] of filled.entries()) item.empty(heights[index] ?? 0);
  }
}

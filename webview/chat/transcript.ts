// The turns of a conversation. All are on the page, so that headings, Tab and a screen reader reach every neighbour; only
// those near the visible part are complete, and the browser lays out none of the others (content-visibility).
import type { ToPanel, TurnView } from "../../src/protocol.js";
import type { ChatContext } from "./context.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { ScrollFollower } from "../scroll.js";
import { TurnItem } from "./turn.js";
import { TurnGroup } from "./turnGroup.js";
import type { Place } from "./viewState.js";

type Delta = Extract<ToPanel, { kind: "delta" }>;

/** Turns this far outside of the visible part are completed; groups are emptied again at twice the distance. */
const margin = 1500;
const fillsAtOnce = 6;

export class Transcript {
  readonly element: HTMLElement;
  private readonly context: ChatContext;
  private readonly list = el("div", { class: "turns" });
  private readonly scroller: HTMLElement;
  private readonly jump: HTMLButtonElement;
  private readonly follower: ScrollFollower;
  private readonly items = new Map<string, TurnItem>();
  private groups: TurnGroup[] = [];
  private readonly nearTurns: IntersectionObserver;
  private readonly nearGroups: IntersectionObserver;
  private readonly dirty = new Set<TurnItem>();
  private frame = 0;
  private conversation = "";
  private placeTimer: ReturnType<typeof setTimeout> | undefined;
  /** The place being restored: kept until all around it has its true height, or the reader moves. */
  private wanted: Place | undefined;

  constructor(context: ChatContext) {
    this.context = context;
    this.scroller = el("div", { class: "scroller", tabindex: 0, role: "region" }, this.list);
    this.jump = el(
      "button",
      { class: "jump", type: "button", hidden: true },
      icon("toEnd"),
      context.strings.jumpToLatest,
    );
    this.element = el("div", { class: "transcript" }, this.scroller, this.jump);
    this.follower = new ScrollFollower(this.scroller, (offersJump) => (this.jump.hidden = !offersJump));
    this.jump.addEventListener("click", () => {
      this.wanted = undefined;
      this.follower.toEnd();
      this.scroller.focus({ preventScroll: true });
    });
    this.scroller.addEventListener("scroll", () => this.keepPlace(), { passive: true });
    for (const move of ["wheel", "pointerdown", "keydown"])
      this.scroller.addEventListener(move, () => (this.wanted = undefined), { passive: true });
    new ResizeObserver(() => this.resized()).observe(this.list);
    // Who opens a fold reads on from there, even where that was the end.
    this.list.addEventListener("click", ({ target }) => {
      if (target instanceof Element && target.closest("summary")) this.follower.leave();
    });
    // Later: what is in it is put there after this.
    this.list.addEventListener("toggle", () => requestAnimationFrame(() => this.follower.look()), {
      capture: true,
    });
    this.nearTurns = this.observer(margin, (entry) => {
      if (entry.isIntersecting) this.itemAt(entry.target)?.fill();
    });
    this.nearGroups = this.observer(margin * 2, (entry) => this.lookAtGroup(entry));
  }

  /** The turn whose answer is still coming. */
  get running(): TurnView | undefined {
    return [...this.items.values()].findLast((item) => item.isRunning)?.view;
  }

  /** Goes to where the reader was in this conversation, else to its end. Turns that are there stay, with the focus and what is written in them. */
  show(conversation: string, title: string, turns: readonly TurnView[]): void {
    if (conversation === this.conversation && this.goesOn(turns)) {
      this.scroller.setAttribute("aria-label", title);
      return this.renew(turns);
    }
    const place = this.placeAfter(conversation, turns);
    this.wanted = undefined;
    this.conversation = conversation;
    this.scroller.setAttribute("aria-label", title);
    this.clear();
    const added = turns.map((turn) => this.add(turn));
    for (const group of this.groups) group.reserve();
    this.list.append(...this.groups.map((group) => group.element));
    if (place && this.items.has(place.turn)) this.restore(place);
    else {
      for (const item of added.slice(-fillsAtOnce)) item.fill();
      this.follower.toEnd();
    }
    for (const group of this.groups) this.nearGroups.observe(group.element);
    this.keepPlace();
  }

  private renew(turns: readonly TurnView[]): void {
    const known = this.items.size;
    this.dirty.clear();
    this.inPlace(() => {
      for (const turn of turns.slice(0, known)) this.items.get(turn.id)?.update(turn);
    });
    for (const turn of turns.slice(known)) this.turn(turn);
  }

  /** A complete turn: replaces its deltas, or is new at the end. */
  turn(view: TurnView): void {
    const known = this.items.get(view.id);
    if (known) {
      this.dirty.delete(known);
      this.inPlace(() => known.update(view));
    } else {
      this.add(view).fill();
      const group = this.groups.at(-1);
      if (group && !group.element.isConnected) {
        this.list.append(group.element);
        this.nearGroups.observe(group.element);
      }
      // The reader has just asked: the answer is what they want to see.
      this.wanted = undefined;
      this.follower.toEnd();
    }
    this.follower.settle();
  }

  delta(delta: Delta): void {
    const item = this.items.get(delta.turn);
    if (!item?.isRunning) return;
    item.append(delta.text, delta.channel);
    this.dirty.add(item);
    this.frame ||= requestAnimationFrame(() => this.flush());
  }

  attachment(turn: TurnView["id"], attachment: number, text: string): void {
    this.inPlace(() => this.items.get(turn)?.showAttachment(attachment, text));
  }

  focusLastAnswer(): void {
    [...this.items.values()].at(-1)?.focusAnswer();
  }

  /** The same turns, and perhaps some that are new at the end. */
  private goesOn(turns: readonly TurnView[]): boolean {
    const known = [...this.items.keys()];
    const added = turns.length - known.length;
    return (
      known.length > 0 && added >= 0 && added <= fillsAtOnce && known.every((id, at) => id === turns[at]?.id)
    );
  }

  private flush(): void {
    this.frame = 0;
    const now = performance.now();
    let isAnyShown = false;
    for (const item of this.dirty) {
      if (!item.flush(now)) continue;
      this.dirty.delete(item);
      isAnyShown = true;
    }
    if (isAnyShown) this.follower.settle();
    if (this.dirty.size > 0) this.frame = requestAnimationFrame(() => this.flush());
  }

  private add(view: TurnView): TurnItem {
    const item = new TurnItem(view, this.context);
    this.items.set(view.id, item);
    let group = this.groups.at(-1);
    if (!group || group.isFull) {
      group = new TurnGroup();
      this.groups.push(group);
    }
    group.add(item);
    if (group.isNear) this.nearTurns.observe(item.element);
    return item;
  }

  private itemAt(element: Element): TurnItem | undefined {
    return this.items.get(element.getAttribute("data-turn") ?? "");
  }

  private lookAtGroup(entry: IntersectionObserverEntry): void {
    const group = this.groups.find(({ element }) => element === entry.target);
    if (!group || group.isNear === entry.isIntersecting) return;
    group.isNear = entry.isIntersecting;
    for (const { element } of group.items)
      if (group.isNear) this.nearTurns.observe(element);
      else this.nearTurns.unobserve(element);
    if (!group.isNear) group.empty();
  }

  /** Turns get their true height when the browser lays them out, after the script is done. */
  private resized(): void {
    if (this.wanted) this.scrollTo(this.wanted);
    else this.follower.settle();
  }

  private clear(): void {
    this.nearTurns.disconnect();
    this.nearGroups.disconnect();
    this.dirty.clear();
    this.items.clear();
    this.groups = [];
    this.list.replaceChildren();
  }

  private observer(
    distance: number,
    onChange: (entry: IntersectionObserverEntry) => void,
  ): IntersectionObserver {
    return new IntersectionObserver(
      (entries) => {
        this.inPlace(() => entries.forEach(onChange));
      },
      { root: this.scroller, rootMargin: `${distance}px 0px` },
    );
  }

  /** Makes a change around the reader without moving what they read. */
  private inPlace(change: () => void): void {
    const place = this.wanted ?? this.place();
    change();
    if (place) this.scrollTo(place);
    this.follower.settle();
  }

  /** Undefined at the end; else the first turn in view and how far it is scrolled past. */
  private place(): Place | undefined {
    if (this.follower.isFollowing) return undefined;
    const top = this.scroller.getBoundingClientRect().top;
    const group = firstBelow(this.groups, top);
    const item = group && firstBelow(group.items, top);
    if (!item) return undefined;
    return { turn: item.view.id, offset: top - item.element.getBoundingClientRect().top };
  }

  /** Where a snapshot leaves the reader; undefined: at the end, where a question that was just asked is. */
  private placeAfter(conversation: string, turns: readonly TurnView[]): Place | undefined {
    if (conversation !== this.conversation || this.items.size === 0)
      return this.context.viewState.placeIn(conversation);
    const last = turns.at(-1);
    return last && !this.items.has(last.id) ? undefined : (this.wanted ?? this.place());
  }

  private restore(place: Place): void {
    const items = [...this.items.values()];
    const at = items.findIndex((item) => item.view.id === place.turn);
    for (const item of items.slice(Math.max(0, at - 3), at + fillsAtOnce)) item.fill();
    this.follower.leave();
    this.wanted = place;
    this.scrollTo(place);
    this.follower.look();
  }

  private scrollTo(place: Place): void {
    const element = this.items.get(place.turn)?.element;
    if (!element) return;
    const offset = this.scroller.getBoundingClientRect().top - element.getBoundingClientRect().top;
    if (Math.abs(offset - place.offset) >= 1) this.scroller.scrollTop += place.offset - offset;
  }

  private keepPlace(): void {
    clearTimeout(this.placeTimer);
    this.placeTimer = setTimeout(() => {
      if (!this.follower.isOnScreen) return;
      this.context.viewState.setPlace(this.conversation, this.place());
      this.wanted = undefined;
    }, 150);
  }
}

/** Boxes stand in order: halves the range instead of measuring all of them. */
function firstBelow<T extends { readonly element: HTMLElement }>(
  boxes: readonly T[],
  top: number,
): T | undefined {
  let [low, high] = [0, boxes.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boxes[middle]?.element.getBoundingClientRect().bottom ?? 0) > top) high = middle;
    else low = middle + 1;
  }
  return boxes[low];
}

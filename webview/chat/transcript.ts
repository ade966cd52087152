// The turns of a conversation. All are on the page, so that headings, Tab and a screen reader reach every neighbour; only
// those near the visible part are complete, and the browser lays out none of the others (content-visibility).
import type { ToPanel, TurnView } from "../../src/protocol.js";
import type { PanelContext } from "./context.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { ScrollFollower } from "./scroll.js";
import { TurnItem } from "./turn.js";
import type { Place } from "./viewState.js";

type Delta = Extract<ToPanel, { kind: "delta" }>;

/** Turns this far outside of the visible part are completed; they are emptied again at twice the distance. */
const margin = 1500;
const fillsAtOnce = 6;

export class Transcript {
  readonly element: HTMLElement;
  private readonly context: PanelContext;
  private readonly list = el("div", { class: "turns" });
  private readonly scroller: HTMLElement;
  private readonly jump: HTMLButtonElement;
  private readonly follower: ScrollFollower;
  private readonly items = new Map<string, TurnItem>();
  private readonly itemOf = new WeakMap<Element, TurnItem>();
  private readonly near: IntersectionObserver;
  private readonly far: IntersectionObserver;
  private readonly dirty = new Set<TurnItem>();
  private frame = 0;
  private conversation = "";
  private placeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(context: PanelContext) {
    this.context = context;
    this.scroller = el("div", { class: "scroller", tabindex: 0, role: "region" }, this.list);
    this.jump = el(
      "button",
      { class: "jump", type: "button", hidden: true },
      icon("toEnd"),
      context.strings.jumpToLatest,
    );
    this.element = el("main", { class: "transcript" }, this.scroller, this.jump);
    this.follower = new ScrollFollower(this.scroller, (offersJump) => (this.jump.hidden = !offersJump));
    this.jump.addEventListener("click", () => {
      this.follower.toEnd();
      this.scroller.focus({ preventScroll: true });
    });
    this.scroller.addEventListener("scroll", () => this.keepPlace(), { passive: true });
    this.list.addEventListener("toggle", () => this.follower.look(), { capture: true });
    this.near = this.observer(margin, (item, entry) => entry.isIntersecting && item.fill());
    this.far = this.observer(margin * 2, (item, entry) => {
      if (!entry.isIntersecting && !item.isRunning) item.empty(entry.boundingClientRect.height);
    });
  }

  /** The turn whose answer is still coming. */
  get running(): TurnView | undefined {
    return [...this.items.values()].findLast((item) => item.isRunning)?.view;
  }

  get isEmpty(): boolean {
    return this.items.size === 0;
  }

  /** Replaces everything; goes to where the reader was in this conversation, else to its end. */
  show(conversation: string, title: string, turns: readonly TurnView[]): void {
    const isSame = conversation === this.conversation && this.items.size > 0;
    const place = isSame ? this.place() : this.context.viewState.placeIn(conversation);
    this.conversation = conversation;
    this.scroller.setAttribute("aria-label", title);
    this.clear();
    const added = turns.map((turn) => this.create(turn));
    this.list.append(...added.map((item) => item.element));
    if (place && this.items.has(place.turn)) this.restore(place);
    else {
      for (const item of added.slice(-fillsAtOnce)) item.fill();
      this.follower.toEnd();
    }
    for (const item of added) this.observe(item);
    this.keepPlace();
  }

  /** A complete turn: replaces its deltas, or is new at the end. */
  turn(view: TurnView): void {
    const known = this.items.get(view.id);
    if (known) {
      this.dirty.delete(known);
      known.update(view);
    } else {
      const item = this.create(view);
      item.fill();
      this.list.append(item.element);
      this.observe(item);
      // The reader has just asked: the answer is what they want to see.
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

  focusLastAnswer(): void {
    [...this.items.values()].at(-1)?.focusAnswer();
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

  private create(view: TurnView): TurnItem {
    const item = new TurnItem(view, this.context);
    this.items.set(view.id, item);
    this.itemOf.set(item.element, item);
    return item;
  }

  private observe(item: TurnItem): void {
    this.near.observe(item.element);
    this.far.observe(item.element);
  }

  private clear(): void {
    this.near.disconnect();
    this.far.disconnect();
    this.dirty.clear();
    this.items.clear();
    this.list.replaceChildren();
  }

  private observer(
    distance: number,
    onChange: (item: TurnItem, entry: IntersectionObserverEntry) => void,
  ): IntersectionObserver {
    return new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const item = this.itemOf.get(entry.target);
          if (item) onChange(item, entry);
        }
        this.follower.settle();
      },
      { root: this.scroller, rootMargin: `${distance}px 0px` },
    );
  }

  /** Undefined at the end; else the first turn in view and how far it is scrolled past. */
  private place(): Place | undefined {
    if (this.follower.isFollowing) return undefined;
    const top = this.scroller.getBoundingClientRect().top;
    // Turns stand in order: halve the range instead of measuring all of them.
    const items = [...this.items.values()];
    let [low, high] = [0, items.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const bottom = items[middle]?.element.getBoundingClientRect().bottom ?? 0;
      if (bottom > top) high = middle;
      else low = middle + 1;
    }
    const item = items[low];
    if (!item) return undefined;
    return { turn: item.view.id, offset: Math.round(top - item.element.getBoundingClientRect().top) };
  }

  private restore(place: Place): void {
    const items = [...this.items.values()];
    const at = items.findIndex((item) => item.view.id === place.turn);
    for (const item of items.slice(Math.max(0, at - 3), at + fillsAtOnce)) item.fill();
    this.follower.leave();
    const element = items[at]?.element;
    element?.scrollIntoView({ block: "start" });
    this.scroller.scrollTop += place.offset;
    this.follower.look();
  }

  private keepPlace(): void {
    clearTimeout(this.placeTimer);
    this.placeTimer = setTimeout(() => {
      this.context.viewState.setPlace(this.conversation, this.place());
    }, 150);
  }
}

// The training log: a stranger's lines, bounded by the host. Follows the end only while the reader is there.
import type { LogLine, LogView } from "../../src/protocol.js";
import { button } from "../controls.js";
import { el, fill, foreign } from "../dom.js";
import { icon } from "../icons.js";
import { ScrollFollower } from "../scroll.js";
import type { TaskPanelContext } from "./context.js";

/** Lines far from the view are skipped by the browser in groups of this many. */
const groupSize = 100;

export class LogPane {
  readonly element: HTMLElement;
  private readonly scroller = el("div", { class: "log-lines", tabindex: 0, role: "region", dir: "ltr" });
  private readonly content = el("div");
  private readonly empty: HTMLElement;
  private readonly earlier = el("p", { class: "log-earlier", hidden: true });
  private readonly follower: ScrollFollower;
  /** Number of the first line that is kept. */
  private first = 0;
  private lines: HTMLElement[] = [];

  constructor(private readonly context: TaskPanelContext) {
    const { strings, post } = context;
    this.scroller.setAttribute("aria-label", strings.log);
    this.empty = el("p", { class: "log-empty" }, strings.noLog);
    const jump = el(
      "button",
      { class: "jump", type: "button", hidden: true },
      icon("toEnd"),
      strings.jumpToLatest,
    );
    this.follower = new ScrollFollower(this.scroller, (isOffered) => (jump.hidden = !isOffered));
    jump.addEventListener("click", () => {
      this.follower.toEnd();
      this.scroller.focus();
    });
    const open = button({
      label: strings.openLog,
      appearance: "secondary",
      onClick: () => post({ kind: "openLog" }),
    });
    this.element = el(
      "section",
      { class: "log" },
      el("div", { class: "section-head" }, el("h2", {}, strings.log), open.element),
      el("div", { class: "log-frame" }, this.scroller, jump),
    );
    this.content.append(this.empty, this.earlier);
    this.scroller.append(this.content);
    // Groups that come into view for the first time take another height than was reckoned with.
    new ResizeObserver(() => this.follower.settle()).observe(this.content);
  }

  /** Another task, or the same after a reload. */
  replace(view: LogView): void {
    this.dropTo(Infinity);
    this.first = view.from;
    this.show(view);
  }

  show({ from, dropped, lines }: LogView): void {
    this.cutFrom(from);
    this.append(lines);
    this.dropTo(dropped);
    this.empty.hidden = this.lines.length > 0;
    this.earlier.hidden = dropped === 0;
    this.earlier.textContent = fill(this.context.strings.earlierLines, String(dropped));
    this.follower.settle();
  }

  focus(): void {
    this.element.scrollIntoView({ block: "nearest" });
    this.scroller.focus();
  }

  private append(lines: readonly LogLine[]): void {
    for (const line of lines) {
      const element = el("div", { class: line.isError ? "log-line is-error" : "log-line" });
      element.append(line.text === "" ? " " : foreign(line.text, "code"));
      this.groupWithRoom().append(element);
      this.lines.push(element);
    }
  }

  private groupWithRoom(): Element {
    const last = this.content.lastElementChild;
    if (last?.className === "log-group" && last.childElementCount < groupSize) return last;
    const group = el("div", { class: "log-group" });
    this.content.append(group);
    return group;
  }

  /** The last lines have changed: they come again. */
  private cutFrom(from: number): void {
    for (const line of this.lines.splice(Math.max(0, from - this.first))) remove(line);
  }

  private dropTo(first: number): void {
    for (const line of this.lines.splice(0, Math.max(0, first - this.first))) remove(line);
    this.first = Math.max(this.first, first);
  }
}

function remove(line: HTMLElement): void {
  const group = line.parentElement;
  line.remove();
  if (group?.childElementCount === 0) group.remove();
}

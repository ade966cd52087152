// What goes along with the draft, as chips that can be taken away. The text itself is the host's.
import type { AttachmentView } from "../../src/protocol/attachments.js";
import type { ChatContext } from "./context.js";
import { el, fill, foreign, iconButton } from "../dom.js";
import { icon } from "../icons.js";

export class Attachments {
  readonly element: HTMLElement;
  private readonly context: ChatContext;
  private readonly onEmpty: () => void;
  private items: readonly AttachmentView[] = [];

  /** `onEmpty`: the last one was taken away by its button, and the focus went with it. */
  constructor(context: ChatContext, onEmpty: () => void) {
    this.context = context;
    this.onEmpty = onEmpty;
    this.element = el("ul", {
      class: "chips",
      role: "list",
      "aria-label": context.strings.attached,
      hidden: true,
    });
  }

  show(items: readonly AttachmentView[]): void {
    if (JSON.stringify(items) === JSON.stringify(this.items)) return;
    const focused = this.buttons.findIndex((button) => button === document.activeElement);
    const kept = items.findIndex(({ id }) => id === this.items[focused]?.id);
    this.items = items;
    this.element.hidden = items.length === 0;
    this.element.replaceChildren(...items.map((item) => this.chip(item)));
    if (focused < 0) return;
    // The button that was pressed is gone: its neighbour is the next that may be meant.
    const next = this.buttons[kept >= 0 ? kept : Math.min(focused, items.length - 1)];
    if (next) next.focus();
    else this.onEmpty();
  }

  private get buttons(): readonly HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("button")];
  }

  private chip(item: AttachmentView): HTMLElement {
    const { id, name, detail, title, picture, note, isBroken, removeLabel } = item;
    const remove = iconButton(removeLabel, icon("close"), () => this.remove(id, name));
    remove.addEventListener("keydown", ({ key }) => {
      if (key === "Delete" || key === "Backspace") this.remove(id, name);
    });
    return el(
      "li",
      { class: isBroken ? "chip is-broken" : "chip", title },
      picture !== undefined && this.context.pictures.thumbnail(picture),
      (picture === undefined || note !== undefined) && icon(note === undefined ? "file" : "warning"),
      el(
        "span",
        { class: "chip-text" },
        el("span", { class: "chip-name" }, foreign(name)),
        detail !== "" && el("span", { class: "chip-detail" }, detail),
        note !== undefined && el("span", { class: "chip-note" }, note),
      ),
      remove,
    );
  }

  private remove(id: string, name: string): void {
    this.context.post({ kind: "detach", attachment: id });
    this.context.announce(fill(this.context.strings.removed, name));
  }
}

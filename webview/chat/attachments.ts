// What goes along with the draft, as chips that can be taken away, and files dropped on the chat. The text itself is the host's.
import type { AttachmentView } from "../../src/protocol.js";
import type { PanelContext } from "./context.js";
import { el, fill, foreign, iconButton } from "../dom.js";
import { icon } from "../icons.js";

export class Attachments {
  readonly element: HTMLElement;
  private readonly context: PanelContext;
  private readonly onEmpty: () => void;
  private items: readonly AttachmentView[] = [];

  /** `onEmpty`: the last one was taken away by its button, and the focus went with it. */
  constructor(context: PanelContext, onEmpty: () => void) {
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

  private chip({ id, name, detail, title, note, isBroken, removeLabel }: AttachmentView): HTMLElement {
    const remove = iconButton(removeLabel, icon("close"), () => this.remove(id, name));
    remove.addEventListener("keydown", ({ key }) => {
      if (key === "Delete" || key === "Backspace") this.remove(id, name);
    });
    return el(
      "li",
      { class: isBroken ? "chip is-broken" : "chip", title },
      icon(note === undefined ? "file" : "warning"),
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

/** The editor names what it drags by a list of its own, other programs by the common one. */
const uriLists = ["application/vnd.code.uri-list", "text/uri-list"];

/** Files dropped on the element: the host takes those of the workspace. */
export function takeDrops(element: HTMLElement, context: PanelContext): void {
  const listIn = (event: DragEvent) => uriLists.find((type) => event.dataTransfer?.types.includes(type));
  const mark = (isOver: boolean) => element.classList.toggle("is-dropped-on", isOver);
  element.addEventListener("dragover", (event) => {
    if (listIn(event) === undefined) return;
    event.preventDefault(); // or the browser takes it, and leaves the page
    mark(true);
  });
  element.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node) || !element.contains(event.relatedTarget)) mark(false);
  });
  element.addEventListener("drop", (event) => {
    mark(false);
    const type = listIn(event);
    if (type === undefined) return;
    event.preventDefault();
    const uris = event.dataTransfer?.getData(type) ?? "";
    if (uris !== "") context.post({ kind: "drop", uris });
  });
}

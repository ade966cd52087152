// The list of conversations: search, open, delete (asked once more in the row itself).
import type { HistoryItem } from "../../src/protocol.js";
import type { PanelContext } from "./context.js";
import { button } from "../controls.js";
import { el, foreign, iconButton } from "../dom.js";
import { icon } from "../icons.js";
import { whenRested } from "../rested.js";

const searchDelay = 150;

export class History {
  readonly element: HTMLElement;
  private readonly context: PanelContext;
  private readonly onClose: () => void;
  private readonly search: HTMLInputElement;
  private readonly list = el("ul", { class: "history-list", role: "list" });
  private readonly none: HTMLElement;
  /** The conversation whose row asks whether to delete it, through every new list. */
  private asked: HistoryItem["id"] | undefined;
  /** Puts the row back in the place of the question. */
  private takeBack: () => void = () => undefined;
  private readonly find = whenRested(searchDelay, () => {
    this.context.post({ kind: "searchHistory", query: this.search.value.trim() });
  });

  constructor(context: PanelContext, onClose: () => void) {
    this.context = context;
    this.onClose = onClose;
    const { strings } = context;
    this.search = el("input", {
      class: "history-search",
      type: "search",
      placeholder: strings.searchHistory,
      "aria-label": strings.searchHistory,
    });
    this.search.addEventListener("input", () => this.find());
    this.none = el("p", { class: "history-none", hidden: true }, strings.noHistory);
    this.element = el(
      "section",
      { class: "history", id: "history", "aria-label": strings.history, hidden: true },
      el("div", { class: "history-bar" }, this.search, iconButton(strings.close, icon("close"), onClose)),
      this.list,
      this.none,
    );
    this.element.addEventListener("keydown", (event) => this.onKey(event));
  }

  show(items: readonly HistoryItem[]): void {
    const hadFocus = this.list.contains(document.activeElement);
    const asked = items.find(({ id }) => id === this.asked);
    // The very row that asks stays: the focus is in it, or a click on its way.
    const question = asked && this.list.querySelector(".history-question");
    if (!question) this.asked = undefined;
    const rows = items.map((item) => (question && item === asked ? question : this.row(item)));
    if (question && rows.includes(question)) this.around(question, rows);
    else this.list.replaceChildren(...rows);
    this.none.hidden = items.length > 0;
    // The row that was deleted had the focus.
    if (hadFocus && !this.list.contains(document.activeElement)) this.search.focus();
  }

  /** Renews all rows but one, which never leaves the page: leaving would take the focus from it. */
  private around(kept: Element, rows: readonly Element[]): void {
    for (const old of [...this.list.children]) if (old !== kept) old.remove();
    const at = rows.indexOf(kept);
    kept.before(...rows.slice(0, at));
    kept.after(...rows.slice(at + 1));
  }

  setOpen(isOpen: boolean): void {
    this.element.hidden = !isOpen;
  }

  focus(): void {
    this.search.focus();
  }

  private row(item: HistoryItem): HTMLLIElement {
    const { strings, post } = this.context;
    const open = el(
      "button",
      { class: "history-open", type: "button", "aria-current": item.isOpen ? "true" : undefined },
      el("span", { class: "history-title", dir: "auto" }, foreign(item.title)),
      el("span", { class: "history-detail" }, item.detail),
    );
    open.addEventListener("click", () => {
      post({ kind: "openConversation", id: item.id });
      this.onClose();
    });
    const remove = iconButton(strings.deleteConversation, icon("trash"), () => {
      this.takeBack();
      this.asked = item.id;
      row.replaceWith(this.question(item));
    });
    const row = el("li", { class: item.isOpen ? "is-open" : undefined }, open, remove);
    return row;
  }

  private question(item: HistoryItem): HTMLLIElement {
    const { strings, post } = this.context;
    const cancel = () => {
      this.asked = undefined;
      const again = this.row(item);
      row.replaceWith(again);
      again.querySelector<HTMLElement>(".icon-button")?.focus();
    };
    const yes = button({
      label: strings.deleteConversation,
      appearance: "primary",
      onClick: () => post({ kind: "deleteConversation", id: item.id }),
    });
    const no = button({ label: strings.cancelEdit, appearance: "secondary", onClick: cancel });
    const row = el(
      "li",
      { class: "history-question" },
      el("span", { class: "history-title", dir: "auto" }, foreign(item.title)),
      el("span", { class: "history-buttons" }, no.element, yes.element),
    );
    this.takeBack = () => {
      if (row.isConnected) row.replaceWith(this.row(item));
    };
    row.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      cancel();
    });
    // Not on the button that deletes.
    requestAnimationFrame(() => no.element.focus());
    return row;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      return this.onClose();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [this.search, ...this.list.querySelectorAll<HTMLElement>(".history-open")];
    const at = stops.findIndex((stop) => stop === document.activeElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  }
}

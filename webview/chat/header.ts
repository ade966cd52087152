// Above the transcript: which network this is, what was spent, what is left, and the way to other conversations.
import type { HeaderView } from "../../src/protocol.js";
import type { PanelContext } from "./context.js";
import { el, iconButton } from "../dom.js";
import { icon } from "../icons.js";

export class Header {
  readonly element: HTMLElement;
  private readonly title = el("h1", { class: "visually-hidden" });
  private readonly network = el("span", { class: "network" });
  private readonly spent = el("span", { class: "spent" });
  private readonly balance = el("span", { class: "balance" });
  private readonly historyButton: HTMLButtonElement;

  constructor(context: PanelContext, onHistory: () => void) {
    const { strings, post } = context;
    this.historyButton = iconButton(strings.history, icon("history"), onHistory);
    this.historyButton.setAttribute("aria-expanded", "false");
    this.historyButton.setAttribute("aria-controls", "history");
    const add = iconButton(strings.newConversation, icon("add"), () => post({ kind: "newConversation" }));
    this.element = el(
      "header",
      { class: "header" },
      this.title,
      this.network,
      el("span", { class: "amounts" }, this.spent, this.balance),
      el("span", { class: "tools" }, add, this.historyButton),
    );
  }

  show(header: HeaderView): void {
    this.network.textContent = header.network;
    this.network.title = [header.network, header.spent, header.balance].filter(Boolean).join("\n");
    this.network.classList.toggle("is-sandbox", header.isSandbox);
    this.spent.textContent = header.spent;
    this.spent.title = header.spent;
    this.balance.textContent = header.balance;
    this.balance.title = header.balance;
  }

  showTitle(title: string): void {
    this.title.textContent = title;
  }

  showHistoryOpen(isOpen: boolean): void {
    this.historyButton.setAttribute("aria-expanded", String(isOpen));
  }

  focusHistory(): void {
    this.historyButton.focus();
  }
}

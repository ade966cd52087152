// Shown while nothing was asked: what this is, one button, and questions to begin with.
import type { WelcomeView } from "../../src/protocol.js";
import { button } from "../controls.js";
import type { PanelContext } from "./context.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";

export class Welcome {
  readonly element = el("div", { class: "welcome", hidden: true });
  private readonly context: PanelContext;
  private readonly onSuggestion: (text: string) => void;

  constructor(context: PanelContext, onSuggestion: (text: string) => void) {
    this.context = context;
    this.onSuggestion = onSuggestion;
  }

  show(view: WelcomeView): void {
    const start =
      view.button !== undefined &&
      button({
        label: view.button,
        appearance: "primary",
        onClick: () => this.context.post({ kind: "start" }),
      }).element;
    this.element.replaceChildren(
      el(
        "div",
        { class: "welcome-body" },
        icon("verified"),
        el("h2", {}, view.title),
        el("p", {}, view.text),
        ...(start ? [start] : []),
        (view.suggestions.length > 0 &&
          el(
            "ul",
            { class: "suggestions", role: "list" },
            ...view.suggestions.map((text) => this.suggestion(text)),
          )) ||
          "",
      ),
    );
  }

  private suggestion(text: string): HTMLLIElement {
    const choose = el("button", { type: "button" }, text);
    choose.addEventListener("click", () => this.onSuggestion(text));
    return el("li", {}, choose);
  }
}

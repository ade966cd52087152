// What is known of the task, each with a way to the clipboard where the whole of it is worth having.
import type { FactView } from "../../src/protocol.js";
import { el, fill, flash, foreign, iconButton } from "../dom.js";
import { icon } from "../icons.js";
import { whenChanged } from "../changed.js";
import type { TaskPanelContext } from "./context.js";

export class Facts {
  readonly element: HTMLElement;
  private readonly list = el("dl");

  constructor(private readonly context: TaskPanelContext) {
    this.element = el("section", { class: "facts" }, el("h2", {}, context.strings.facts), this.list);
  }

  readonly show = whenChanged((facts: readonly FactView[]) => {
    this.list.replaceChildren(
      ...facts.map((fact, index) =>
        el(
          "div",
          { class: "fact" },
          el("dt", {}, fact.label),
          el(
            "dd",
            {},
            el("span", { class: fact.isCopyable ? "value is-exact" : "value" }, foreign(fact.value, "code")),
            fact.isCopyable && this.copyButton(fact, index),
          ),
        ),
      ),
    );
  });

  private copyButton({ label }: FactView, fact: number): HTMLElement {
    const { strings, post, announce } = this.context;
    const element = iconButton(fill(strings.copy, label), icon("copy"), () => {
      post({ kind: "copy", fact });
      flash(element, strings.copied, icon("check"));
      announce(strings.copied);
    });
    return element;
  }
}

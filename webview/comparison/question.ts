// Who is asked, and what: native menus for the models, one field, and the price of all before they are asked.
import type { ComparisonState, ModelSlot } from "../../src/protocol/comparison.js";
import { whenChanged } from "../changed.js";
import { SettingsSheet } from "../chat/settingsSheet.js";
import { button, type Button } from "../controls.js";
import { el } from "../dom.js";
import { whenRested } from "../rested.js";
import type { ComparisonContext } from "./context.js";

/** Typing is priced when it rests. */
const restMs = 150;

export class Question {
  readonly element: HTMLElement;
  private readonly prompt: HTMLTextAreaElement;
  private readonly menus: HTMLElement;
  private readonly estimate = el("span", { class: "estimate" });
  private readonly summary = el("span", { class: "estimate" });
  private readonly settings: SettingsSheet;
  private asking: ComparisonState["asking"] = {};
  private readonly ask: Button;
  private readonly stop: Button;
  private readonly selects: HTMLSelectElement[] = [];
  private readonly askPrice = whenRested(restMs, () =>
    this.context.post({ kind: "estimate", text: this.prompt.value }),
  );
  private canAsk = false;

  constructor(private readonly context: ComparisonContext) {
    const { strings, answerStrings, post, announce } = context;
    this.settings = new SettingsSheet({ post, announce, strings: answerStrings });
    this.prompt = el("textarea", {
      ...{ id: "prompt", class: "field prompt", rows: 2, placeholder: strings.placeholder },
      "aria-label": strings.prompt,
    });
    this.prompt.addEventListener("input", () => this.typed());
    this.prompt.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    this.menus = el("div", { class: "slots", role: "group", "aria-label": strings.models });
    this.ask = button({ label: strings.ask, appearance: "primary", onClick: () => this.send() });
    this.stop = button({
      label: strings.stopAll,
      appearance: "secondary",
      onClick: () => post({ kind: "stopAll" }),
    });
    this.element = el(
      "section",
      { class: "asking", "aria-label": strings.prompt },
      this.menus,
      this.settings.element,
      this.prompt,
      el(
        "div",
        { class: "asking-line" },
        ...[this.ask.element, this.stop.element, this.settings.button, this.estimate, this.summary],
      ),
    );
  }

  show({ slots, estimate, settings, asking, canAsk, isRunning }: ComparisonState): void {
    this.showSlots(slots);
    this.estimate.textContent = estimate;
    this.settings.show(settings);
    this.summary.textContent = settings.summary;
    this.asking = asking;
    this.keep();
    this.canAsk = canAsk && !isRunning;
    this.showButtons(isRunning);
  }

  write(text: string): void {
    this.prompt.value = text;
    this.typed();
  }

  private showButtons(isRunning = !this.stop.element.hidden): void {
    const hadFocus = this.element.contains(document.activeElement) && document.activeElement !== this.prompt;
    this.ask.setDisabled(!this.canAsk || this.prompt.value.trim() === "");
    this.ask.element.hidden = isRunning;
    this.stop.element.hidden = !isRunning;
    // The button that was pressed has gone: its place is taken by the other.
    if (hadFocus && !this.element.contains(document.activeElement))
      (isRunning ? this.stop : this.ask).element.focus();
  }

  private typed(): void {
    this.showButtons();
    this.keep();
    this.askPrice();
  }

  private send(): void {
    const text = this.prompt.value;
    if (this.canAsk && text.trim() !== "") this.context.post({ kind: "ask", text });
  }

  private keep(): void {
    const picks = this.selects.map(({ value }) => value);
    this.context.keep({ prompt: this.prompt.value, picks, settings: this.asking });
  }

  /** Menus stay in place while they are the same: an open one would close. */
  private showSlots(slots: readonly ModelSlot[]): void {
    this.fill(slots.map(({ label, options }) => ({ label, options })));
    slots.forEach(({ value }, index) => {
      const select = this.selects[index];
      if (select && select.value !== value) select.value = value;
    });
  }

  private readonly fill = whenChanged((slots: readonly Pick<ModelSlot, "label" | "options">[]) => {
    const focused = this.selects.findIndex((one) => one === document.activeElement);
    this.selects.splice(0);
    this.menus.replaceChildren(
      ...slots.map(({ label, options }, slot) => {
        const id = `model-${slot}`;
        const select = el(
          "select",
          { id, class: "field menu" },
          ...options.map((one) => el("option", { value: one.value }, one.label)),
        );
        select.addEventListener("change", () => {
          this.keep();
          this.context.post({ kind: "choose", slot, model: select.value });
        });
        this.selects.push(select);
        return el("div", { class: "slot" }, el("label", { for: id }, label), select);
      }),
    );
    this.selects[focused]?.focus();
  });
}

// The model that will answer: a button with its name, and a list with price and badge that can be searched when it is long.
import type { ModelOption } from "../../src/protocol.js";
import type { PanelContext } from "./context.js";
import { el, foreign } from "../dom.js";
import { icon } from "../icons.js";

const filterFrom = 8;

export class ModelPicker {
  readonly element: HTMLElement;
  private readonly context: PanelContext;
  private readonly button: HTMLButtonElement;
  private readonly popup: HTMLElement;
  private readonly filter: HTMLInputElement;
  private readonly list: HTMLElement;
  private models: readonly ModelOption[] = [];
  private shown: readonly ModelOption[] = [];
  private active = 0;

  constructor(context: PanelContext) {
    this.context = context;
    const label = context.strings.model;
    this.button = el("button", {
      class: "picker-button",
      type: "button",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": "model-list",
    });
    this.filter = el("input", {
      class: "picker-filter",
      type: "text",
      role: "combobox",
      placeholder: label,
      "aria-label": label,
      "aria-controls": "model-list",
      "aria-expanded": "true",
      "aria-autocomplete": "list",
    });
    this.list = el("div", {
      class: "picker-list",
      id: "model-list",
      role: "listbox",
      tabindex: 0,
      "aria-label": label,
    });
    this.popup = el("div", { class: "picker-popup", hidden: true }, this.filter, this.list);
    this.element = el("div", { class: "picker" }, this.button, this.popup);

    this.button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      this.open();
    });
    this.popup.addEventListener("keydown", (event) => this.onKey(event));
    this.filter.addEventListener("input", () => this.showOptions());
    this.element.addEventListener("focusout", (event) => {
      if (event.relatedTarget instanceof Node && this.element.contains(event.relatedTarget)) return;
      this.close();
    });
  }

  show(models: readonly ModelOption[]): void {
    this.models = models;
    const picked = models.find((model) => model.isPicked);
    const { model: label } = this.context.strings;
    this.button.disabled = models.length === 0;
    this.button.replaceChildren(
      icon("model"), // in place of the name where that has no room
      el("span", { class: "visually-hidden" }, `${label}: `),
      el("span", { class: "picker-name" }, picked ? foreign(picked.label) : label),
      ...(picked ? [badgeNode(picked)] : []),
      icon("down"),
    );
    this.button.title = picked ? `${picked.label} · ${picked.badge}\n${picked.detail}` : label;
    if (this.isOpen) this.showOptions(this.shown[this.active]);
  }

  private get isOpen(): boolean {
    return !this.popup.hidden;
  }

  private open(): void {
    if (this.models.length === 0) return;
    this.popup.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.filter.hidden = this.models.length <= filterFrom;
    this.filter.value = "";
    this.showOptions();
    (this.filter.hidden ? this.list : this.filter).focus();
  }

  private close(isFocusKept = false): void {
    if (!this.isOpen) return;
    this.popup.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (isFocusKept) this.button.focus();
  }

  /** Begins at `active`, where that is still listed: what somebody is about to choose stays under their hands; else at the picked one. */
  private showOptions(active?: ModelOption): void {
    const words = this.filter.value.toLocaleLowerCase().split(/\s+/);
    this.shown = this.models.filter((model) => {
      const text = `${model.label} ${model.model} ${model.detail} ${model.badge}`.toLocaleLowerCase();
      return words.every((word) => text.includes(word));
    });
    const at = active
      ? this.shown.findIndex(({ provider, model }) => provider === active.provider && model === active.model)
      : -1;
    const picked = this.shown.findIndex((model) => model.isPicked);
    this.active = Math.max(0, at < 0 ? picked : at);
    this.list.replaceChildren(...this.shown.map((model, index) => this.optionNode(model, index)));
    this.showActive();
  }

  private optionNode(model: ModelOption, index: number): HTMLElement {
    const option = el(
      "div",
      {
        class: "picker-option",
        id: `model-${index}`,
        role: "option",
        "aria-selected": String(model.isPicked),
      },
      el("span", { class: "picker-check" }, model.isPicked && icon("check")),
      el("span", { class: "picker-name" }, foreign(model.label)),
      badgeNode(model),
      el("span", { class: "picker-detail" }, foreign(model.detail)),
    );
    // Before the focus leaves the list and closes it.
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.pick(model));
    return option;
  }

  private showActive(): void {
    const options = [...this.list.children];
    for (const [index, option] of options.entries())
      option.classList.toggle("is-active", index === this.active);
    const target = options[this.active];
    for (const owner of [this.list, this.filter]) {
      if (target) owner.setAttribute("aria-activedescendant", target.id);
      else owner.removeAttribute("aria-activedescendant");
    }
    target?.scrollIntoView({ block: "nearest" });
  }

  private pick(model: ModelOption): void {
    this.close(true);
    this.context.post({ kind: "pickModel", provider: model.provider, model: model.model });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const last = this.shown.length - 1;
    const isFiltering = event.target === this.filter;
    const moves: Partial<Record<string, number>> = {
      ArrowDown: Math.min(last, this.active + 1),
      ArrowUp: Math.max(0, this.active - 1),
      PageDown: Math.min(last, this.active + 8),
      PageUp: Math.max(0, this.active - 8),
      // In the filter these move the caret.
      ...(isFiltering ? {} : { Home: 0, End: last }),
    };
    const move = moves[event.key];
    const model = this.shown[this.active];
    if (move !== undefined) {
      this.active = Math.max(0, move);
      this.showActive();
    } else if (event.key === "Escape") this.close(true);
    else if ((event.key === "Enter" || (event.key === " " && !isFiltering)) && model) this.pick(model);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function badgeNode(model: ModelOption): HTMLElement {
  return el("span", { class: "tag" }, model.badge);
}

// What the table is filtered by: native menus, so that keyboard and screen readers have what they know.
import type { ActivityFilterView, ActivityPanelState } from "../../src/protocol/activity.js";
import { el } from "../dom.js";
import { whenChanged } from "../changed.js";
import type { ActivityContext } from "./context.js";

export class Filters {
  readonly element: HTMLElement;
  private readonly menus = new Map<string, HTMLSelectElement>();

  constructor(private readonly context: ActivityContext) {
    this.element = el("div", { class: "filters", role: "group", "aria-label": context.strings.filters });
  }

  show({ filters }: ActivityPanelState): void {
    for (const filter of filters) {
      const menu = this.menus.get(filter.what) ?? this.add(filter);
      this.fill(menu, filter);
    }
  }

  private add({ what, label }: ActivityFilterView): HTMLSelectElement {
    const id = `filter-${what}`;
    const menu = el("select", { id, class: "field menu" });
    menu.addEventListener("change", () => this.context.post({ kind: "filter", what, value: menu.value }));
    this.menus.set(what, menu);
    this.element.append(el("div", { class: "filter" }, el("label", { for: id }, label), menu));
    return menu;
  }

  /** Options stay in place while they are the same: an open menu would close. */
  private fill(menu: HTMLSelectElement, { options, value }: ActivityFilterView): void {
    const text = JSON.stringify(options);
    if (menu.dataset.options !== text) {
      menu.dataset.options = text;
      menu.replaceChildren(...options.map((one) => el("option", { value: one.value }, one.label)));
    }
    if (menu.value !== value) menu.value = value;
  }
}

/** Above and below a long table alike. */
export class Paging {
  readonly element: HTMLElement;
  private readonly text = el("span", { class: "page-text" });
  private readonly previous: HTMLButtonElement;
  private readonly next: HTMLButtonElement;
  private page = 0;

  constructor({ strings, post }: ActivityContext) {
    const step = (label: string, by: number) => {
      const element = el("button", { type: "button", class: "page-button" }, label);
      // Not disabled, which would throw the focus away on the last page.
      element.addEventListener("click", () => {
        if (element.getAttribute("aria-disabled") !== "true") post({ kind: "page", page: this.page + by });
      });
      return element;
    };
    this.previous = step(strings.previousPage, -1);
    this.next = step(strings.nextPage, 1);
    this.element = el(
      "nav",
      { class: "paging", "aria-label": strings.pages },
      this.previous,
      this.text,
      this.next,
    );
  }

  readonly show = whenChanged(({ text, page, pages }: ActivityPanelState["table"]["paging"]) => {
    this.page = page;
    this.element.hidden = pages < 2;
    this.text.textContent = text;
    this.previous.setAttribute("aria-disabled", String(page === 0));
    this.next.setAttribute("aria-disabled", String(page >= pages - 1));
  });
}

// Building DOM nodes. Text enters the page only as text nodes; attribute names and tags are always our own.
import { splitHidden } from "../src/view/hiddenCharacters.js";

export type Child = Node | string | undefined | false;

/** An element with attributes (`undefined` and `false` leave one out, `true` sets it empty) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : String(value));
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** Foreign text, with characters that hide or reorder it shown by their number. */
export function foreign(text: string, kind: "prose" | "code" = "prose"): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const part of splitHidden(text, kind))
    fragment.append("text" in part ? part.text : el("span", { class: "hidden-character" }, part.hidden));
  return fragment;
}

/** A button of the transcript and the lists: an icon with a name, nothing by colour or hover alone. */
export function iconButton(label: string, icon: Element, onClick: () => void): HTMLButtonElement {
  const element = el(
    "button",
    { class: "icon-button", type: "button", title: label, "aria-label": label },
    icon,
  );
  element.addEventListener("click", ({ detail }) => {
    if (!isSecondOfTwo(detail)) onClick();
  });
  return element;
}

/** Of a double click, by an event's `detail`: it was meant for the button that stood there at the first, and once. */
export function isSecondOfTwo(detail: number): boolean {
  return detail > 1;
}

/** Says for a moment that something was copied, in place of the button's own name. */
export function flash(element: HTMLElement, label: string, icon: Element): void {
  if (element.classList.contains("is-flashing")) return;
  const [title, children] = [element.title, [...element.childNodes]];
  element.classList.add("is-flashing");
  element.title = label;
  element.setAttribute("aria-label", label);
  element.replaceChildren(icon);
  setTimeout(() => {
    element.classList.remove("is-flashing");
    element.title = title;
    element.setAttribute("aria-label", title);
    element.replaceChildren(...children);
  }, 1600);
}

/** Fills {0} of a message that the host has translated. */
export function fill(message: string, value: string): string {
  return message.replace("{0}", () => value);
}

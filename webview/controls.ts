// The only place that knows the UI toolkit. Replacing the toolkit is a change of this file alone.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeTextArea,
} from "@vscode/webview-ui-toolkit";
import { isSecondOfTwo } from "./dom.js";

/** The parts of the toolkit's elements that are used here; its own types stay out of the rest. */
interface ToolkitElement extends HTMLElement {
  disabled: boolean;
  value: string;
  /** Undefined until the element is on the page. */
  readonly control?: HTMLTextAreaElement;
}

export interface ButtonOptions {
  /** The accessible name; also the text when there is no icon. */
  readonly label: string;
  readonly appearance: "primary" | "secondary" | "icon";
  readonly icon?: Element;
  readonly onClick: () => void;
}

export interface Button {
  readonly element: HTMLElement;
  setLabel(label: string): void;
  setDisabled(isDisabled: boolean): void;
}

export function button(options: ButtonOptions): Button {
  const element = create("vscode-button", vsCodeButton);
  element.setAttribute("appearance", options.appearance);
  const setLabel = (label: string) => {
    if (!options.icon) return element.replaceChildren(label);
    element.setAttribute("aria-label", label);
    element.title = label;
  };
  setLabel(options.label);
  if (options.icon) element.append(options.icon);
  element.addEventListener("click", ({ detail }) => {
    if (!element.disabled && !isSecondOfTwo(detail)) options.onClick();
  });
  return {
    element,
    setLabel,
    setDisabled: (isDisabled) => {
      element.disabled = isDisabled;
    },
  };
}

export interface TextAreaOptions {
  readonly label: string;
  readonly placeholder: string;
  readonly value?: string;
  readonly onInput: (value: string) => void;
  /** Keys as the browser reports them; composition is left to `isComposing`. */
  readonly onKey: (event: KeyboardEvent) => void;
}

export interface TextArea {
  readonly element: HTMLElement;
  getValue(): string;
  /** Puts the caret at the end. */
  setValue(value: string): void;
  focus(): void;
}

/** A field that grows with its text: the style sheet sets `field-sizing` and the greatest height. */
export function textArea(options: TextAreaOptions): TextArea {
  const element = create("vscode-text-area", vsCodeTextArea);
  // The toolkit makes its content the accessible name, over any other; the style sheet hides it from the eye.
  element.textContent = options.label;
  element.setAttribute("placeholder", options.placeholder);
  element.setAttribute("rows", "1");
  element.setAttribute("resize", "none");
  element.value = options.value ?? "";
  element.addEventListener("input", () => options.onInput(element.value));
  element.addEventListener("keydown", options.onKey);
  return {
    element,
    getValue: () => element.value,
    setValue: (value) => {
      element.value = value;
      // The toolkit hands it on a little later; the caret is placed now.
      if (element.control) element.control.value = value;
      options.onInput(value);
    },
    focus: () => {
      element.focus();
      element.control?.setSelectionRange(element.value.length, element.value.length);
    },
  };
}

/** Decoration only: what is going on is said in words beside it. */
export function spinner(): HTMLElement {
  const element = create("vscode-progress-ring", vsCodeProgressRing);
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** Registers an element of the toolkit when it is first needed, so that unused ones cost nothing. */
function create(tag: string, definition: typeof vsCodeButton | typeof vsCodeTextArea): ToolkitElement {
  if (!customElements.get(tag)) provideVSCodeDesignSystem().register(definition());
  return document.createElement(tag) as ToolkitElement;
}

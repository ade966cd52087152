// How the model is asked: a button that discloses a sheet of fields above the question. What is typed goes to the host as it is; the host says
// what came of it.
import type { PanelStrings, SettingField, SettingsView, ToHost } from "../../src/protocol.js";
import { el, iconButton } from "../dom.js";
import { icon } from "../icons.js";

/** A text is sent while it is written, or what was typed last would be lost with the panel. */
const typingDelay = 500;

/** Of the page that it is on. */
export interface SheetContext {
  readonly post: (message: Extract<ToHost, { kind: "settings" | "setting" }>) => void;
  readonly strings: Pick<PanelStrings, "settings" | "close">;
  readonly announce: (text: string) => void;
}

interface Row {
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  readonly hint: HTMLElement;
  readonly problem: HTMLElement;
}

export class SettingsSheet {
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  private readonly fields = el("div", { class: "settings-fields" });
  private readonly context: SheetContext;
  private readonly rows = new Map<SettingField["name"], Row>();
  private readonly timers = new Map<SettingField["name"], ReturnType<typeof setTimeout>>();

  constructor(context: SheetContext) {
    this.context = context;
    const { strings } = context;
    this.button = iconButton(strings.settings, icon("settings"), () => this.setOpen(this.element.hidden));
    this.button.setAttribute("aria-expanded", "false");
    this.button.setAttribute("aria-controls", "settings");
    const close = iconButton(strings.close, icon("close"), () => this.setOpen(false));
    this.element = el(
      "section",
      { class: "settings", id: "settings", "aria-labelledby": "settings-title", hidden: true },
      el("div", { class: "settings-head" }, el("h2", { id: "settings-title" }, strings.settings), close),
      this.fields,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") {
        event.stopPropagation();
        this.setOpen(false);
      } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
    });
  }

  /** `isOther`: of another conversation than before, to which nothing that stands in the fields belongs. */
  show({ summary, fields }: SettingsView, isOther = false): void {
    const label =
      summary === "" ? this.context.strings.settings : `${this.context.strings.settings}: ${summary}`;
    this.button.title = label;
    this.button.setAttribute("aria-label", label);
    this.button.classList.toggle("is-set", summary !== "");
    for (const field of fields) this.showField(field, isOther);
  }

  private setOpen(isOpen: boolean): void {
    if (!isOpen) this.flush();
    this.element.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return this.button.focus();
    this.context.post({ kind: "settings" });
    this.element.querySelector<HTMLElement>("textarea, input")?.focus();
  }

  private showField(field: SettingField, isOther: boolean): void {
    const row = this.rows.get(field.name) ?? this.add(field);
    const { input, hint, problem } = row;
    // What somebody is typing is not taken from under their hands.
    const isTyped = input === document.activeElement || this.timers.has(field.name);
    if (isOther || !isTyped) input.value = field.value;
    hint.textContent = field.hint;
    const text = field.problem ?? "";
    if (text === (problem.textContent ?? "")) return;
    problem.replaceChildren(...(text === "" ? [] : [icon("warning"), text]));
    input.setAttribute("aria-invalid", String(text !== ""));
    if (text !== "" && input === document.activeElement) this.context.announce(text);
  }

  private add({ name, label, lines }: SettingField): Row {
    const id = `setting-${name}`;
    const described = { id, class: "settings-input", "aria-describedby": `${id}-hint ${id}-problem` };
    const input =
      lines > 1
        ? el("textarea", { ...described, rows: lines, dir: "auto" })
        : el("input", { ...described, type: "text", inputmode: "decimal", autocomplete: "off" });
    const row = {
      input,
      hint: el("p", { class: "settings-hint", id: `${id}-hint` }),
      problem: el("p", { class: "settings-problem", id: `${id}-problem` }),
    };
    input.addEventListener("input", () => this.later(name));
    input.addEventListener("change", () => this.send(name));
    this.rows.set(name, row);
    this.fields.append(
      el(
        "div",
        { class: lines > 1 ? "settings-field is-wide" : "settings-field" },
        el("label", { for: id }, label),
        input,
        row.hint,
        row.problem,
      ),
    );
    return row;
  }

  private later(name: SettingField["name"]): void {
    clearTimeout(this.timers.get(name));
    this.timers.set(
      name,
      setTimeout(() => this.send(name), typingDelay),
    );
  }

  private send(name: SettingField["name"]): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
    const text = this.rows.get(name)?.input.value;
    if (text !== undefined) this.context.post({ kind: "setting", name, text });
  }

  /** Tells what was typed and waits. */
  flush(): void {
    for (const name of [...this.timers.keys()]) this.send(name);
  }
}

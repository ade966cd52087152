// A question being rewritten in its place.
import type { PanelStrings } from "../../src/protocol.js";
import { button, textArea, type TextArea } from "../controls.js";
import { el } from "../dom.js";

export interface QuestionEditorEvents {
  readonly onSave: (text: string) => void;
  readonly onCancel: () => void;
}

export class QuestionEditor {
  readonly element: HTMLElement;
  private readonly field: TextArea;

  constructor(question: string, strings: PanelStrings, events: QuestionEditorEvents) {
    const save = () => {
      const text = this.field.getValue().trim();
      if (text !== "") events.onSave(text);
    };
    this.field = textArea({
      label: strings.edit,
      placeholder: "",
      value: question,
      onInput: () => undefined,
      onKey: (event) => {
        if (event.isComposing) return;
        if (event.key === "Enter" && !event.shiftKey) {
          event.preventDefault();
          save();
        } else if (event.key === "Escape") {
          event.stopPropagation();
          events.onCancel();
        }
      },
    });
    const cancelButton = button({
      label: strings.cancelEdit,
      appearance: "secondary",
      onClick: events.onCancel,
    });
    const saveButton = button({ label: strings.saveEdit, appearance: "primary", onClick: save });
    this.element = el(
      "div",
      { class: "question-editor" },
      el("div", { class: "field" }, this.field.element),
      el("div", { class: "editor-buttons" }, cancelButton.element, saveButton.element),
    );
  }

  focus(): void {
    this.field.focus();
  }
}

// One question and its answer. Far from the reader a turn is only its heading and its height; near, it is complete.
import type { TurnView } from "../../src/protocol.js";
import { AnswerView } from "./answer.js";
import type { ChatContext } from "./context.js";
import { el, foreign, iconButton } from "../dom.js";
import { icon } from "../icons.js";
import { SentAttachments } from "./sentAttachments.js";
import { QuestionEditor } from "./questionEditor.js";

const longestHeading = 200;
const longQuestion = 3000;

export class TurnItem {
  readonly element: HTMLElement;
  view: TurnView;
  isFilled = false;
  /** Pixels kept for it while it is not filled. */
  reserved = 0;
  private readonly context: ChatContext;
  private readonly heading: HTMLHeadingElement;
  private question: HTMLElement;
  private attachments: SentAttachments | undefined;
  private answer: AnswerView | undefined;
  private editor: QuestionEditor | undefined;

  constructor(view: TurnView, context: ChatContext) {
    this.view = view;
    this.context = context;
    this.heading = el("h2", { id: `turn-${view.id}` });
    this.question = el("div", { class: "question" }, this.heading);
    this.element = el(
      "article",
      { class: "turn", "data-turn": view.id, "aria-labelledby": this.heading.id },
      this.question,
    );
    this.showHeading();
    this.reserve(estimateHeight(view));
  }

  /** True while its answer is still coming. */
  get isRunning(): boolean {
    return this.view.answer.state === "waiting" || this.view.answer.state === "streaming";
  }

  /** True while the reader is writing or standing in it: then it must not be emptied. */
  get isInUse(): boolean {
    return this.editor !== undefined || this.element.contains(document.activeElement);
  }

  fill(): void {
    if (this.isFilled) return;
    this.isFilled = true;
    this.element.style.minHeight = "";
    // What is filled far from the eye is not laid out yet, and must not collapse until it is.
    this.element.style.containIntrinsicBlockSize = `auto ${this.reserved}px`;
    const { id, attachments } = this.view;
    if (attachments) {
      this.attachments = new SentAttachments(id, attachments, this.context);
      this.element.append(this.attachments.element);
    }
    this.answer = new AnswerView(this.view, this.context);
    this.element.append(this.answer.element);
    this.showQuestion();
  }

  /** Back to the heading; `height` is what it measured, so that nothing else moves. */
  empty(height: number): void {
    if (!this.isFilled) return;
    this.isFilled = false;
    this.attachments?.element.remove();
    this.answer?.element.remove();
    this.attachments = this.answer = undefined;
    this.question.replaceChildren(this.heading);
    this.reserve(height);
  }

  update(view: TurnView): void {
    const isAsked = view.question !== this.view.question;
    this.view = view;
    if (isAsked) {
      this.showHeading();
      if (this.isFilled && !this.editor) this.showQuestion();
    }
    this.answer?.update(view);
  }

  /** Takes what arrived; it is shown with the next `flush`. */
  append(text: string, channel: "text" | "reasoning"): void {
    const { answer } = this.view;
    const grown = channel === "text" ? { text: answer.text + text } : { reasoning: answer.reasoning + text };
    this.view = { ...this.view, answer: { ...answer, state: "streaming", status: "", ...grown } };
  }

  /** Shows what was appended; false when it was put off, because showing has become costly. */
  flush(now: number): boolean {
    return this.answer ? this.answer.flush(this.view, now) : true;
  }

  showAttachment(attachment: number, text: string): void {
    this.attachments?.showText(attachment, text);
  }

  focusAnswer(): void {
    this.fill();
    this.answer?.element.focus({ preventScroll: true });
    this.answer?.element.scrollIntoView({ block: "start" });
  }

  private reserve(height: number): void {
    this.reserved = height;
    this.element.style.minHeight = `${height}px`;
  }

  private showHeading(): void {
    const [head] = splitQuestion(this.view.question);
    const you = el("span", { class: "visually-hidden" }, `${this.context.strings.you}: `);
    this.heading.replaceChildren(you, foreign(head));
  }

  private showQuestion(): void {
    const { question } = this.view;
    const [, rest] = splitQuestion(question);
    const isLong = question.length > longQuestion;
    const text = el(
      "div",
      {
        class: isLong ? "question-text is-long" : "question-text",
        dir: "auto",
        tabindex: isLong ? 0 : undefined,
      },
      this.heading,
      rest !== "" && el("span", {}, foreign(rest)),
    );
    const edit = iconButton(this.context.strings.edit, icon("edit"), () => this.edit());
    edit.classList.add("edit-question");
    this.question.replaceChildren(text, edit);
  }

  private edit(): void {
    const close = () => {
      this.editor = undefined;
      this.showQuestion();
    };
    this.editor = new QuestionEditor(this.view.question, this.context.strings, {
      onSave: (text) => {
        close();
        this.context.post({ kind: "edit", turn: this.view.id, text });
      },
      onCancel: () => {
        close();
        this.question.querySelector<HTMLElement>(".edit-question")?.focus();
      },
    });
    this.question.replaceChildren(this.heading, this.editor.element);
    this.heading.classList.add("visually-hidden");
    this.editor.focus();
  }
}

/** The first line, as the turn's heading, and the rest of the question. */
function splitQuestion(question: string): [string, string] {
  const line = /^[^\n]*/.exec(question)?.[0] ?? "";
  if (line.length <= longestHeading) return [line, question.slice(line.length)];
  const space = line.lastIndexOf(" ", longestHeading);
  const cut = space > longestHeading / 2 ? space : longestHeading;
  return [question.slice(0, cut), question.slice(cut)];
}

/** A guess in pixels, corrected as soon as the turn is near the reader. */
function estimateHeight(view: TurnView): number {
  const lines = (text: string) => text.length / 70 + (text.match(/\n/g)?.length ?? 0);
  return Math.round(150 + 20 * Math.min(lines(view.question), 30) + 20 * lines(view.answer.text));
}

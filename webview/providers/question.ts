// What is priced: a prompt, how long its answer is expected to be, and which services are shown.
import type { ProviderTableState } from "../../src/protocol/providerTable.js";
import { whenChanged } from "../changed.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { whenRested } from "../rested.js";
import type { ProviderTableContext } from "./context.js";

/** Typing is priced when it rests. */
const restMs = 150;

export class Question {
  readonly element: HTMLElement;
  private readonly prompt: HTMLTextAreaElement;
  private readonly answer = el("input", {
    ...{ id: "answer-tokens", class: "field number", type: "number", min: 1, max: 1_000_000, step: 1 },
    ...{ inputmode: "numeric", required: true, "aria-describedby": "answer-problem" },
  });
  private readonly problem = el("p", { class: "number-problem", id: "answer-problem" });
  /** The last length that was taken: what is no length changes no price. */
  private answerTokens = 0;
  private readonly service = el("select", { id: "service", class: "field menu" });
  private readonly find: HTMLInputElement;
  private readonly note = el("p", { class: "status note" });
  private isTouched = false;

  constructor(private readonly context: ProviderTableContext) {
    const { strings, post } = context;
    this.prompt = el("textarea", {
      ...{ id: "prompt", class: "field prompt", rows: 2, placeholder: strings.promptPlaceholder },
    });
    const rested = whenRested(restMs, () => this.ask());
    const changed = () => {
      this.isTouched = true;
      rested();
    };
    this.prompt.addEventListener("input", changed);
    this.answer.addEventListener("input", () => {
      this.showProblem();
      changed();
    });
    this.find = el("input", {
      ...{ id: "find", class: "field find", type: "search", placeholder: strings.findPlaceholder },
    });
    const narrow = () => post({ kind: "narrow", service: this.service.value, find: this.find.value });
    this.service.addEventListener("change", narrow);
    this.find.addEventListener("input", whenRested(restMs, narrow));
    this.element = el(
      "section",
      { class: "question", "aria-label": strings.prompt },
      el("label", { for: "prompt" }, strings.prompt),
      this.prompt,
      this.note,
      el(
        "div",
        { class: "filters" },
        el(
          "div",
          { class: "filter" },
          el("label", { for: "answer-tokens" }, strings.answerTokens),
          this.answer,
          this.problem,
        ),
        el("div", { class: "filter" }, el("label", { for: "service" }, strings.service), this.service),
        el("div", { class: "filter" }, el("label", { for: "find" }, strings.find), this.find),
      ),
    );
  }

  /** What is being written is the reader's own: the host's word counts before and never after. */
  show({ question, filter }: ProviderTableState): void {
    this.note.textContent = question.note;
    this.fill(filter.options);
    if (this.service.value !== filter.value) this.service.value = filter.value;
    if (this.isTouched) return;
    this.prompt.value = question.prompt;
    this.answerTokens = question.answerTokens;
    this.answer.value = String(question.answerTokens);
  }

  private showProblem(): void {
    const isWrong = !this.answer.validity.valid;
    if (isWrong === (this.problem.textContent !== "")) return;
    const { strings, announce } = this.context;
    this.problem.replaceChildren(...(isWrong ? [icon("warning"), strings.answerTokensProblem] : []));
    this.answer.setAttribute("aria-invalid", String(isWrong));
    if (isWrong) announce(strings.answerTokensProblem);
  }

  private ask(): void {
    if (this.answer.validity.valid) this.answerTokens = this.answer.valueAsNumber;
    const [prompt, answerTokens] = [this.prompt.value, this.answerTokens];
    this.context.keep({ prompt, answerTokens });
    this.context.post({ kind: "price", prompt, answerTokens });
  }

  /** Options stay in place while they are the same: an open menu would close. */
  private readonly fill = whenChanged((options: ProviderTableState["filter"]["options"]) => {
    this.service.replaceChildren(...options.map(({ value, label }) => el("option", { value }, label)));
  });
}

// One answer: byline, reasoning, Markdown, error row, verdict, meter and what can be done with it.
import type { TurnView } from "../../src/protocol.js";
import { splitReasoning } from "../../src/domain/inlineReasoning.js";
import { button, spinner } from "../controls.js";
import { AnswerText } from "./answerText.js";
import type { PanelContext } from "./context.js";
import { el, flash, foreign, iconButton } from "../dom.js";
import { fold } from "./fold.js";
import { icon } from "../icons.js";
import { toolCallsNode } from "./toolCalls.js";
import { failedBanner, verdictNode } from "./verdict.js";

type Answer = TurnView["answer"];

/** After a costly build, wait so many times as long: however long an answer gets, the panel stays usable. */
const restFactor = 4;

export class AnswerView {
  /** Can take the focus by "Focus last answer", is no stop of the Tab key. */
  readonly element: HTMLElement;
  private readonly turn: TurnView["id"];
  private readonly context: PanelContext;
  private readonly byline = el("span", { class: "byline" });
  private readonly status = el("div", { class: "status-line" });
  private readonly reasoningText = el("div", { class: "reasoning-text", dir: "auto" });
  private readonly reasoning: HTMLElement;
  private readonly banner = el("div");
  private readonly text: AnswerText;
  private readonly tools = el("div");
  private readonly error = el("div");
  private readonly verdict = el("div");
  private readonly meter = el("span", { class: "meter" });
  private readonly footer: HTMLElement;
  private shown: Partial<Answer> = {};
  private restUntil = 0;

  constructor(view: TurnView, context: PanelContext) {
    this.turn = view.id;
    this.context = context;
    this.text = new AnswerText(this.textActions());
    const { strings, viewState } = context;
    const reasoningId = `${view.id}/reasoning`;
    const summary = [icon("chevron"), strings.reasoning];
    this.reasoning = fold({ id: reasoningId, class: "reasoning", summary, viewState }, () => [
      this.reasoningText,
    ]);
    this.footer = this.footerNode();
    this.element = el(
      "div",
      { class: "answer", tabindex: -1 },
      el(
        "h3",
        { class: "answer-heading" },
        el("span", { class: "visually-hidden" }, `${strings.answer} `),
        this.byline,
      ),
      this.banner,
      this.reasoning,
      this.text.element,
      this.tools,
      this.status,
      this.error,
      this.verdict,
      this.footer,
    );
    this.update(view);
  }

  update(view: TurnView): void {
    const { answer } = view;
    const was = this.shown;
    this.shown = answer;
    const isRunning = answer.state === "waiting" || answer.state === "streaming";
    this.element.className = `answer is-${answer.state} verdict-${answer.verdict?.word ?? "none"}`;
    if (was.byline !== answer.byline) this.byline.replaceChildren(foreign(answer.byline));
    if (was.meter !== answer.meter) this.meter.replaceChildren(foreign(answer.meter));
    this.footer.hidden = isRunning;
    if (was.status !== answer.status || was.state !== answer.state) this.showStatus(answer);
    if (!same(was.tools, answer.tools)) this.showTools(answer);
    if (!same(was.error, answer.error)) this.showError(answer);
    if (!same(was.verdict, answer.verdict)) this.showVerdict(answer);
    const { reasoning, said } = splitReasoning(answer.text);
    this.showReasoning(answer.reasoning + reasoning);
    this.text.show(said, !isRunning);
  }

  flush(view: TurnView, now: number): boolean {
    if (now < this.restUntil) return false;
    this.update(view);
    const cost = performance.now() - now;
    this.restUntil = cost > 4 ? now + cost * restFactor : 0;
    return true;
  }

  private showReasoning(reasoning: string): void {
    this.reasoning.hidden = reasoning === "";
    // The fold is a plain text that only grows: the new end is added, what stands stays.
    const have = this.reasoningText.dataset.length ? Number(this.reasoningText.dataset.length) : 0;
    if (have === reasoning.length) return;
    if (reasoning.length < have) this.reasoningText.replaceChildren();
    const from = reasoning.length < have ? 0 : have;
    this.reasoningText.append(foreign(reasoning.slice(from)));
    this.reasoningText.dataset.length = String(reasoning.length);
  }

  private showStatus(answer: Answer): void {
    const isWaiting = answer.state === "waiting";
    const isShown = answer.status !== "";
    this.status.replaceChildren();
    this.status.hidden = !isShown;
    if (!isShown) return;
    if (isWaiting) this.status.append(spinner());
    this.status.append(el("span", {}, foreign(answer.status)));
  }

  private showTools({ tools }: Answer): void {
    this.tools.replaceChildren(...(tools ? [toolCallsNode(this.turn, tools, this.context)] : []));
  }

  private showError(answer: Answer): void {
    this.error.replaceChildren();
    if (!answer.error) return;
    const { text, action } = answer.error;
    const row = el("div", { class: "error-row" }, icon("warning"), el("p", {}, foreign(text)));
    if (action)
      row.append(
        button({
          label: action,
          appearance: "secondary",
          onClick: () => this.context.post({ kind: "action", turn: this.turn }),
        }).element,
      );
    this.error.append(row);
  }

  private showVerdict(answer: Answer): void {
    const { verdict } = answer;
    const hadFocus = this.verdict.contains(document.activeElement);
    this.verdict.replaceChildren();
    this.banner.replaceChildren();
    if (!verdict) return;
    this.verdict.append(verdictNode(this.turn, verdict, this.context));
    if (verdict.word === "failed") this.banner.append(failedBanner(verdict));
    if (hadFocus) this.verdict.querySelector("summary")?.focus();
  }

  private footerNode(): HTMLElement {
    const { strings, post, announce } = this.context;
    const copy = iconButton(strings.copyAnswer, icon("copy"), () => {
      post({ kind: "copyAnswer", turn: this.turn });
      announce(strings.copied);
      flash(copy, strings.copied, icon("check"));
    });
    const regenerate = iconButton(strings.regenerate, icon("regenerate"), () =>
      post({ kind: "regenerate", turn: this.turn }),
    );
    return el(
      "div",
      { class: "answer-footer" },
      this.meter,
      el("span", { class: "tools" }, copy, regenerate),
    );
  }

  private textActions() {
    const { strings, post, announce } = this.context;
    return {
      labels: { copy: strings.copy, insert: strings.insert, newFile: strings.newFile },
      opensLink: strings.opensLink,
      openLink: (link: number) => post({ kind: "openLink", turn: this.turn, link }),
      code: (action: "copy" | "insert" | "newFile", block: number, element: HTMLElement) => {
        post({ kind: "code", action, turn: this.turn, block });
        if (action !== "copy") return;
        announce(strings.copied);
        flash(element, strings.copied, icon("check"));
      },
    };
  }
}

/** Both are plain data from one message format, whose keys come in a fixed order. */
function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

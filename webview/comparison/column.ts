// One answer of several: its figures, Stop while it comes, and the answer as the chat shows it.
import type { AboutAnswer, ComparedView } from "../../src/protocol/comparison.js";
import type { ToHost, TurnView } from "../../src/protocol.js";
import { AnswerView } from "../chat/answer.js";
import type { PanelContext } from "../chat/context.js";
import { ViewState } from "../chat/viewState.js";
import { whenChanged } from "../changed.js";
import { el, foreign, iconButton } from "../dom.js";
import { icon } from "../icons.js";
import type { ComparisonContext } from "./context.js";

const aboutAnswer: ReadonlySet<ToHost["kind"]> = new Set<AboutAnswer["kind"]>([
  ...(["regenerate", "code", "copyAnswer", "copyValue", "showReceipt", "verifyProvider"] as const),
  ...(["action", "openLink"] as const),
]);

const isAboutAnswer = (message: ToHost): message is AboutAnswer => aboutAnswer.has(message.kind);

export class Column {
  readonly element: HTMLElement;
  readonly id: TurnView["id"];
  /** Above its figures, which are read as its own; the answer's own byline would come after them. */
  private readonly name = el("h3", { class: "column-name" });
  private readonly figures = el("dl", { class: "figures" });
  private readonly stop: HTMLButtonElement;
  private readonly goOn: HTMLButtonElement;
  private readonly note = el("p", { class: "column-note" });
  private readonly answer: AnswerView;
  private turn: TurnView;
  private said: string;

  constructor(view: ComparedView, context: ComparisonContext) {
    this.turn = view.turn;
    this.id = view.turn.id;
    this.said = view.ended;
    this.stop = iconButton(view.stop, icon("stop"), () => context.post({ kind: "stop", turn: this.id }));
    this.stop.classList.add("stop");
    this.goOn = iconButton("", icon("answer"), () => context.post({ kind: "goOn", turn: this.id }));
    this.answer = new AnswerView(view.turn, answerContext(context));
    this.element = el(
      "article",
      { class: "column", "aria-label": view.turn.answer.byline },
      this.name,
      el("div", { class: "column-head" }, this.figures, this.stop, this.goOn),
      this.note,
      this.answer.element,
    );
    this.update(view);
  }

  /** True when there is something to say of its end that was not said yet. */
  update(view: ComparedView): boolean {
    this.turn = view.turn;
    this.name.replaceChildren(...unbroken(view.turn.answer.byline));
    this.showFigures(view.figures);
    this.stop.hidden = !view.isRunning;
    this.goOn.hidden = view.goOn === undefined;
    this.goOn.title = view.goOn ?? "";
    this.goOn.setAttribute("aria-label", view.goOn ?? "");
    this.note.replaceChildren(foreign(view.note));
    this.note.hidden = view.note === "";
    this.answer.update(view.turn);
    const isNews = view.ended !== "" && view.ended !== this.said;
    this.said = view.ended;
    return isNews;
  }

  /** Takes what arrived; it is shown with the next `flush`. */
  append(text: string, channel: "text" | "reasoning"): void {
    const { answer } = this.turn;
    const grown = channel === "text" ? { text: answer.text + text } : { reasoning: answer.reasoning + text };
    this.turn = { ...this.turn, answer: { ...answer, ...grown } };
  }

  flush(now: number): boolean {
    return this.answer.flush(this.turn, now);
  }

  private readonly showFigures = whenChanged((figures: ComparedView["figures"]) => {
    this.figures.replaceChildren(
      ...figures.map(({ label, value, title }) =>
        el("div", {}, el("dt", {}, label), el("dd", { title: title || undefined }, value)),
      ),
    );
  });
}

/** What the chat's answers ask of their host is asked of ours; folds are remembered as long as the page. */
function answerContext({ post, announce, answerStrings: strings }: ComparisonContext): PanelContext {
  const viewState = new ViewState({ getState: () => undefined, setState: () => undefined });
  return {
    post: (message) => {
      if (isAboutAnswer(message)) post(message);
    },
    ...{ strings, viewState, announce },
  };
}

/** Parts that stay whole: a narrow column breaks the line between them, not within an address. */
function unbroken(byline: string): readonly (Node | string)[] {
  const parts = byline.split(/(?<= ·) /);
  return parts.flatMap((part, at) => [at === 0 ? "" : " ", el("span", {}, foreign(part))]);
}

// What went wrong, as a page says it: one sentence, and the one button that mends it where there is one.
import { whenChanged } from "./changed.js";
import { button } from "./controls.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

export interface Problem {
  readonly text: string;
  readonly action?: string;
  /** Nothing went wrong: something is to be known. */
  readonly isNotice?: boolean;
}

export class ProblemBox {
  readonly element = el("div", { class: "notice problem", hidden: true });

  constructor(private readonly mend: () => void) {}

  readonly show = whenChanged((problem: Problem | undefined) => {
    this.element.hidden = problem === undefined;
    this.element.replaceChildren();
    if (!problem) return;
    const { text, action: label, isNotice = false } = problem;
    this.element.setAttribute("role", isNotice ? "status" : "alert");
    this.element.classList.toggle("problem", !isNotice);
    const mend = label && button({ label, appearance: "secondary", onClick: this.mend }).element;
    this.element.replaceChildren(icon(isNotice ? "notChecked" : "warning"), el("p", {}, text), mend || "");
  });
}

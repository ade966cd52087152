// Above the chain: whose verification, the one word, what changed since the first time, and what can be done.
import type { ProofChangeView, ProofPanelState, ProofSummaryView } from "../../src/protocol/proof.js";
import { button, spinner, type Button } from "../controls.js";
import { el, flash, foreign } from "../dom.js";
import { icon, type IconName } from "../icons.js";
import { whenChanged } from "../changed.js";
import { ProblemBox } from "../problemBox.js";
import { statusIcons } from "./chain.js";
import type { ProofContext } from "./context.js";

const wordIcons: Readonly<Record<ProofSummaryView["word"], IconName>> = {
  proven: "verified",
  notProven: "notProven",
  failed: "failed",
};

export class Head {
  readonly element: HTMLElement;
  private readonly title = el("h1");
  private readonly network = el("span", { class: "tag network" });
  private readonly subject = el("p", { class: "subject" });
  private readonly status = el("span");
  private readonly busy = el("span", { class: "busy", hidden: true }, spinner());
  private readonly problem: ProblemBox;
  private readonly facts = el("dl", { class: "file-facts", hidden: true });
  private readonly summary = el("section", { class: "summary", hidden: true });
  private readonly change = el("section", { class: "notice change", hidden: true });
  private readonly again: Button;
  private readonly exportButton: Button;
  private readonly chainButton: Button;
  private readonly copyButton: Button;

  constructor(private readonly context: ProofContext) {
    const { strings, post } = context;
    this.problem = new ProblemBox(() => post({ kind: "mend" }));
    this.again = this.button(strings.again, () => post({ kind: "again" }));
    this.exportButton = this.button(strings.exportReports, () => post({ kind: "exportReports" }));
    this.chainButton = this.button(strings.askChain, () => post({ kind: "askChain" }));
    this.copyButton = this.button(strings.copyAll, () => {
      post({ kind: "copyAll" });
      context.announce(strings.copied);
      flash(this.copyButton.element, strings.copied, el("span", {}, strings.copied));
    });
    this.summary.setAttribute("aria-label", strings.summary);
    this.element = el(
      "header",
      { class: "head" },
      el(
        "div",
        { class: "title-line" },
        el("div", { class: "name" }, this.title, this.network),
        el(
          "div",
          { class: "actions" },
          this.again.element,
          this.copyButton.element,
          this.exportButton.element,
          this.chainButton.element,
        ),
      ),
      this.subject,
      el("p", { class: "status" }, this.busy, this.status),
      this.facts,
      this.problem.element,
      this.summary,
      this.change,
    );
  }

  show(state: ProofPanelState): void {
    this.title.textContent = state.title;
    this.network.textContent = state.network ?? "";
    this.network.hidden = state.network === undefined;
    this.network.classList.toggle("is-sandbox", state.isSandbox);
    this.subject.replaceChildren(el("code", { dir: "ltr" }, foreign(state.subject, "code")));
    this.status.textContent = state.status;
    this.busy.hidden = !state.isBusy;
    this.again.setDisabled(state.isBusy);
    this.copyButton.setDisabled(state.links.length === 0);
    this.exportButton.element.hidden = state.canExport === undefined;
    this.exportButton.setDisabled(!state.canExport);
    this.chainButton.element.hidden = state.canAskChain === undefined;
    this.chainButton.setDisabled(state.isBusy);
    this.showFacts(state.facts);
    this.problem.show(state.problem);
    this.showSummary(state.summary);
    this.showChange(state.change);
  }

  private readonly showFacts = whenChanged((facts: ProofPanelState["facts"]) => {
    this.facts.hidden = facts.length === 0;
    this.facts.replaceChildren(
      ...facts.map(({ label, value }) =>
        el("div", {}, el("dt", {}, foreign(label)), el("dd", {}, foreign(value, "code"))),
      ),
    );
  });

  private readonly showSummary = whenChanged((summary: ProofSummaryView | undefined) => {
    this.summary.hidden = summary === undefined;
    if (!summary) return this.summary.replaceChildren();
    const { word, label, sentence, counts } = summary;
    this.summary.className = `summary is-${word}`;
    this.summary.replaceChildren(
      icon(wordIcons[word]),
      el(
        "div",
        {},
        el("p", { class: "word" }, label),
        el("p", { class: "sentence" }, sentence),
        el(
          "ul",
          { class: "counts", role: "list" },
          ...counts.map(({ status, text }) =>
            el("li", { class: `is-${status}` }, icon(statusIcons[status]), el("span", {}, text)),
          ),
        ),
      ),
    );
  });

  private readonly showChange = whenChanged((change: ProofChangeView | undefined) => {
    this.change.hidden = change === undefined;
    if (!change) return this.change.replaceChildren();
    const { strings, post } = this.context;
    const accept = this.button(change.accept, () => post({ kind: "acceptChange" }));
    this.change.replaceChildren(
      icon("warning"),
      el(
        "div",
        {},
        el("p", {}, change.text),
        el(
          "dl",
          {},
          ...change.rows.map(({ label, before, now }) =>
            el(
              "div",
              { class: "change-row" },
              el("dt", {}, foreign(label)),
              el(
                "dd",
                {},
                el("span", {}, strings.before),
                el("code", { dir: "ltr" }, foreign(before, "code")),
              ),
              el("dd", {}, el("span", {}, strings.now), el("code", { dir: "ltr" }, foreign(now, "code"))),
            ),
          ),
        ),
        accept.element,
      ),
    );
  });

  private button(label: string, onClick: () => void): Button {
    return button({ label, appearance: "secondary", onClick });
  }
}

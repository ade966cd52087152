// The line from the root down: stations with a heading, steps with what was compared. A mark's meaning is also said in words.
import type {
  ProofLinkView,
  ProofStationView,
  ProofStepView,
  ProofValueView,
} from "../../src/protocol/proof.js";
import { el, fill, flash, foreign, iconButton } from "../dom.js";
import { icon, type IconName } from "../icons.js";
import type { ProofContext } from "./context.js";

export const statusIcons: Readonly<Record<ProofStepView["status"], IconName>> = {
  proven: "check",
  observed: "observed",
  "not-checked": "notChecked",
  failed: "close",
};

const stationIcons: Readonly<Record<ProofStationView["mark"], IconName>> = {
  root: "root",
  report: "enclave",
  service: "service",
  answer: "answer",
  file: "file",
  end: "end",
};

export function chainItems(links: readonly ProofLinkView[], context: ProofContext): readonly HTMLElement[] {
  return links.map((link, index) =>
    link.kind === "station" ? stationItem(link) : stepItem(link, index, context),
  );
}

function stationItem({ mark, label, text }: ProofStationView): HTMLElement {
  return el(
    "li",
    { class: `station is-${mark}` },
    el("span", { class: "mark" }, icon(stationIcons[mark])),
    el("div", { class: "link" }, el("h3", {}, foreign(label)), el("p", {}, foreign(text, "code"))),
  );
}

function stepItem(step: ProofStepView, index: number, context: ProofContext): HTMLElement {
  const { status, statusLabel, label, explanation, left, right } = step;
  const value = (side: "left" | "right", shown: ProofValueView | undefined) =>
    shown && valueNode(shown, () => context.post({ kind: "copyValue", link: index, side }), context);
  return el(
    "li",
    { class: `step is-${status}` },
    el("span", { class: "mark" }, icon(statusIcons[status])),
    el(
      "div",
      { class: "link" },
      el(
        "p",
        { class: "step-line" },
        el("span", { class: "step-label" }, foreign(label)),
        el("span", { class: "step-status" }, statusLabel),
      ),
      el("p", { class: "step-explanation" }, foreign(explanation)),
      (left ?? right) && el("dl", { class: "values" }, value("left", left), value("right", right)),
    ),
  );
}

function valueNode(
  { label, value }: ProofValueView,
  onCopy: () => void,
  { strings, announce }: ProofContext,
): HTMLElement {
  const copy = iconButton(fill(strings.copy, label), icon("copy"), () => {
    onCopy();
    announce(strings.copied);
    flash(copy, strings.copied, icon("check"));
  });
  return el(
    "div",
    { class: "value" },
    el("dt", {}, foreign(label)),
    el("dd", {}, el("code", { dir: "ltr" }, foreign(value, "code")), copy),
  );
}

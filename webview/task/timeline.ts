// The stages, one below the other. What a stage's mark shows is also said in words.
import type { StageView } from "../../src/protocol.js";
import { el, foreign } from "../dom.js";
import { icon, type IconName } from "../icons.js";

const marks: Readonly<Record<StageView["state"], IconName>> = {
  done: "check",
  current: "current",
  upcoming: "upcoming",
  failed: "close",
};

export function timelineItems(stages: readonly StageView[]): readonly HTMLElement[] {
  return stages.map((stage) =>
    el(
      "li",
      { class: `stage-${stage.state}`, "aria-current": stage.state === "current" ? "step" : undefined },
      el("span", { class: "mark" }, icon(marks[stage.state])),
      el("span", { class: "stage-name" }, foreign(stage.label, "code")),
      el("span", { class: stage.state === "current" ? "stage-state" : "visually-hidden" }, stage.stateLabel),
      el("span", { class: "stage-time" }, stage.time),
      el("span", { class: "stage-took" }, stage.took),
    ),
  );
}

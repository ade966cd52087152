// What checking an answer found: a badge with icon and word, and a fold with every single check and its values.
import type { CheckView, TurnView, VerdictView } from "../../src/protocol.js";
import type { PanelContext } from "./context.js";
import { el, flash, foreign, iconButton } from "../dom.js";
import { fold } from "./fold.js";
import { icon, type IconName } from "../icons.js";

const checkIcons: Record<CheckView["status"], IconName> = {
  proven: "check",
  observed: "observed",
  "not-checked": "notChecked",
  failed: "close",
};

export function verdictNode(turn: TurnView["id"], verdict: VerdictView, context: PanelContext): HTMLElement {
  const mark =
    verdict.word === "checking"
      ? el("span", { class: "busy-mark", "aria-hidden": "true" })
      : icon(verdict.word);
  const hasMore = verdict.word !== "notProven" || verdict.checks.length > 0 || verdict.receipt !== undefined;
  const badge = el(
    "span",
    { class: `badge is-${verdict.word}` },
    mark,
    el("span", { class: "badge-word" }, verdict.label),
    hasMore && icon("chevron"),
  );
  // Why nothing is proven is no detail: it stands beside the word.
  const reason =
    verdict.word === "notProven" && el("span", { class: "verdict-sentence" }, foreign(verdict.sentence));
  if (!hasMore) return el("div", { class: "verdict" }, el("div", { class: "verdict-line" }, badge, reason));
  return fold(
    { id: `${turn}/verdict`, class: "verdict", summary: [badge, reason], viewState: context.viewState },
    () => [
      !reason && el("p", { class: "verdict-sentence" }, foreign(verdict.sentence)),
      verdict.checks.length > 0 &&
        el(
          "ul",
          { class: "checks", role: "list" },
          ...verdict.checks.map((check, index) => checkNode(turn, check, index, context)),
        ),
      verdict.receipt !== undefined &&
        followButton(verdict.receipt, () => context.post({ kind: "showReceipt", turn })),
    ],
  );
}

/** Above a failed answer: nobody should read it without having seen this. */
export function failedBanner(verdict: VerdictView): HTMLElement {
  return el(
    "p",
    { class: "failed-banner" },
    icon("failed"),
    el("span", {}, el("strong", {}, verdict.label), " ", foreign(verdict.sentence)),
  );
}

function checkNode(
  turn: TurnView["id"],
  check: CheckView,
  index: number,
  context: PanelContext,
): HTMLElement {
  const value = (side: "left" | "right") => {
    const shown = check[side];
    if (!shown) return [];
    const copy = iconButton(`${context.strings.copy}: ${shown.label}`, icon("copy"), () => {
      context.post({ kind: "copyValue", turn, check: index, side });
      context.announce(context.strings.copied);
      flash(copy, context.strings.copied, icon("check"));
    });
    return [
      el("dt", {}, foreign(shown.label)),
      el("dd", {}, el("code", { dir: "ltr" }, foreign(shown.value, "code")), copy),
    ];
  };
  const values = [...value("left"), ...value("right")];
  return el(
    "li",
    { class: `check is-${check.status}` },
    icon(checkIcons[check.status]),
    el(
      "div",
      {},
      el(
        "p",
        { class: "check-title" },
        el("span", { class: "check-label" }, foreign(check.label)),
        el("span", { class: "check-status" }, check.statusLabel),
      ),
      el("p", { class: "check-explanation" }, foreign(check.explanation)),
      values.length > 0 && el("dl", {}, ...values),
      check.follow !== undefined &&
        followButton(check.follow, () => context.post({ kind: "verifyProvider", turn })),
    ),
  );
}

function followButton(label: string, onClick: () => void): HTMLElement {
  const element = el("button", { class: "follow", type: "button" }, label);
  element.addEventListener("click", onClick);
  return element;
}

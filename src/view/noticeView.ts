// The few notifications of fine-tuning: what happened out of sight, until when the editor must be open again, and one way on.
import type { Notice } from "../services/fineTuning/ports.js";
import type { TaskActionId } from "../protocol.js";
import type { Telling } from "./fineTuning/taskFacts.js";
import { cleanText } from "./text.js";
import { formatRemaining } from "./time.js";
import type { Translate } from "./translate.js";

export interface NoticeView {
  readonly text: string;
  readonly isWarning: boolean;
  /** Beside "Show task"; short, because buttons of notifications are cut. */
  readonly actions: readonly { readonly id: TaskActionId; readonly label: string }[];
}

/** What is elsewhere can be shown there alone: nothing here is about it. */
export function noticeView(notice: Notice, telling: Telling): NoticeView {
  const { place } = notice;
  const view = viewHere(notice, telling);
  if (!place) return view;
  const text = telling.t(
    "{0} It is on {1}, with your wallet “{2}”.",
    view.text,
    place.network.name,
    cleanText(place.wallet.name, 60),
  );
  return { ...view, text, actions: [] };
}

function viewHere(
  { kind, run, untilWhen, secondsLeft, manner }: Notice,
  { t, now, moment }: Telling,
): NoticeView {
  const name = cleanText(run.model.name, 60);
  // On this machine's clock, which need not agree with the chain's.
  const until = now + secondsLeft * 1000;
  const left = formatRemaining(secondsLeft * 1000, t);
  const isHeldUp = run.state === "failed";
  const what = isHeldUp ? t("Its last step failed: look at the task.") : mannerText(manner, t);
  const acknowledge = { id: "acknowledgeModel" as const, label: t("Acknowledge…") };
  const calendar = { id: "saveCalendar" as const, label: t("Save deadline…") };
  const isWanted = manner === "asked" || (manner === "alone" && isHeldUp);
  const open = isWanted ? [acknowledge, calendar] : [calendar];
  switch (kind) {
    case "delivered":
      return {
        text: t(
          "The model tuned from {0} is delivered. Acknowledge it by {1}. {2}",
          name,
          moment(until),
          what,
        ),
        isWarning: false,
        actions: open,
      };
    case "halfTime":
      return {
        text: t(
          "Half the time for acknowledging the model tuned from {0} is over: {1} left. {2}",
          name,
          left,
          what,
        ),
        isWarning: true,
        actions: open,
      };
    case "oneHour":
      return {
        text: t(
          "{0} left to acknowledge the model tuned from {1}. After that {2} % of the fee and the model are lost. {3}",
          left,
          name,
          untilWhen.penaltyPercentage,
          what,
        ),
        isWarning: true,
        actions: open,
      };
    case "acknowledged":
      return {
        text: t("The model tuned from {0} was checked and acknowledged.", name),
        isWarning: false,
        actions: [],
      };
    case "missed":
      return {
        text: t("The model tuned from {0} was not acknowledged in time.", name),
        isWarning: true,
        actions: [],
      };
    case "failed":
      return {
        text:
          run.ending === "abandoned"
            ? t(
                "The provider gave up the task that tuned {0}: nothing was charged, and no key will come.",
                name,
              )
            : t("The training from {0} failed. Nothing was delivered, and nothing is charged.", name),
        isWarning: true,
        actions: [],
      };
  }
}

function mannerText(manner: Notice["manner"], t: Translate): string {
  switch (manner) {
    case "alone":
      return t("It is acknowledged by itself while the editor is open.");
    case "asked":
      return t("It waits for your word.");
    case "byCommand":
      return t("By your setting nothing asks for it: start “Acknowledge model” yourself.");
  }
}

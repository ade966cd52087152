// The few notifications of fine-tuning: what happened out of sight, until when the editor must be open again, and one way on.
import type { Notice } from "../services/fineTuning/ports.js";
import type { TaskActionId } from "../protocol.js";
import { actionLabel } from "./taskActions.js";
import type { Telling } from "./taskFacts.js";
import { cleanText } from "./text.js";
import { formatRemaining } from "./time.js";

export interface NoticeView {
  readonly text: string;
  readonly isWarning: boolean;
  /** Beside "Show task". */
  readonly actions: readonly { readonly id: TaskActionId; readonly label: string }[];
}

export function noticeView(
  { kind, run, untilWhen, needsConsent }: Notice,
  { t, now, moment }: Telling,
): NoticeView {
  const name = cleanText(run.model.name, 60);
  const until = untilWhen.at * 1000;
  const left = formatRemaining(until - now, t);
  const what = needsConsent
    ? t("It waits for your word.")
    : t("It is acknowledged by itself while the editor is open.");
  const acknowledge = { id: "acknowledgeModel" as const, label: actionLabel("acknowledgeModel", t) };
  const calendar = { id: "saveCalendar" as const, label: actionLabel("saveCalendar", t) };
  const open = needsConsent ? [acknowledge, calendar] : [calendar];
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
        text: t("The model tuned from {0} could not be acknowledged. {1} left.", name, left),
        isWarning: true,
        actions: [acknowledge],
      };
  }
}

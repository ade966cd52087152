// The rows around any list that is read from the network: loading, failed, stale.
import type { Loaded } from "../services/loaded.js";
import { errorView } from "./errors.js";
import type { Row } from "./rows.js";
import { markdownText } from "./text.js";
import { formatAgo } from "./time.js";
import type { Translate } from "./translate.js";

export interface StateTexts {
  readonly loading: string;
  /** What a click on an error row does: read again. */
  readonly retryCommand: string;
}

/** Nothing when there is a good value; the value itself is never hidden by a failure. */
export function stateRows(
  id: string,
  state: Loaded<unknown>,
  texts: StateTexts,
  t: Translate,
  now: number,
): readonly Row[] {
  const { value, error, isLoading, readAt } = state;
  if (value === undefined && isLoading)
    return [{ id: `${id}:loading`, label: texts.loading, icon: "loading~spin" }];
  if (!error || error.code === "cancelled") return [];
  const { text } = errorView(error, t);
  const label =
    value === undefined || readAt === undefined
      ? text
      : t("Updated {0}. {1}", formatAgo(readAt, now, t), text);
  return [
    {
      id: `${id}:error`,
      label,
      description: t("Click to retry"),
      tooltip: () => markdownText(text, 400),
      icon: "warning",
      iconColor: "list.warningForeground",
      context: "error",
      command: { id: texts.retryCommand },
      accessibleLabel: t("{0} Press Enter to retry.", label),
    },
  ];
}

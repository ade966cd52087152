// The rows around any list that is read from the network: loading, failed, stale.
import type { Loaded } from "../services/loaded.js";
import { errorView } from "./errors/errors.js";
import type { Row } from "./rows.js";
import { formatAgo } from "./time.js";
import type { Translate } from "./translate.js";

export interface StateTexts {
  readonly loading: string;
  /** What a click on an error row does: read again. */
  readonly retryCommand: string;
}

/** A row while the first reading runs, and one to read again after a failure. What is known already is never hidden by either. */
export function stateRows(
  id: string,
  { value, error, isLoading }: Loaded<unknown>,
  texts: StateTexts,
  t: Translate,
): readonly Row[] {
  if (value === undefined && isLoading)
    return [{ id: `${id}:loading`, label: texts.loading, icon: "loading~spin" }];
  if (!error || error.code === "cancelled") return [];
  // Reading again mends no setting, and a mended one is read by itself.
  const [settings] = error.code === "badSetting" ? errorView(error, t).actions : [];
  if (settings)
    return [
      {
        id: `${id}:settings`,
        label: settings.title,
        icon: "gear",
        context: "error",
        command: { id: settings.id },
      },
    ];
  // What only a new start, or another process's end, can mend is at hand as well.
  const starts = ["zgCompute.resetSandbox", "zgCompute.takeOverSandbox"];
  const anew = errorView(error, t).actions.filter((action) => starts.includes(action.id));
  return [
    {
      id: `${id}:retry`,
      label: t("Retry"),
      icon: "refresh",
      context: "error",
      command: { id: texts.retryCommand },
    },
    ...anew.map((action) => ({
      id: `${id}:anew`,
      label: action.title,
      icon: "debug-restart",
      context: "error",
      command: { id: action.id },
    })),
  ];
}

/** Beside the view's name: how old its numbers are; that they are old ones, where the last reading failed. */
export function stateAge({ value, error, readAt }: Loaded<unknown>, t: Translate, now: number): string {
  if (value === undefined || readAt === undefined) return "";
  return error ? t("not current: {0}", formatAgo(readAt, now, t)) : t("read {0}", formatAgo(readAt, now, t));
}

/** The sentence above a view whose last reading failed: why, and how old what is shown is. A row would cut it off. */
export function stateMessage(
  { value, error, readAt }: Loaded<unknown>,
  t: Translate,
  now: number,
): string | undefined {
  if (!error || error.code === "cancelled") return undefined;
  const { text } = errorView(error, t);
  return value === undefined || readAt === undefined
    ? text
    : t("Updated {0}. {1}", formatAgo(readAt, now, t), text);
}

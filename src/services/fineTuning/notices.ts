// What is to be told about a run, and was not yet: delivered, half of the time gone, one hour left, and how it ended. Pure. Of several that
// are due at once (the editor was closed) only the most pressing one is shown.
import { chainNow } from "../../domain/chainTime.js";
import type { AcknowledgeManner, Notice } from "./ports.js";
import type { JournalledRun, NoticeTold } from "./records.js";
import { stepOf } from "./runState.js";
import type { TaskItem, TasksState } from "./types.js";
import { acknowledgeWindow, untilWhenDelivered, untilWhenUnderWay } from "./untilWhen.js";

export interface DueNotice {
  /** Absent where there is only something to be written down. */
  readonly notice?: Notice;
  readonly told: readonly NoticeTold[];
}

const hour = 3_600;

export function dueNotice(
  { run, told }: JournalledRun,
  item: TaskItem | undefined,
  { terms, chainTime }: Pick<TasksState, "terms" | "chainTime">,
  now: number,
  manner: AcknowledgeManner,
): DueNotice | undefined {
  const { provider, taskId } = run;
  if (taskId === undefined || run.ending === "forgotten") return undefined;
  const about = { provider, taskId };
  const { deliverable } = item ?? {};
  const untilWhen = deliverable
    ? untilWhenDelivered(terms, deliverable, about)
    : untilWhenUnderWay(terms, chainTime, now, about);
  const shown = item?.run ?? run;
  const notice = (kind: Notice["kind"]): Notice => ({
    ...{ kind, run: shown, untilWhen },
    secondsLeft: untilWhen.at - chainNow(chainTime, now),
    manner: manner === "alone" && shown.waitsFor === "consent" ? "asked" : manner,
  });
  const end = endOf(run);
  if (end) return told.has(end) ? undefined : { notice: notice(end), told: [end] };
  if (!deliverable || item?.deadline === undefined) return undefined;
  const passed = passedMarks(untilWhen.at, acknowledgeWindow(terms), chainNow(chainTime, now));
  // Until it is here and verified there is nothing for the user to decide; a minute later there may be. A download may never end.
  const isAwaited = stepOf(run, "download").state === "waiting" && shown.state !== "failed";
  if (isAwaited && !told.has("delivered") && passed.length === 1) return undefined;
  const fresh = passed.filter((mark) => !told.has(mark));
  const last = fresh.at(-1);
  // It has no news but the question.
  if (last === "delivered" && manner === "byCommand") return { told: fresh };
  return last ? { notice: notice(last), told: fresh } : undefined;
}

/** Rising in urgency. */
function passedMarks(
  deadline: number,
  window: number,
  now: number,
): ("delivered" | "halfTime" | "oneHour")[] {
  return [
    "delivered" as const,
    ...(now >= deadline - window / 2 ? (["halfTime"] as const) : []),
    ...(now >= deadline - hour ? (["oneHour"] as const) : []),
  ];
}

/** How it ended, where the user is not the one who ended it. */
function endOf(run: JournalledRun["run"]): "acknowledged" | "missed" | "failed" | undefined {
  if (run.ending === "taskFailed" || run.ending === "abandoned") return "failed";
  if (run.ending === "penalty") return "missed";
  return stepOf(run, "acknowledge").state === "done" ? "acknowledged" : undefined;
}

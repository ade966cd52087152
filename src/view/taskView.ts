// A fine-tuning task as its panel shows it: stage, deadline, what can be done, and what is known, with who says so.
import type { Network } from "../domain/networks.js";
import type { TrainingLoss } from "../domain/trainingLoss.js";
import type { DeadlineView, FactView, TaskPanelStrings, TaskView } from "../protocol.js";
import { shortAddress } from "./address.js";
import { errorView } from "./errors.js";
import { lossChart } from "./lossChart.js";
import { formatExact } from "./money.js";
import { actionLabel, taskActions } from "./taskActions.js";
import { deadlineOf, type TaskFacts, type TaskWork, type Telling } from "./taskFacts.js";
import { currentStageName, stageSentence, stageTimeline } from "./taskStages.js";
import { cleanText } from "./text.js";
import { formatRemaining } from "./time.js";
import type { Translate } from "./translate.js";

export function taskView(
  facts: TaskFacts,
  network: Network | undefined,
  loss: TrainingLoss,
  telling: Telling,
): TaskView {
  const { task, work, problem } = facts;
  const { t } = telling;
  const error = problem && problem.code !== "cancelled" ? errorView(problem, t) : undefined;
  const deadline = deadlineView(facts, telling);
  return {
    id: task.id,
    title: taskTitle(facts, t),
    subtitle: t("Task {0} at {1}", shortTask(task.id), shortAddress(task.provider)),
    network: network?.name ?? t("No network"),
    isSandbox: network?.isSandbox ?? false,
    stage: currentStageName(facts, t),
    status: stageSentence(facts, t),
    ...(deadline ? { deadline } : {}),
    ...(work ? { work: { text: workText(work, t), fraction: work.fraction } } : {}),
    ...(error ? { problem: { text: error.text, action: error.actions[0]?.title } } : {}),
    actions: work
      ? []
      : taskActions(facts).map((id, index) => ({
          id,
          label: actionLabel(id, t),
          isPrimary: index === 0 && id !== "cancelTask" && id !== "revealModel",
        })),
    stages: stageTimeline(facts, telling),
    chart: lossChart(facts, loss, t),
    facts: taskFactList(facts, telling),
  };
}

export function taskTitle({ task, modelName }: TaskFacts, t: Translate): string {
  return modelName === undefined
    ? t("Model {0}", shortAddress(cleanText(task.modelHash, 80)))
    : cleanText(modelName, 80);
}

export function shortTask(id: string): string {
  return cleanText(id, 60).slice(0, 8);
}

/** Within the last quarter of the time, or the last hour, nothing else is as important. */
export function deadlineView(facts: TaskFacts, { t, now, moment }: Telling): DeadlineView | undefined {
  const { deliverable, terms } = facts;
  const until = deadlineOf(facts);
  if (until === undefined || !deliverable || !terms) return undefined;
  const left = until - now;
  const whole = until - deliverable.timestamp * 1000;
  const isUrgent = left < Math.max(whole / 4, 60 * 60_000);
  if (left <= 0)
    return {
      left: t("Time is up"),
      sentence: t(
        "The model had to be acknowledged by {0}. The provider may settle at any moment and keep {1} % of the fee; until then it can still be acknowledged.",
        moment(until),
        terms.penaltyPercentage,
      ),
      isUrgent: true,
    };
  return {
    left: t("{0} left", formatRemaining(left, t)),
    sentence: t(
      "Acknowledge the model by {0}. After that the provider keeps {1} % of the fee, the model is lost, and this account takes no other. Nothing runs while the editor is closed.",
      moment(until),
      terms.penaltyPercentage,
    ),
    isUrgent,
  };
}

export function workText({ step }: TaskWork, t: Translate): string {
  switch (step) {
    case "upload":
      return t("Uploading the dataset…");
    case "create":
      return t("Creating the task…");
    case "cancel":
      return t("Cancelling the task…");
    case "download":
      return t("Downloading and checking the model…");
    case "acknowledge":
      return t("Acknowledging the model…");
    case "decrypt":
      return t("Decrypting the model…");
    case "deploy":
      return t("Deploying the adapter…");
  }
}

/** What is known, and where the words end that the provider alone vouches for. */
export function taskFactList(facts: TaskFacts, { t, moment }: Telling): readonly FactView[] {
  const { task, deliverable, files, adapter } = facts;
  const known: (FactView | undefined)[] = [
    copyable(t("Task"), task.id),
    copyable(t("Provider"), task.provider),
    fact(t("Created"), moment(task.createdAt)),
    fact(t("Fee"), task.fee === 0n ? t("not known before the task is set up") : formatExact(task.fee, t)),
    fact(t("Training parameters"), parametersText(task.trainingParams, t)),
    copyable(t("Base model"), task.modelHash),
    copyable(t("Dataset"), task.datasetHash),
    deliverable && copyable(t("Encrypted model, hash on the chain"), deliverable.modelRootHash),
    files.check &&
      fact(
        t("Checked before anything was acknowledged"),
        files.check.rootKind === "merkle"
          ? t("the file has the storage root of the chain; signed by {0}", shortAddress(files.check.signer))
          : t("the file has the hash of the chain; signed by {0}", shortAddress(files.check.signer)),
      ),
    files.folder === undefined ? undefined : copyable(t("Decrypted model"), files.folder),
    adapter &&
      copyable(
        t("Adapter ({0})", adapter.state === "unknown" ? t("unknown state") : adapter.state),
        adapter.name,
      ),
  ];
  return known.filter((one) => one !== undefined);
}

/** The five values in a line; the text as it is where it cannot be read. */
export function parametersText(text: string, t: Translate): string {
  try {
    const parsed: unknown = JSON.parse(text.slice(0, 10_000));
    if (typeof parsed !== "object" || parsed === null) return cleanText(text, 300);
    const entries = Object.entries(parsed).slice(0, 12);
    return entries
      .map(([name, value]) => `${cleanText(name, 40)} ${cleanText(String(value), 40)}`)
      .join(", ");
  } catch {
    return cleanText(text, 300) || t("unknown");
  }
}

function fact(label: string, value: string): FactView {
  return { label, value, isCopyable: false };
}

function copyable(label: string, value: string): FactView {
  return { label, value: cleanText(value, 400), isCopyable: true };
}

export function taskPanelStrings(t: Translate): TaskPanelStrings {
  return {
    stages: t("Stages"),
    log: t("Training log"),
    noLog: t("The provider has written nothing yet."),
    openLog: t("Open as document"),
    earlierLines: t("{0} earlier lines are left out"),
    loss: t("Loss"),
    values: t("Values as a table"),
    facts: t("What is known"),
    actions: t("Actions"),
    copy: t("Copy {0}"),
    copied: t("Copied"),
    jumpToLatest: t("Jump to latest"),
    stageIs: t("Stage: {0}"),
  };
}

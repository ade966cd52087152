// A fine-tuning task as its panel shows it: stage, deadline, what can be done, and what is known, with who says so.
import type { Neuron } from "../../domain/money.js";
import { isDearer } from "../../domain/trainingFee.js";
import type { Network } from "../../domain/networks.js";
import type { FineTuningRun, RunStep, RunStepName, TaskItem } from "../../services/fineTuning/types.js";
import type { DeadlineView, FactView, TaskPanelStrings, TaskView } from "../../protocol.js";
import { shortAddress } from "../address.js";
import { errorView } from "../errors/errors.js";
import { lossChart, type LogCurve } from "./lossChart.js";
import { formatExact } from "../money/money.js";
import { signerChangeText } from "../proof/signerChangeView.js";
import { stuckSentence } from "./stuckView.js";
import { actionLabel, taskActions } from "./taskActions.js";
import {
  deadlineOf,
  filesOf,
  isCheckedFirst,
  overchargeSentence,
  problemOf,
  runningStep,
  type TaskFacts,
  type Telling,
} from "./taskFacts.js";
import { currentStageName, stageSentence, stageTimeline } from "./taskStages.js";
import { cleanText } from "../text.js";
import { formatRemaining } from "../time.js";
import type { Translate } from "../translate.js";
import { backSentence, timeFromDelivery } from "../whenToBeBack.js";

export function taskView(
  facts: TaskFacts,
  network: Network | undefined,
  curve: LogCurve,
  telling: Telling,
): TaskView {
  const { item } = facts;
  const { t } = telling;
  const deadline = deadlineView(facts, telling);
  const back = timeFromDelivery(facts);
  const work = runningStep(facts);
  const problem = problemView(facts, t);
  return {
    id: item.id,
    title: taskTitle(item, t),
    subtitle: t("Task {0} at {1}", shortTask(item.id), shortAddress(item.provider)),
    network: network?.name ?? t("No network"),
    isSandbox: network?.isSandbox ?? false,
    stage: currentStageName(facts, t),
    status:
      back === undefined
        ? stageSentence(facts, t)
        : `${stageSentence(facts, t)} ${backSentence(back, telling)}`,
    ...(deadline ? { deadline } : {}),
    ...(work ? { work: workView(work, t) } : {}),
    ...(problem ? { problem } : {}),
    actions: taskActions(facts).map((id, index) => ({
      id,
      label: actionLabel(id, facts, t),
      isPrimary: index === 0 && id !== "cancelTask" && id !== "revealModel" && id !== "saveCalendar",
    })),
    stages: stageTimeline(facts, telling),
    chart: lossChart(facts, curve, t),
    facts: taskFactList(facts, telling),
  };
}

/** The base model's name, from our own records or the model's lineage; else its hash, which the provider alone can name. */
export function taskTitle({ run, task }: TaskItem, t: Translate): string {
  if (run) return cleanText(run.model.name, 80);
  return task ? t("Model {0}", shortAddress(cleanText(task.modelHash, 80))) : t("Unknown model");
}

export function shortTask(id: string): string {
  return cleanText(id, 60).slice(0, 8);
}

/** What cost more than was agreed is said beside whatever else is wrong. */
function problemView(facts: TaskFacts, t: Translate): TaskView["problem"] {
  const overcharge = overchargeSentence(facts.item, t);
  const problem = troubleView(facts, t);
  if (overcharge === undefined) return problem;
  return problem ? { ...problem, text: `${overcharge} ${problem.text}` } : { text: overcharge };
}

/** What went wrong here, what the provider changed, or what the account is stuck in: one sentence, one button. */
function troubleView(facts: TaskFacts, t: Translate): TaskView["problem"] {
  const { stuck, signerChange, differences } = facts.item;
  const error = problemOf(facts);
  if (error) {
    const view = errorView(error, t);
    return { text: view.text, action: view.actions[0]?.title };
  }
  if (stuck) return { text: stuckSentence(stuck, t) };
  if (signerChange) return { text: signerChangeText(signerChange, t) };
  if (differences.length === 0) return undefined;
  return {
    text: t(
      "The provider tells of another task than was sent. Different: {0}.",
      differences.map((name) => differenceName(name, t)).join(", "),
    ),
  };
}

function differenceName(name: TaskItem["differences"][number], t: Translate): string {
  switch (name) {
    case "model":
      return t("the base model");
    case "dataset":
      return t("the dataset");
    case "parameters":
      return t("the training parameters");
    case "nonce":
      return t("the task's number");
    case "user":
      return t("the user");
    case "signature":
      return t("the signature");
  }
}

/** Within the last quarter of the time, or the last hour, nothing else is as important. */
export function deadlineView(facts: TaskFacts, { t, now, moment }: Telling): DeadlineView | undefined {
  const { item, terms } = facts;
  const until = deadlineOf(facts, now);
  if (until === undefined || item.deadline === undefined) return undefined;
  const left = until - now;
  const whole = item.deliverable ? (item.deadline - item.deliverable.timestamp) * 1000 : 0;
  const isUrgent = left < Math.max(whole / 4, 60 * 60_000);
  const penalty = terms ? t("{0} % of the fee", terms.penaltyPercentage) : t("a part of the fee");
  if (left <= 0)
    return {
      left: t("Time is up"),
      sentence: t(
        "The model had to be acknowledged by {0}. The provider may settle at any moment and keep {1}; until then it can still be acknowledged.",
        moment(until),
        penalty,
      ),
      isUrgent: true,
    };
  return {
    left: t("{0} left", formatRemaining(left, t)),
    sentence: t(
      "Acknowledge the model by {0}. After that the provider keeps {1}, the model is lost, and this account takes no other. Nothing runs while the editor is closed.",
      moment(until),
      penalty,
    ),
    isUrgent,
  };
}

function workView({ name, progress }: RunStep, t: Translate): NonNullable<TaskView["work"]> {
  const fraction = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : undefined;
  return { text: t("{0}…", stepName(name, t)), ...(fraction === undefined ? {} : { fraction }) };
}

/** Our own steps, from a dataset to a model. */
export function stepName(name: RunStepName, t: Translate): string {
  switch (name) {
    case "deposit":
      return t("Deposit to the ledger");
    case "transfer":
      return t("Transfer to the provider");
    case "acknowledgeSigner":
      return t("Acknowledge the provider's signer");
    case "upload":
      return t("Upload the dataset");
    case "createTask":
      return t("Create the task");
    case "training":
      return t("Wait for the training");
    case "download":
      return t("Download and check the model");
    case "acknowledge":
      return t("Acknowledge the model");
    case "settlement":
      return t("Wait for the settlement");
    case "decrypt":
      return t("Decrypt the model");
    case "extract":
      return t("Unpack the model");
    case "deploy":
      return t("Deploy the adapter");
  }
}

/** What is known; what the provider alone says is told apart by the words before it. */
function taskFactList(facts: TaskFacts, { t, moment }: Telling): readonly FactView[] {
  const { item, model } = facts;
  const { task, deliverable, run } = item;
  const check = run?.check ?? model?.check;
  const { folder, decrypted } = filesOf(facts);
  const adapter = model?.adapter;
  const datasetHash = run?.datasetHash ?? task?.datasetHash;
  const known: (FactView | undefined)[] = [
    copyable(t("Task"), item.id),
    copyable(t("Provider"), item.provider),
    task && fact(t("Created"), moment(task.createdAt)),
    feeFact(facts, t),
    run?.dataset && copyable(t("Training file"), run.dataset.path),
    datasetHash === undefined ? undefined : copyable(t("Dataset"), datasetHash),
    fact(t("Training parameters"), parametersText(run?.trainingParams ?? task?.trainingParams ?? "", t)),
    task && copyable(t("Base model"), task.modelHash),
    deliverable && copyable(t("Encrypted model, hash on the chain"), deliverable.modelRootHash),
    check &&
      fact(
        isCheckedFirst(run, deliverable?.isAcknowledged ?? model?.isAcknowledged ?? false)
          ? t("Checked before anything was acknowledged")
          : t("Checked, but not before it was acknowledged"),
        check.rootKind === "merkle"
          ? t("the file has the storage root of the chain; signed by {0}", shortAddress(check.signer))
          : t("the file has the hash of the chain; signed by {0}", shortAddress(check.signer)),
      ),
    decrypted === undefined ? undefined : copyable(t("Decrypted model"), decrypted),
    folder === undefined ? undefined : copyable(t("Unpacked model"), folder),
    adapter && copyable(t("Adapter"), adapter.name),
    adapter && fact(t("Adapter's state, by its provider"), adapterState(adapter.state, t)),
  ];
  return known.filter((one) => one !== undefined);
}

/** Undefined: it is within what was said. */
export function dearerText(
  fee: Neuron | undefined,
  { feeCeiling }: Pick<FineTuningRun, "feeCeiling">,
  t: Translate,
): string | undefined {
  if (feeCeiling === undefined || !isDearer(fee, feeCeiling)) return undefined;
  return t(
    "This is more than the most that was said at its beginning, which is {0}.",
    formatExact(feeCeiling, t),
  );
}

function feeFact({ item }: TaskFacts, t: Translate): FactView | undefined {
  const { task, run } = item;
  if (run?.settledFee !== undefined)
    return fact(t("Fee"), t("{0}, taken by the contract", formatExact(run.settledFee, t)));
  if (task && task.fee > 0n) {
    const said = t("{0}, by the provider", formatExact(task.fee, t));
    const dearer = dearerText(task.fee, run ?? {}, t);
    return fact(t("Fee"), dearer === undefined ? said : `${said}. ${dearer}`);
  }
  if (run?.feeCeiling !== undefined)
    return fact(t("Fee"), t("at most {0} by our count", formatExact(run.feeCeiling, t)));
  return task && fact(t("Fee"), t("not known before the task is set up"));
}

export function adapterState(state: string, t: Translate): string {
  switch (state) {
    case "ready":
      return t("ready to be deployed");
    case "active":
      return t("deployed");
    case "init":
    case "pending":
    case "downloading":
    case "loading":
      return t("being loaded");
    case "offloaded":
    case "archived":
      return t("put aside; the next question brings it back");
    case "failed":
      return t("failed to load");
    default:
      return t("unknown");
  }
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

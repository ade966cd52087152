// The stages of a task as a timeline: what each is called, what happens in it, and since when, as far as anybody saw it.
import { taskStages, type TaskStage } from "../../domain/fineTuning.js";
import type { StageView } from "../../protocol.js";
import { cleanText } from "../text.js";
import { filesOf, isWithoutKey, seenOf, stageOf, type TaskFacts, type Telling } from "./taskFacts.js";
import { formatRemaining } from "../time.js";
import type { Translate } from "../translate.js";

function stageName(stage: TaskStage, t: Translate): string {
  switch (stage) {
    case "Init":
      return t("Created");
    case "SettingUp":
      return t("Setting up");
    case "SetUp":
      return t("Set up");
    case "Training":
      return t("Training");
    case "Trained":
      return t("Trained");
    case "Delivering":
      return t("Delivering");
    case "Delivered":
      return t("Delivered");
    case "UserAcknowledged":
      return t("Acknowledged");
    case "Finished":
      return t("Finished");
    case "Failed":
      return t("Failed");
  }
}

/** The name of the stage a task is in; a name this version does not know is shown as the provider wrote it. */
export function currentStageName({ item }: TaskFacts, t: Translate): string {
  const stage = stageOf(item);
  return stage === "unknown"
    ? cleanText(item.task?.stageText ?? "", 40) || t("Unknown")
    : stageName(stage, t);
}

/** One sentence: what goes on now, and what comes next. */
export function stageSentence(facts: TaskFacts, t: Translate): string {
  const { item } = facts;
  const queue = item.tasksBefore;
  switch (stageOf(item)) {
    case "Init":
      return queue
        ? t("Waits to be set up. Tasks of others at this provider: {0}.", queue)
        : t("Waits to be set up.");
    case "SettingUp":
      return t("The provider fetches the data and the model, counts the tokens and checks your balance.");
    case "SetUp":
      return queue
        ? t("Ready, waits for its turn to train. Tasks of others at this provider: {0}.", queue)
        : t("Ready, waits for its turn to train.");
    case "Training":
      return t("The model is being trained. From here the task can no longer be cancelled.");
    case "Trained":
      return t("The training is over. The model is packed and encrypted next.");
    case "Delivering":
      return t("The provider encrypts the model, uploads it and announces it on the chain.");
    case "Delivered":
      if (filesOf(facts).encrypted !== undefined)
        return t("The encrypted model is on this machine and was checked. It waits to be acknowledged.");
      return t(
        "The encrypted model waits for you. It is downloaded and checked first, and acknowledged after that.",
      );
    case "UserAcknowledged":
      return t(
        "You acknowledged the model. The provider settles the fee next and publishes the key, usually within minutes.",
      );
    case "Finished":
      return finishedSentence(facts, t);
    case "Failed":
      return item.deliverable === undefined
        ? t("The task failed or was cancelled. Nothing was delivered, and nothing is charged.")
        : t("The task failed after its model was announced. Nothing is charged unless it is settled.");
    case "unknown":
      return item.task
        ? t("The provider names a stage that this version does not know.")
        : t("The provider does not tell of this task, and nothing is on the chain yet.");
  }
}

function finishedSentence(facts: TaskFacts, t: Translate): string {
  switch (isWithoutKey(facts.item)) {
    case "penalty":
      return t("Settled without your acknowledgement: a part of the fee was taken, and no key will come.");
    case "abandoned":
      return t("The provider gave the task up: nothing was charged, and no key will come.");
    case undefined:
      if (facts.item.stuck?.why === "useless")
        return t("Settled, but the key on the chain does not open the model.");
      return openedSentence(facts, t);
  }
}

function openedSentence(facts: TaskFacts, t: Translate): string {
  const { folder, decrypted } = filesOf(facts);
  if (folder !== undefined) return t("Settled. The model is decrypted and unpacked on this machine.");
  return decrypted === undefined
    ? t("Settled. The key is on the chain: the model can be decrypted.")
    : t("Settled. The model is decrypted on this machine and can be unpacked.");
}

/** Every stage in order; of a task that failed, or is in a stage nobody knows, only what was reached. */
export function stageTimeline(facts: TaskFacts, telling: Telling): readonly StageView[] {
  const { item } = facts;
  const stage = stageOf(item);
  const seen = seenOf(item);
  const isReached = (one: TaskStage) => one === "Init" || seen.has(one);
  const isPassable = (one: TaskStage) =>
    one !== "Failed" && (one !== "UserAcknowledged" || isWithoutKey(item) === undefined);
  const ordered = taskStages.filter(isPassable);
  if (stage === "Failed" || stage === "unknown") {
    const reached = ordered.filter(isReached);
    const shown = reached.map((one, index) =>
      stageView({ stage: one, next: reached[index + 1] ?? "Failed", state: "done" }, facts, telling),
    );
    return [...shown, lastStage(facts, telling)];
  }
  const at = ordered.indexOf(stage);
  return ordered.map((one, index) => {
    const isOver = index < at || (index === at && one === "Finished");
    const state = isOver ? "done" : index === at ? "current" : "upcoming";
    return stageView({ stage: one, next: ordered[index + 1], state }, facts, telling);
  });
}

function lastStage(facts: TaskFacts, telling: Telling): StageView {
  const { t } = telling;
  if (stageOf(facts.item) === "Failed")
    return stageView({ stage: "Failed", next: undefined, state: "failed" }, facts, telling);
  const label = currentStageName(facts, t);
  return {
    label,
    state: "current",
    stateLabel: t("now"),
    time: facts.item.task ? telling.moment(facts.item.task.updatedAt) : "",
    took: "",
  };
}

interface ShownStage {
  readonly stage: TaskStage;
  readonly next: TaskStage | undefined;
  readonly state: StageView["state"];
}

function stageView(
  { stage, next, state }: ShownStage,
  facts: TaskFacts,
  { t, now, moment }: Telling,
): StageView {
  const began = state === "upcoming" ? undefined : beganAt(stage, facts);
  const ended = state === "current" ? now : next && beganAt(next, facts);
  const took = began !== undefined && ended !== undefined ? ended - began : undefined;
  return {
    label: stageName(stage, t),
    state,
    stateLabel: stateLabel(state, t),
    time: began !== undefined ? moment(began) : state === "done" ? t("time not seen") : "",
    took: took === undefined || took < 1000 ? "" : formatRemaining(took, t),
  };
}

function stateLabel(state: StageView["state"], t: Translate): string {
  switch (state) {
    case "done":
      return t("done");
    case "current":
      return t("now");
    case "upcoming":
      return t("not yet");
    case "failed":
      return t("failed");
  }
}

/** The provider dates the creation and the latest change, the chain the delivery; the rest is what this editor saw. */
function beganAt(stage: TaskStage, { item }: TaskFacts): number | undefined {
  const { task, deliverable, run } = item;
  if (stage === "Init") return task?.createdAt ?? run?.createdAt;
  if (stage === "Delivered" && deliverable) return deliverable.timestamp * 1000;
  return seenOf(item).get(stage) ?? (stage === task?.stage ? task.updatedAt : undefined);
}

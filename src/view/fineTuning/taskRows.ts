// Fine-tuning tasks as rows: provider -> task -> stages, queue, fee, deadline, files; runs that have no task yet beside them.
import type { KeptError } from "../../domain/chat.js";
import type {
  Emptying,
  FineTuningRun,
  ModelItem,
  ProviderTasks,
  RunStep,
  TaskItem,
  TasksState,
} from "../../services/fineTuning/types.js";
import { shortAddress } from "../address.js";
import { errorView } from "../errors/errors.js";
import { formatExact, formatOg } from "../money/money.js";
import type { Row } from "../rows.js";
import { stateRows } from "../stateRows.js";
import { signerChangeText } from "../proof/signerChangeView.js";
import { stuckSentence } from "./stuckView.js";
import { taskActions } from "./taskActions.js";
import {
  factsOf,
  filesOf,
  overchargeSentence,
  problemOf,
  runningStep,
  stageOf,
  type TaskFacts,
  type Telling,
} from "./taskFacts.js";
import { currentStageName, stageSentence, stageTimeline } from "./taskStages.js";
import { deadlineView, shortTask, stepName, taskTitle } from "./taskView.js";
import type { TasksShown } from "./taskWelcome.js";
import { cleanText, markdownText } from "../text.js";
import type { Translate } from "../translate.js";

export interface TaskRowsOptions extends TasksShown {
  readonly models: readonly ModelItem[];
}

export function taskRows({ tasks, models, emptyings }: TaskRowsOptions, telling: Telling): readonly Row[] {
  const { t } = telling;
  const texts = { loading: t("Loading tasks…"), retryCommand: "zgCompute.refreshTasks" };
  const around = stateRows("tasks", tasks, texts, t);
  const { value } = tasks;
  if (!value) return around;
  const shown = value.providers.filter(
    ({ tasks: own, runs, stuck }) => own.length + runs.length > 0 || stuck,
  );
  return [
    ...around,
    ...emptyings
      .filter(({ state }) => state !== "done" && state !== "ended")
      .map((one) => emptyingRow(one, telling)),
    ...shown.map((provider) => providerRow(provider, value, models, telling)),
  ];
}

function providerRow(
  own: ProviderTasks,
  state: TasksState,
  models: readonly ModelItem[],
  telling: Telling,
): Row {
  const { provider, account, error, stuck } = own;
  const { t } = telling;
  const key = provider.toLowerCase();
  const description = [
    stuck ? t("stuck") : "",
    error ? t("not answering") : "",
    account ? t("{0} in the account", formatOg(account.balance, t)) : "",
  ];
  return {
    id: `tuning:${key}`,
    label: shortAddress(provider),
    description: joined(description),
    tooltip: () =>
      paragraphs(
        t("Fine-tuning provider {0}", provider),
        own.service ? markdownText(own.service.url) : t("It is not registered here any more."),
        account ? t("In the account: {0}", formatExact(account.balance, t)) : "",
        error ? whyText(error, t) : "",
        stuck ? stuckSentence(stuck, t) : "",
      ),
    icon: stuck ? "warning" : "server-environment",
    ...(stuck ? { iconColor: "list.warningForeground" } : {}),
    context: joinedWords("tuningProvider address", stuck ? "recover" : ""),
    subject: { provider, service: "fine-tuning", address: provider, ...(stuck ? { stuck } : {}) },
    children: [
      ...own.runs.map((run) => runRow(run, telling)),
      ...own.tasks.map((item) => taskRow(factsOf(item, state, models), telling)),
    ],
  };
}

/** The stage comes first: of a narrow row nothing else is seen, and tasks of one model are told apart by it. */
function taskRow(facts: TaskFacts, telling: Telling): Row {
  const { item } = facts;
  const { t } = telling;
  const stage = currentStageName(facts, t);
  const deadline = deadlineView(facts, telling);
  const work = runningStep(facts);
  const problem = problemOf(facts);
  const mark = taskIcon(facts);
  const description = joined([
    deadline?.left ?? "",
    problem ? t("the last step failed") : "",
    item.overcharge ? t("cost more than was agreed") : "",
    work ? stepName(work.name, t) : "",
    taskTitle(item, t),
    shortTask(item.id),
  ]);
  return {
    id: `task:${item.provider.toLowerCase()}:${item.id}`,
    label: stage,
    description,
    tooltip: () =>
      paragraphs(
        `**${markdownText(taskTitle(item, t))}**`,
        stageSentence(facts, t),
        deadline ? `${deadline.left}. ${deadline.sentence}` : "",
        problem ? whyText(problem, t) : "",
        overchargeSentence(item, t) ?? "",
        item.stuck ? stuckSentence(item.stuck, t) : "",
        damagedSentence(item.run, t),
        item.signerChange ? signerChangeText(item.signerChange, t) : "",
        t("Task {0}", markdownText(item.id, 60)),
      ),
    ...mark,
    context: joinedWords("task", ...taskActions(facts)),
    subject: taskSubject(item),
    children: taskDetails(facts, telling),
    isCollapsed: !isUnfinished(item),
    command: { id: "zgCompute.openTask" },
    accessibleLabel: `${stage}, ${description}`,
  };
}

function taskSubject({ provider, id, run, stuck }: TaskItem): Row["subject"] {
  return {
    provider,
    address: provider,
    task: id,
    ...(run ? { run: run.id } : {}),
    ...(stuck ? { stuck } : {}),
  };
}

function isUnfinished(item: TaskItem): boolean {
  const stage = stageOf(item);
  return stage !== "Finished" && stage !== "Failed";
}

function damagedSentence(run: FineTuningRun | undefined, t: Translate): string {
  const lines = run?.damagedLines;
  return lines === undefined ? "" : t("Lines of its record here that cannot be read: {0}.", lines);
}

function fileWord(facts: TaskFacts, t: Translate): string {
  const { folder, decrypted } = filesOf(facts);
  if (folder !== undefined) return t("Unpacked model");
  return decrypted === undefined ? t("Encrypted model") : t("Decrypted model");
}

function taskIcon(facts: TaskFacts): Pick<Row, "icon" | "iconColor"> {
  const { item } = facts;
  if (runningStep(facts)) return { icon: "sync~spin" };
  const isOdd =
    item.overcharge !== undefined || item.signerChange !== undefined || item.differences.length > 0;
  if (item.stuck || isOdd || problemOf(facts))
    return { icon: "warning", iconColor: "list.warningForeground" };
  switch (stageOf(item)) {
    case "Delivered":
      return { icon: "package" };
    case "Finished":
      return { icon: "pass" };
    case "Failed":
      return { icon: "error", iconColor: "list.errorForeground" };
    case "unknown":
      return { icon: "question" };
    default:
      return { icon: "loading~spin" };
  }
}

/** Deadline and queue first, then the stages that were reached, then what can be opened. */
function taskDetails(facts: TaskFacts, telling: Telling): readonly Row[] {
  const { item } = facts;
  const { t } = telling;
  const id = `${item.provider.toLowerCase()}:${item.id}`;
  const deadline = deadlineView(facts, telling);
  const stages = stageTimeline(facts, telling).filter((stage) => stage.state !== "upcoming");
  const { folder, decrypted, encrypted } = filesOf(facts);
  const file = folder ?? decrypted ?? encrypted;
  const row = (name: string, part: Omit<Row, "id">): Row => ({ id: `${name}:${id}`, ...part });
  return [
    ...(deadline
      ? [
          row("deadline", {
            label: deadline.left,
            description: t("to acknowledge the model"),
            tooltip: () => deadline.sentence,
            icon: "watch",
            ...(deadline.isUrgent ? { iconColor: "list.warningForeground" } : {}),
          }),
        ]
      : []),
    ...(item.tasksBefore
      ? [
          row("queue", {
            label: t("Tasks of others before it"),
            description: String(item.tasksBefore),
            icon: "list-ordered",
          }),
        ]
      : []),
    ...stages.map((stage, index) =>
      row(`stage${index}`, {
        label: stage.label,
        description: joined([stage.time, stage.took]),
        icon: stage.state === "done" ? "check" : stage.state === "failed" ? "error" : "circle-filled",
        accessibleLabel: [stage.label, stage.stateLabel, stage.time].filter((part) => part !== "").join(", "),
      }),
    ),
    ...feeRows(item, t).map((part) => row("fee", part)),
    row("log", {
      label: t("Training log"),
      icon: "output",
      context: "taskLog",
      subject: taskSubject(item),
      command: { id: "zgCompute.viewTaskLog" },
    }),
    ...(item.deliverable
      ? [
          row("deliverable", {
            label: t("Deliverable"),
            description: shortAddress(cleanText(item.deliverable.modelRootHash, 140)),
            tooltip: () => deliverableTooltip(item, t),
            icon: "archive",
          }),
        ]
      : []),
    ...(file === undefined
      ? []
      : [
          row("file", {
            label: fileWord(facts, t),
            description: file,
            icon: folder === undefined ? "file-zip" : "folder",
            context: "modelFile",
            subject: taskSubject(item),
            command: { id: "zgCompute.revealModel" },
          }),
        ]),
  ];
}

/** What was taken, once the chain tells; before that what the provider says. */
function feeRows(item: TaskItem, t: Translate): readonly Omit<Row, "id">[] {
  const settled = item.run?.settledFee;
  const fee = settled ?? item.task?.fee;
  if (!fee) return [];
  const overcharge = overchargeSentence(item, t);
  return [
    {
      label: settled === undefined ? t("Fee") : t("Fee taken"),
      description: formatExact(fee, t),
      icon: "tag",
      ...(overcharge === undefined
        ? {}
        : { iconColor: "list.warningForeground", tooltip: () => overcharge, accessibleLabel: overcharge }),
    },
  ];
}

function deliverableTooltip({ deliverable }: TaskItem, t: Translate): string {
  if (!deliverable) return "";
  const { modelRootHash, isAcknowledged, isSettled, encryptedSecret } = deliverable;
  return paragraphs(
    t("Hash on the chain: {0}", markdownText(modelRootHash, 140)),
    isAcknowledged ? t("You acknowledged it.") : t("It is not acknowledged."),
    isSettled ? t("Its fee is settled.") : t("Its fee is not settled yet."),
    encryptedSecret.length > 2
      ? t("Its key is on the chain, encrypted for your wallet.")
      : t("No key is on the chain."),
  );
}

/** A run whose task does not exist yet: its own steps stand in for the stages. */
function runRow(run: FineTuningRun, { t }: Telling): Row {
  const current = run.steps.find((step) => step.state === "running" || step.state === "failed");
  const shown = run.steps.filter((step) => step.state !== "skipped" && step.state !== "waiting");
  const canGoOn = run.state === "paused" || run.state === "failed" || run.waitsFor === "consent";
  const error = current?.error;
  const [label = "", ...rest] = [
    runWord(run, t),
    current ? stepName(current.name, t) : "",
    cleanText(run.model.name, 80),
  ].filter((part) => part !== "");
  return {
    id: `run:${run.id}`,
    label,
    description: joined(rest),
    ...(error ? { tooltip: () => whyText(error, t) } : {}),
    icon: run.state === "running" ? "sync~spin" : run.state === "failed" ? "warning" : "debug-pause",
    context: joinedWords(
      "run",
      canGoOn ? "resumeRun" : "",
      run.state === "ended" ? "forgetRun" : "cancelRun",
    ),
    subject: { provider: run.provider, address: run.provider, run: run.id },
    children: shown.map((step) => ({
      id: `step:${run.id}:${step.name}`,
      label: stepName(step.name, t),
      accessibleLabel: `${stepName(step.name, t)}, ${stepWord(step.state, t)}`,
      icon: step.state === "done" ? "check" : step.state === "running" ? "sync~spin" : "error",
    })),
    isCollapsed: run.state !== "running",
  };
}

function runWord({ state, waitsFor, ending }: FineTuningRun, t: Translate): string {
  if (waitsFor === "otherWindow") return t("Another window is at it");
  if (waitsFor === "consent") return t("Waits for your word");
  switch (state) {
    case "running":
      return "";
    case "waiting":
      return t("Waiting");
    case "paused":
      return t("Interrupted");
    case "failed":
      return t("Failed");
    case "done":
      return t("Done");
    case "ended":
      return ending === "cancelled" ? t("Cancelled") : t("Ended");
  }
}

/** Icons alone do not reach a screen reader. */
function stepWord(state: RunStep["state"], t: Translate): string {
  if (state === "done") return t("done");
  return state === "running" ? t("under way") : t("failed");
}

function emptyingRow(emptying: Emptying, { t, moment }: Telling): Row {
  const { id, provider, unlocksAt } = emptying;
  return {
    id: `emptying:${id}`,
    label: t("Emptying the ledger"),
    description: unlocksAt === undefined ? "" : t("the money is free at {0}", moment(unlocksAt * 1000)),
    icon: "history",
    context: "emptying",
    subject: { provider, address: provider, run: id },
    command: { id: "zgCompute.resumeRecovery" },
  };
}

/** Others have a hand in it: a provider's own words, an address, a path. */
function whyText(error: KeptError, t: Translate): string {
  return markdownText(errorView(error, t).text, 600);
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}

function joinedWords(...words: readonly string[]): string {
  return words.filter((word) => word !== "").join(" ");
}

function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

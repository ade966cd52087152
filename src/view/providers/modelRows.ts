// Tuned models as rows: how far each got, where it came from, and what can be done with it.
import { isAnswering } from "../../domain/modelNames.js";
import type { Loaded } from "../../services/loaded.js";
import type { ModelItem, TasksState } from "../../services/fineTuning/types.js";
import { shortAddress } from "../address.js";
import { formatExact } from "../money/money.js";
import type { Row } from "../rows.js";
import { stateRows } from "../stateRows.js";
import { stuckSentence } from "../fineTuning/stuckView.js";
import { adapterState, parametersText, shortTask } from "../fineTuning/taskView.js";
import type { Telling } from "../fineTuning/taskFacts.js";
import { cleanText, markdownText } from "../text.js";
import type { Translate } from "../translate.js";

export function modelRows(
  models: readonly ModelItem[],
  tasks: Loaded<TasksState>,
  telling: Telling,
): readonly Row[] {
  const { t } = telling;
  const texts = { loading: t("Loading models…"), retryCommand: "zgCompute.refreshTasks" };
  const around = models.length === 0 || tasks.error ? stateRows("models", tasks, texts, t) : [];
  return [...around, ...models.map((model) => modelRow(model, telling))];
}

function modelRow(model: ModelItem, telling: Telling): Row {
  const { lineage, adapter, stuck } = model;
  const { t } = telling;
  const isDeployed = adapter !== undefined && isAnswering(adapter);
  const label = isDeployed ? t("Deployed") : modelWord(model, t);
  const name = cleanText(lineage.baseModel, 80) || t("Unnamed model");
  const description = `${name} · ${shortTask(lineage.taskId)}`;
  return {
    id: `model:${lineage.provider.toLowerCase()}:${lineage.taskId}`,
    label,
    description,
    tooltip: () => modelTooltip(model, t),
    icon: stuck ? "warning" : isDeployed ? "rocket" : modelIcon(model),
    ...(stuck ? { iconColor: "list.warningForeground" } : {}),
    context: ["model", ...modelActions(model)].join(" "),
    subject: {
      provider: lineage.provider,
      address: lineage.provider,
      task: lineage.taskId,
      ...(model.run ? { run: model.run.id } : {}),
      ...(stuck ? { stuck } : {}),
    },
    children: lineageRows(model, telling),
    isCollapsed: true,
    command: { id: "zgCompute.openTask" },
    accessibleLabel: `${label}, ${description}`,
  };
}

/** The words menus test for. */
function modelActions(model: ModelItem): readonly string[] {
  const { isAcknowledged, state, files, adapter, stuck, run } = model;
  if (run?.ending === "forgotten")
    return [files.folder !== undefined ? "revealModel exportModel" : "", "forgetRun"];
  const isServed =
    isAcknowledged &&
    (stuck?.name !== "keyMissing" || stuck.why === "useless") &&
    stuck?.name !== "abandoned";
  const hasKey = isServed && stuck?.why !== "useless";
  return [
    isAcknowledged || stuck ? "" : "acknowledgeModel",
    hasKey && state !== "extracted" && stuck?.name !== "fileGone" ? wordToOpen(state) : "",
    adapter && isAnswering(adapter) ? "chatWithAdapter" : isServed ? "deployAdapter" : "",
    files.folder !== undefined ? "revealModel exportModel" : "",
    stuck && stuck.waysOut.length > 0 ? "recover" : "",
  ].filter((word) => word !== "");
}

function wordToOpen(state: ModelItem["state"]): string {
  return state === "decrypted" ? "unpackModel" : "decryptModel";
}

function modelWord({ state, isAcknowledged }: ModelItem, t: Translate): string {
  switch (state) {
    case "delivered":
      return isAcknowledged ? t("Acknowledged") : t("Delivered");
    case "downloaded":
      return t("Downloaded and checked");
    case "decrypted":
      return t("Decrypted");
    case "extracted":
      return t("Unpacked");
  }
}

function modelIcon({ state }: ModelItem): string {
  return state === "extracted" || state === "decrypted" ? "symbol-namespace" : "package";
}

function modelTooltip(model: ModelItem, t: Translate): string {
  const { lineage, check, stuck, files } = model;
  return [
    `**${markdownText(lineage.baseModel, 80)}**`,
    t("Trained in task {0} by {1}.", markdownText(lineage.taskId, 60), lineage.provider),
    check
      ? check.isCurrentSigner
        ? t("Checked: hash on the chain, signed by {0}.", check.signer)
        : t("Checked: hash on the chain, signed by {0}, which the service has changed since.", check.signer)
      : t("Its file was not checked on this machine."),
    files.folder === undefined ? "" : markdownText(files.folder),
    stuck ? stuckSentence(stuck, t) : "",
  ]
    .filter((line) => line !== "")
    .join("\n\n");
}

/** Where it came from, each a row of its own, so that a value can be read and compared. */
function lineageRows({ lineage, adapter, check }: ModelItem, { t, moment }: Telling): readonly Row[] {
  const { taskId, fee, deliveredAt } = lineage;
  const id = `${lineage.provider.toLowerCase()}:${taskId}`;
  const known: readonly (readonly [string, string, string | undefined])[] = [
    [
      "base",
      t("Base model"),
      `${cleanText(lineage.baseModel, 80)} ${shortAddress(cleanText(lineage.baseModelHash, 80))}`,
    ],
    ["dataset", t("Dataset"), datasetText(lineage, t)],
    [
      "parameters",
      t("Training parameters"),
      lineage.trainingParams && parametersText(lineage.trainingParams, t),
    ],
    ["signer", t("Signer"), lineage.signer ?? check?.signer],
    ["hash", t("Encrypted model"), lineage.modelRootHash && cleanText(lineage.modelRootHash, 140)],
    ["fee", t("Fee"), fee === undefined ? undefined : formatExact(fee, t)],
    ["delivered", t("Delivered"), deliveredAt === undefined ? undefined : moment(deliveredAt * 1000)],
    [
      "adapter",
      t("Adapter"),
      adapter && `${cleanText(adapter.name, 120)} · ${adapterState(adapter.state, t)}`,
    ],
  ];
  const rows = known.flatMap(([name, label, description]): Row[] =>
    description === undefined || description === "" ? [] : [{ id: `${name}:${id}`, label, description }],
  );
  const provider: Row = {
    id: `provider:${id}`,
    label: t("Provider"),
    description: lineage.provider,
    context: "address",
    subject: { provider: lineage.provider, address: lineage.provider },
  };
  return [...rows, provider];
}

function datasetText({ datasetHash, datasetRows }: ModelItem["lineage"], t: Translate): string | undefined {
  if (datasetHash === undefined) return undefined;
  const hash = cleanText(datasetHash, 80);
  return datasetRows === undefined ? hash : t("{0} rows · {1}", datasetRows, hash);
}

// What can be done with a task in the state it is in. Menus of rows and buttons of the panel are made of the same list.
import { isAnswering } from "../../domain/modelNames.js";
import type { TaskActionId } from "../../protocol.js";
import { filesOf, hasKey, isOpen, runningStep, stageOf, type TaskFacts } from "./taskFacts.js";
import type { Translate } from "../translate.js";
import { timeFromDelivery } from "../whenToBeBack.js";

/**
 * The first is what is to be done next, where there is such a thing. Nothing while a step of ours is under way, but for a download, which may
 * take longer than there is time.
 */
export function taskActions(facts: TaskFacts): readonly TaskActionId[] {
  const { item, model } = facts;
  const running = runningStep(facts);
  if (running)
    return running.name === "download" && isOpen(item) ? ["saveCalendar", "acknowledgeDeliverable"] : [];
  const { folder, decrypted } = filesOf(facts);
  const isReadable = hasKey(item) && item.stuck?.name !== "fileGone";
  const stage = stageOf(item);
  const actions: TaskActionId[] = [];
  if (item.stuck && item.stuck.waysOut.length > 0) actions.push("recover");
  if (isOpen(item)) actions.push("acknowledgeModel");
  if (isReadable && folder === undefined && item.stuck?.why !== "useless")
    actions.push(decrypted === undefined ? "decryptModel" : "unpackModel");
  if (model?.adapter && isAnswering(model.adapter)) actions.push("chatWithAdapter");
  else if (isReadable) actions.push("deployAdapter");
  if (folder !== undefined) actions.push("revealModel", "exportModel");
  if (item.run?.receipt !== undefined) actions.push("showReceipt");
  if (isOpen(item)) actions.push("saveCalendar", "acknowledgeDeliverable");
  if (timeFromDelivery(facts) !== undefined) actions.push("saveCalendar");
  if (stage === "Init" || stage === "SettingUp" || stage === "SetUp") actions.push("cancelTask");
  return actions;
}

export function actionLabel(action: TaskActionId, facts: TaskFacts, t: Translate): string {
  switch (action) {
    case "acknowledgeModel":
      return filesOf(facts).encrypted === undefined ? t("Download, check and acknowledge") : t("Acknowledge");
    case "decryptModel":
      return t("Decrypt model");
    case "unpackModel":
      return t("Unpack model");
    case "deployAdapter":
      return t("Deploy adapter");
    case "chatWithAdapter":
      return t("Chat with adapter");
    case "revealModel":
      return t("Reveal in file manager");
    case "exportModel":
      return t("Export README");
    case "showReceipt":
      return t("Show receipt");
    case "saveCalendar":
      return t("Save deadline to calendar");
    case "acknowledgeDeliverable":
      return t("Acknowledge without the file");
    case "cancelTask":
      return t("Cancel task");
    case "recover":
      return t("Recover this account");
  }
}

// What can be done with a task in the state it is in. Menus of rows and buttons of the panel are made of the same list.
import { hasKey, type TaskFacts } from "./taskFacts.js";
import type { TaskActionId } from "../protocol.js";
import type { Translate } from "./translate.js";

/** The first is what is to be done next, where there is such a thing. */
export function taskActions(facts: TaskFacts): readonly TaskActionId[] {
  const { task, deliverable, files, adapter, isDeadQueue } = facts;
  const isWaiting = deliverable !== undefined && !deliverable.isAcknowledged && !deliverable.isSettled;
  const actions: TaskActionId[] = [];
  if (isDeadQueue) actions.push("recover");
  if (isWaiting) actions.push("acknowledgeModel");
  if (hasKey(facts) && files.folder === undefined) actions.push("decryptModel");
  if (adapter?.state === "active") actions.push("chatWithAdapter");
  else if (hasKey(facts)) actions.push("deployAdapter");
  if (files.folder !== undefined) actions.push("revealModel", "exportModel");
  if (isWaiting) actions.push("saveCalendar", "acknowledgeDeliverable");
  if (task.stage === "Init" || task.stage === "SettingUp" || task.stage === "SetUp")
    actions.push("cancelTask");
  return actions;
}

export function actionLabel(action: TaskActionId, t: Translate): string {
  switch (action) {
    case "acknowledgeModel":
      return t("Download, check and acknowledge");
    case "decryptModel":
      return t("Decrypt model");
    case "deployAdapter":
      return t("Deploy adapter");
    case "chatWithAdapter":
      return t("Chat with adapter");
    case "revealModel":
      return t("Reveal in file manager");
    case "exportModel":
      return t("Export README");
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

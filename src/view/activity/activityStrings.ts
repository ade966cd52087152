// Labels of the activity panel's own controls.
import type { ActivityStrings } from "../../protocol/activity.js";
import type { Translate } from "../translate.js";

export function activityTitle(t: Translate): string {
  return t("Activity");
}

export function activityStrings(t: Translate): ActivityStrings {
  return {
    refresh: t("Refresh"),
    exportCsv: t("Export as CSV…"),
    filters: t("Filters"),
    sums: t("In all"),
    previousPage: t("Previous page"),
    nextPage: t("Next page"),
    pages: t("Pages"),
    openTransaction: t("{0}: show in the explorer"),
    table: t("Movements of money"),
  };
}

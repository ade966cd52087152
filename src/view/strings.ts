import type { PanelStrings } from "../protocol.js";
import type { Translate } from "./translate.js";

/** Labels of the panel's own controls. */
export function panelStrings(t: Translate): PanelStrings {
  return {
    inputLabel: t("Your question"),
    inputPlaceholder: t("Ask something (Enter sends, Shift+Enter breaks the line)"),
    attach: t("Attach selection, files or pictures"),
    attached: t("Goes along with the question"),
    removed: t("{0} is removed"),
    send: t("Send"),
    sending: t("Sending…"),
    stop: t("Stop"),
    newConversation: t("New conversation"),
    history: t("Conversations"),
    searchHistory: t("Search conversations"),
    noHistory: t("No conversations found"),
    deleteConversation: t("Delete conversation"),
    model: t("Model"),
    settings: t("System prompt and parameters"),
    copy: t("Copy"),
    copied: t("Copied"),
    insert: t("Insert at cursor"),
    newFile: t("New file"),
    regenerate: t("Ask again"),
    edit: t("Edit question"),
    saveEdit: t("Ask this instead"),
    cancelEdit: t("Cancel"),
    copyAnswer: t("Copy answer"),
    you: t("You"),
    answer: t("Answer"),
    reasoning: t("Reasoning"),
    details: t("What was checked"),
    jumpToLatest: t("Jump to latest"),
    answerFinished: t("Answer finished, {0}"),
    opensLink: t("Opens {0}"),
    close: t("Close"),
  };
}

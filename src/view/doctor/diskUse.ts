// What of ours takes room on this machine, the largest first, each with what makes it less.
import type { Entry } from "../choice.js";
import type { ErrorAction } from "../errors/errorAction.js";
import { formatSize } from "../size.js";
import type { Translate } from "../translate.js";

/** Folders of ours by name; what is in none of them is told together. */
export const roomFolders = ["models", "datasets", "receipts", "conversations", "images", "sandbox"] as const;

export type RoomFolder = (typeof roomFolders)[number];

export interface DiskUse {
  readonly all: number;
  readonly folders: Readonly<Record<RoomFolder, number>>;
}

export interface RoomEntry extends Entry {
  /** Undefined: the folder itself is shown. */
  readonly action?: ErrorAction;
  /** Which folder it is about; undefined: all of ours. */
  readonly folder?: RoomFolder;
}

export function roomEntries({ all, folders }: DiskUse, path: string, t: Translate): readonly RoomEntry[] {
  const rest = roomFolders.reduce((left, name) => left - folders[name], all);
  const found = roomFolders
    .map((folder) => ({ folder, bytes: folders[folder] }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ folder, bytes }) => ({ folder, description: formatSize(bytes, t), ...folderWords(folder, t) }));
  return [
    ...found,
    {
      ...{ label: t("Our folder"), icon: "folder", detail: path },
      description: t("{0} in all, {1} of it in other files", formatSize(all, t), formatSize(rest, t)),
    },
  ];
}

function folderWords(folder: RoomFolder, t: Translate): Entry & Pick<RoomEntry, "action"> {
  switch (folder) {
    case "models":
      return {
        ...{ label: t("Trained models"), icon: "package" },
        detail: t("As they were delivered and decrypted. What you unpacked into a folder is there as well."),
      };
    case "datasets":
      return {
        ...{ label: t("Datasets"), icon: "database" },
        detail: t("Copies of what was trained on, as long as the fine-tuning is in the list."),
        action: { id: "zgCompute.tasks.focus", title: t("Show tasks") },
      };
    case "receipts":
      return {
        ...{ label: t("Receipts"), icon: "verified" },
        detail: t("Enter deletes one that you pick. Without it nobody can check that answer again."),
        action: { id: "zgCompute.deleteReceipt", title: t("Delete receipt") },
      };
    case "conversations":
      return {
        ...{ label: t("Conversations"), icon: "comment-discussion" },
        detail: t("Enter opens the chat, whose list deletes what you no longer need."),
        action: { id: "zgCompute.openChat", title: t("Open chat") },
      };
    case "images":
      return {
        ...{ label: t("Orders of pictures"), icon: "device-camera" },
        detail: t("Enter shows those that are not finished."),
        action: { id: "zgCompute.pictureOrders", title: t("Picture orders") },
      };
    case "sandbox":
      return {
        ...{ label: t("Sandbox"), icon: "beaker" },
        detail: t("Its chain and its storage. Enter asks whether to start it over, empty."),
        action: { id: "zgCompute.resetSandbox", title: t("Start over") },
      };
  }
}

import type { Translate } from "../translate.js";

export interface StepProgress {
  readonly stage: "hash" | "upload" | "download" | "confirm" | "decrypt" | "make";
  readonly done: number;
  readonly total: number;
}

/** "Downloading, 40 %" */
export function progressText({ stage, done, total }: StepProgress, t: Translate): string {
  const name = stageName(stage, t);
  return total > 0 ? t("{0}, {1} %", name, Math.min(100, Math.floor((100 * done) / total))) : name;
}

function stageName(stage: StepProgress["stage"], t: Translate): string {
  switch (stage) {
    case "hash":
      return t("Reading the file");
    case "upload":
      return t("Uploading");
    case "download":
      return t("Downloading");
    case "confirm":
      return t("Waiting for the network");
    case "decrypt":
      return t("Decrypting");
    case "make":
      return t("The provider is at it");
  }
}

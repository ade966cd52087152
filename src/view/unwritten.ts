// Why a file is not where the user wanted it.
import type { ComputeError } from "../domain/error.js";
import { cleanText } from "./text.js";
import type { Translate } from "./translate.js";

export function unwrittenText(
  error: ComputeError<"badFile"> | ComputeError<"diskFull">,
  t: Translate,
): string {
  const path = cleanText(error.facts.path, 300);
  return "detail" in error.facts
    ? t("{0} could not be written: {1}.", path, reason(error.facts.detail, t))
    : t("The disk is full: {0} could not be written.", path);
}

/** Of the system's codes and those of the editor. */
function reason(code: string, t: Translate): string {
  switch (code) {
    case "EROFS":
      return t("nothing can be written in this place");
    case "EACCES":
    case "EPERM":
    case "NoPermissions":
      return t("you may not write there");
    case "ENOENT":
    case "ENOTDIR":
    case "EEXIST":
    case "FileNotFound":
    case "FileNotADirectory":
      return t("there is no such folder");
    case "EISDIR":
    case "FileIsADirectory":
      return t("a folder has this name");
    case "ENAMETOOLONG":
      return t("the name is too long");
    case "Unavailable":
      return t("the place is not available");
    default:
      return cleanText(code, 100);
  }
}

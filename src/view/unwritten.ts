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
    ? t("{0} could not be written: {1}.", path, cleanText(error.facts.detail, 100))
    : t("The disk is full: {0} could not be written.", path);
}

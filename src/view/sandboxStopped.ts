// What a page of the sandbox says while it rests: the user stopped it, so looking does not start it.
import type { Translate } from "./translate.js";

/** In place of what would be read; its button reads it, which starts the sandbox. */
export function sandboxStopped(t: Translate): {
  readonly text: string;
  readonly action: string;
  readonly isNotice: true;
} {
  return { text: t("The sandbox is stopped."), action: t("Start sandbox"), isNotice: true };
}

// The box in which a wallet or a key is named: what is wrong with what was typed, and what is kept of it.
import { plainLine } from "./text.js";
import type { Translate } from "./translate.js";

const longestName = 60;
/** Space, controls and formats, what fonts draw nothing for, and the empty pattern of Braille. */
const unseen = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu;

export function nameProblem(text: string, t: Translate): string | undefined {
  if (text.replace(unseen, "") === "") return t("Type a name.");
  return text.length > longestName ? t("At most 60 characters.") : undefined;
}

/** On one line, and without what is not seen or turns what stands around it. */
export function typedName(text: string): string {
  return plainLine(text, longestName);
}

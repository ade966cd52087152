// Text from providers, nodes and files, made safe to stand in one of our sentences.
import { splitHidden } from "./hiddenCharacters.js";

/** One line without control and direction characters, cut to `length` characters. */
export function cleanText(text: string, length = 200): string {
  // Joiners and marks belong to some languages' spelling, but the short facts cleaned here are names and messages.
  const visible = splitHidden(text.slice(0, 4 * length).replace(/\s+/gu, " "), "code")
    .map((part) => ("text" in part ? part.text : ""))
    .join("");
  const characters = [...visible.trim()];
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`;
}

/** A text cleaned as above for a row of a quick pick, which makes pictures of words such as $(verified). */
export function plainLabel(text: string, length = 80): string {
  return cleanText(text, length).replace(/\$\(/g, "$ (");
}

/** The last part of a path: the whole would push what is said of it out of a notification. */
export function fileName(path: string): string {
  return cleanText(path.split(/[\\/]/).findLast((part) => part !== "") ?? path, 80);
}

/** A text cleaned as above, with everything escaped that Markdown would act on. */
export function markdownText(text: string, length = 200): string {
  return cleanText(text, length)
    .replace(/[\\`*_{}[\]()#+\-.!|<>~&:@$]/g, "\\$&")
    .replace(/\\\./g, "."); // a dot acts only after a number at the start of a line, where no text of others stands
}

// Text from providers, nodes and files, made safe to stand in one of our sentences.
import { splitHidden } from "./hiddenCharacters.js";

/** One line without control and direction characters, cut to `length` characters, with nothing the editor acts on. */
export function cleanText(text: string, length = 200): string {
  return cut(inert(visible(text, length)), length);
}

/** The same for a file or for Markdown, where what the editor acts on is nothing, or escaped. */
export function plainLine(text: string, length = 200): string {
  return cut(visible(text, length), length);
}

function visible(text: string, length: number): string {
  // Joiners and marks belong to some languages' spelling, but the short facts cleaned here are names and messages.
  return splitHidden(text.slice(0, 4 * length).replace(/\s+/gu, " "), "code")
    .map((part) => ("text" in part ? part.text : ""))
    .join("")
    .trim();
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/**
 * Without what the editor acts on in notifications, prompts, picks and the status bar: [words](command:…), of which it makes a link that
 * runs the command, and $(words), of which it makes a picture. A space breaks both, and they can still be read.
 */
export function inert(text: string): string {
  return text.replace(/[\]$](?=\()/g, "$& ");
}

/** The last part of a path: the whole would push what is said of it out of a notification. */
export function fileName(path: string): string {
  return cleanText(path.split(/[\\/]/).findLast((part) => part !== "") ?? path, 80);
}

/** A text cleaned as above, with everything escaped that Markdown would act on. */
export function markdownText(text: string, length = 200): string {
  return plainLine(text, length)
    .replace(/[\\`*_{}[\]()#+\-.!|<>~&:@$]/g, "\\$&")
    .replace(/\\\./g, "."); // a dot acts only after a number at the start of a line, where no text of others stands
}

// Hashes, keys and lists of them, short enough to be looked at beside each other. What is copied is the whole.
import { cleanText } from "./text.js";

const longestShown = 42;
const keptEnd = 18;
const mostLines = 6;

/** Both ends of a hash; words are cut at their end, long lists at their last line. */
export function shortValue(value: string): string {
  const lines = value.slice(0, 4000).split("\n");
  const shown = lines.slice(0, mostLines).map(shortLine);
  return [...shown, ...(lines.length > mostLines ? ["…"] : [])].join("\n");
}

function shortLine(line: string): string {
  const clean = cleanText(line, 600);
  if (clean.length <= longestShown) return clean;
  return /\s/.test(clean) ? cleanText(clean, 120) : `${clean.slice(0, keptEnd)}…${clean.slice(-keptEnd)}`;
}

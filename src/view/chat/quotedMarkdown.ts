// A stranger's Markdown inside a document of ours. As a block quote it is read as it is meant, and whatever it opens ends with the quote; what
// would reach out of it all the same is turned into plain words: pictures, which are fetched, HTML, and definitions, which hold everywhere.
import type { Nodes, Root } from "mdast";
import { fencedText } from "../../domain/attachment.js";
import { splitHidden } from "../hiddenCharacters.js";

/** What is turned into words may hold more of the same. */
const mostRounds = 6;

/** `parse`: undefined for what is none that can be read, and stands in a fence. */
export function quoted(text: string, parse: (text: string) => Root | undefined): string {
  let harmless = text;
  for (let round = 0; round < mostRounds; round++) {
    const tree = parse(harmless);
    if (!tree) break;
    const places = [...escapes(tree, harmless)].sort((a, b) => a - b);
    if (places.length === 0) return inQuote(shown(harmless));
    harmless = withEscapes(harmless, places);
  }
  return inQuote(shown(fencedText(text, "")));
}

/** Characters that hide or turn others are shown by their number, as in the chat. */
function shown(text: string): string {
  return splitHidden(text, "prose")
    .map((part) => ("text" in part ? part.text : part.hidden))
    .join("");
}

function inQuote(text: string): string {
  return text
    .trimEnd()
    .split(/\r\n|\r|\n/)
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}

/** Where a backslash goes, so that what follows is a character and nothing else. */
function* escapes(node: Nodes, text: string): Generator<number> {
  const start = node.position?.start.offset ?? 0;
  const end = node.position?.end.offset ?? 0;
  if (node.type === "image" || node.type === "imageReference") yield text.indexOf("[", start);
  if (node.type === "definition" || node.type === "footnoteDefinition") yield text.indexOf("[", start);
  if (node.type === "html")
    for (let at = text.indexOf("<", start); at >= 0 && at < end; at = text.indexOf("<", at + 1)) yield at;
  if ("children" in node) for (const child of node.children) yield* escapes(child, text);
}

function withEscapes(text: string, places: readonly number[]): string {
  let made = "";
  let from = 0;
  for (const at of new Set(places)) {
    if (at < 0) continue;
    made += `${text.slice(from, at)}\\`;
    from = at;
  }
  return made + text.slice(from);
}

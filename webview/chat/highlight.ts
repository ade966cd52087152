// Colours for code: a grammar's tree turned into spans whose classes the style sheet maps to the theme's own colours.
import type { ElementContent } from "hast";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import { el, foreign } from "../dom.js";

const longestText = 40_000;
const longestLine = 2_000;

// Grammars are compiled by the highlighter when a language is first met, not when the panel opens.
const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  makefile,
  markdown,
  php,
  python,
  ruby,
  rust,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml,
});
lowlight.registerAlias({ json: ["jsonl", "ndjson"], javascript: ["solidity", "sol"], ini: ["env"] });

/** Undefined when the language is unknown, or the text so long that colouring would be felt. */
export function highlight(text: string, language: string): DocumentFragment | undefined {
  if (!lowlight.registered(language) || text.length > longestText) return undefined;
  if (text.split("\n").some((line) => line.length > longestLine)) return undefined;
  const fragment = document.createDocumentFragment();
  fragment.append(
    ...lowlight.highlight(language, text).children.flatMap((node) => nodesOf(node as ElementContent)),
  );
  return fragment;
}

function nodesOf(node: ElementContent): Node[] {
  if (node.type === "text") return [foreign(node.value, "code")];
  if (node.type !== "element") return [];
  const names = node.properties.className;
  const classes = Array.isArray(names) ? names.join(" ") : undefined;
  return [el("span", { class: classes }, ...node.children.flatMap(nodesOf))];
}

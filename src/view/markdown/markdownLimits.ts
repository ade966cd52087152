// Bounds for the inline syntax whose cost grows faster than its length. A paragraph of nothing but brackets or asterisks
// would keep the parser busy for minutes; beyond the bound such a sign stands for itself.
import { attention, codeText, labelEnd, labelStartImage, labelStartLink } from "micromark-core-commonmark";
import type { Construct, ConstructRecord, Extension, TokenizeContext } from "micromark-util-types";

/** Per paragraph, heading or cell; nobody writes so many, and so many are still read at once. */
const mostBrackets = 100;
const mostMarks = 300;

/** `gfm` with its inline syntax bounded, and the same for links, images, emphasis and code of Markdown itself. */
export function bounded(gfm: Extension): Extension[] {
  const marks = boundedConstruct(attention, mostMarks);
  const core: Extension = {
    disable: {
      null: [labelStartLink, labelStartImage, labelEnd, attention, codeText].flatMap(
        ({ name }) => name ?? [],
      ),
    },
    text: {
      [code("!")]: boundedConstruct(labelStartImage, mostBrackets),
      [code("[")]: boundedConstruct(labelStartLink, mostBrackets),
      [code("]")]: boundedConstruct(labelEnd, mostBrackets),
      [code("*")]: marks,
      [code("_")]: marks,
      [code("`")]: boundedConstruct(codeText, mostMarks),
    },
  };
  const text: ConstructRecord = {};
  for (const [sign, constructs] of Object.entries(gfm.text ?? {})) {
    // Mail addresses and "www." give no https link, and looking for them at every letter is what costs most.
    const wanted = [constructs ?? []]
      .flat()
      .filter(({ name }) => name !== "emailAutolink" && name !== "wwwAutolink");
    const most = sign === String(code("[")) || sign === String(code("]")) ? mostBrackets : mostMarks;
    if (wanted.length > 0) text[Number(sign)] = wanted.map((construct) => boundedConstruct(construct, most));
  }
  return [core, { ...gfm, text }];
}

function code(sign: string): number {
  return sign.charCodeAt(0);
}

function boundedConstruct(construct: Construct, most: number): Construct {
  // Each paragraph is tokenized in a context of its own, so reading a part of an answer counts as reading the whole does.
  const openings = new WeakMap<TokenizeContext, number>();
  return {
    ...construct,
    name: `bounded ${construct.name ?? ""}`,
    tokenize(effects, ok, nok) {
      const count = (openings.get(this) ?? 0) + 1;
      openings.set(this, count);
      return count > most ? nok : construct.tokenize.call(this, effects, ok, nok);
    },
  };
}

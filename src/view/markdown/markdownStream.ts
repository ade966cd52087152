// Reads a growing answer block by block: what can no longer change is read once, only the rest is read again.
import { isTooHeavy, parseMarkdown } from "./markdown.js";
import type { Block, BlockStart } from "./markdownTree.js";

export interface MarkdownStep {
  /** Blocks that no later text can change, in order, since the step before. */
  readonly finished: readonly Block[];
  /** What follows them for now; replaces the open blocks of the step before. */
  readonly open: readonly Block[];
}

export class MarkdownStream {
  private start: BlockStart = { offset: 0, codeBlocks: 0, links: 0 };
  /**
   * True once a reference or footnote was defined. A definition can change what stands before it, so until the answer is
   * complete, links may be numbered otherwise than in a reading of the whole text.
   */
  hasDefinitions = false;

  /** Reads `text`, which must begin with the text of the step before. */
  step(text: string): MarkdownStep {
    const { blocks, starts, hasDefinitions } = parseMarkdown(text.slice(this.start.offset), this.start);
    this.hasDefinitions ||= hasDefinitions;
    for (let boundary = starts.length - 1; boundary > 0; boundary--) {
      const start = starts[boundary];
      const before = blocks[boundary - 1];
      if (!start || !before || !isBoundary(text, start.offset, before)) continue;
      this.start = start;
      return { finished: blocks.slice(0, boundary), open: blocks.slice(boundary) };
    }
    return { finished: [], open: blocks };
  }

  /** All blocks of the complete text, where the steps could not know them; else undefined: the steps gave the same. */
  whole(text: string): readonly Block[] | undefined {
    return this.hasDefinitions || isTooHeavy(text) ? parseMarkdown(text).blocks : undefined;
  }
}

/**
 * Only a complete line after a blank one surely begins a block of its own: an unfinished `*` may become a word that
 * continues the paragraph before it. A byte order mark is swallowed at the start of a text, so none may come there.
 */
function isBoundary(text: string, start: number, before: Block): boolean {
  if (start === 0 || text.charCodeAt(start) === 0xfeff || !/[\r\n]/.test(text.slice(start))) return false;
  const blankLine = text.slice(text.lastIndexOf("\n", start - 2) + 1, start);
  return /^[ \t]*\r?\n$/.test(blankLine) && !endsInOpenCode(before, text.slice(0, start));
}

/** Indented code stays open over blank lines, and the parser reads what follows it a little differently. */
function endsInOpenCode(block: Block, text: string): boolean {
  if (block.kind === "code") return !/(^|\n) {0,3}(`{3,}|~{3,})[ \t]*$/.test(text.slice(-1000).trimEnd());
  const inner =
    block.kind === "list"
      ? block.items.at(-1)?.blocks
      : block.kind === "quote" || block.kind === "footnote"
        ? block.blocks
        : undefined;
  const last = inner?.at(-1);
  return last !== undefined && (last.kind === "code" || endsInOpenCode(last, text));
}

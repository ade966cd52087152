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
      if (!start || !isBoundary(text, start.offset)) continue;
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
function isBoundary(text: string, start: number): boolean {
  if (start === 0 || text.charCodeAt(start) === 0xfeff || !/[\r\n]/.test(text.slice(start))) return false;
  const before = text.slice(text.lastIndexOf("\n", start - 2) + 1, start);
  return /^[ \t]*\r?\n$/.test(before);
}

// A code block of an answer: its language, its text with colours, and what can be done with it. The host is told only
// which block is meant; it has the text itself.
import type { CodeBlock } from "../../src/view/markdown/markdownTree.js";
import { el, foreign, iconButton } from "../dom.js";
import { highlight } from "./highlight.js";
import { icon } from "../icons.js";

export interface CodeActions {
  readonly code: (action: "copy" | "insert" | "newFile", block: number, button: HTMLElement) => void;
  readonly labels: { readonly copy: string; readonly insert: string; readonly newFile: string };
}

/** While it still grows, a longer block is coloured only once it is complete. */
const longestGrowing = 6000;

export class CodeBlockView {
  readonly element: HTMLElement;
  private readonly body = el("code", { dir: "ltr" });
  private block: CodeBlock;

  constructor(block: CodeBlock, isComplete: boolean, actions: CodeActions) {
    this.block = block;
    const { copy, insert, newFile } = actions.labels;
    const tool = (action: "copy" | "insert" | "newFile", label: string): HTMLButtonElement => {
      const button = iconButton(label, icon(action), () => actions.code(action, block.index, button));
      return button;
    };
    this.element = el(
      "figure",
      { class: "code", "aria-label": block.language || undefined },
      el(
        "figcaption",
        {},
        el("span", { class: "language" }, block.language),
        el("span", { class: "tools" }, tool("copy", copy), tool("insert", insert), tool("newFile", newFile)),
      ),
      el("pre", { tabindex: 0 }, this.body),
    );
    this.show(isComplete);
  }

  /** Takes a longer text of the same block, keeping the buttons (and the focus on them); false for another block. */
  update(block: CodeBlock, isComplete: boolean): boolean {
    if (block.index !== this.block.index || block.language !== this.block.language) return false;
    this.block = block;
    this.show(isComplete);
    return true;
  }

  private show(isComplete: boolean): void {
    const { text, language } = this.block;
    const coloured = isComplete || text.length <= longestGrowing ? highlight(text, language) : undefined;
    this.body.replaceChildren(coloured ?? foreign(text, "code"));
  }
}

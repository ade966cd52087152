// The Markdown of one answer on screen. While it grows, finished blocks stay as they are and only the open end is built
// again; at the end the page is the same as if the whole answer had been shown at once.
import { MarkdownStream } from "../../src/view/markdown/markdownStream.js";
import { parseMarkdown } from "../../src/view/markdown/markdown.js";
import type { Block } from "../../src/view/markdown/markdownTree.js";
import { CodeBlockView } from "./codeBlock.js";
import { el } from "../dom.js";
import { blockNodes, type MarkdownActions } from "./markdown.js";

export class AnswerText {
  readonly element = el("div", { class: "markdown" });
  private readonly actions: MarkdownActions;
  private stream: MarkdownStream | undefined;
  private shown = "";
  private isComplete = false;
  private open: readonly ChildNode[] = [];
  private openCode: CodeBlockView | undefined;

  constructor(actions: MarkdownActions) {
    this.actions = {
      ...actions,
      openLink: (link) => {
        // Until the end, a definition may still renumber the links: then a click would open another one.
        if (this.isComplete || !this.stream?.hasDefinitions) actions.openLink(link);
      },
    };
  }

  /** Shows `text`; `isComplete` when nothing will follow. */
  show(text: string, isComplete: boolean): void {
    if (text === this.shown && isComplete === this.isComplete) return;
    const isContinued = this.stream !== undefined && text.startsWith(this.shown);
    this.shown = text;
    this.isComplete = isComplete;
    if (!isContinued) this.reset();
    if (isComplete && !isContinued) this.replaceAll(parseMarkdown(text).blocks);
    else this.grow(text, isComplete);
  }

  private reset(): void {
    this.stream = undefined;
    this.open = [];
    this.openCode = undefined;
    this.element.replaceChildren();
  }

  private replaceAll(blocks: readonly Block[]): void {
    this.reset();
    this.element.append(...blockNodes(blocks, this.actions));
  }

  private grow(text: string, isComplete: boolean): void {
    const stream = (this.stream ??= new MarkdownStream());
    const whole = isComplete ? stream.whole(text) : undefined;
    if (whole) return this.replaceAll(whole);

    const { finished, open } = stream.step(text);
    const [first] = [...finished, ...open];
    // A growing code block keeps its element, so that its buttons can be used and its text selected meanwhile.
    const isOnlyCode = finished.length === 0 && open.length === 1 && first?.kind === "code";
    if (isOnlyCode && this.openCode?.update(first, isComplete)) return;

    for (const node of this.open) node.remove();
    this.element.append(...blockNodes(finished, this.actions));
    this.showOpen(open, isComplete);
  }

  private showOpen(open: readonly Block[], isComplete: boolean): void {
    const last = open.at(-1);
    this.openCode = last?.kind === "code" ? new CodeBlockView(last, isComplete, this.actions) : undefined;
    const nodes = this.openCode
      ? [...blockNodes(open.slice(0, -1), this.actions), this.openCode.element]
      : blockNodes(open, this.actions);
    if (open.length !== 1) this.openCode = undefined;
    this.element.append(...nodes);
    this.open = nodes;
  }
}

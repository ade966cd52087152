// Turns the closed tree of an answer's Markdown into DOM nodes.
import { type Block, type Inline, type Link, type ListItem } from "../../src/view/markdown/markdownTree.js";
import { CodeBlockView, type CodeActions } from "./codeBlock.js";
import { el, fill, foreign } from "../dom.js";
import { icon } from "../icons.js";

export interface MarkdownActions extends CodeActions {
  /** `link` counts over the answer, as in view/markdown/markdown.ts. */
  readonly openLink: (link: number) => void;
  /** "Opens {0}" */
  readonly opensLink: string;
}

/** Text is cut into pieces of this length, so that the browser lays out only those on screen. */
const plainPiece = 8000;

export function blockNodes(blocks: readonly Block[], actions: MarkdownActions): HTMLElement[] {
  return blocks.map((block) => blockNode(block, actions));
}

function blockNode(block: Block, actions: MarkdownActions): HTMLElement {
  switch (block.kind) {
    case "paragraph":
      return el("p", { dir: "auto" }, ...inlineNodes(block.children, actions));
    case "heading": {
      // The page's own outline ends at level 3: the answer's headings go below it.
      const tags = ["h4", "h5", "h6"] as const;
      const tag = tags[Math.min(block.level, 3) - 1] ?? "h6";
      return el(tag, { dir: "auto", class: `level-${block.level}` }, ...inlineNodes(block.children, actions));
    }
    case "quote":
      return el("blockquote", {}, ...blockNodes(block.blocks, actions));
    case "list": {
      const items = block.items.map((item) => itemNode(item, block.isTight, actions));
      return block.start === undefined
        ? el("ul", {}, ...items)
        : el("ol", { start: block.start === 1 ? undefined : block.start }, ...items);
    }
    case "code":
      return new CodeBlockView(block, true, actions).element;
    case "table":
      return tableNode(block, actions);
    case "rule":
      return el("hr");
    case "footnote":
      return el(
        "div",
        { class: "footnote" },
        el("span", { class: "footnote-label" }, foreign(`[${block.label}]`)),
        el("div", {}, ...blockNodes(block.blocks, actions)),
      );
    case "plain":
      return plainNode(block.text);
  }
}

function plainNode(text: string): HTMLElement {
  const pieces: HTMLElement[] = [];
  for (let from = 0; from < text.length; from += plainPiece)
    pieces.push(el("div", {}, foreign(text.slice(from, from + plainPiece))));
  return el("div", { class: "plain", dir: "auto" }, ...pieces);
}

function itemNode(item: ListItem, isTight: boolean, actions: MarkdownActions): HTMLElement {
  const children = item.blocks.flatMap((block): Node[] =>
    isTight && block.kind === "paragraph"
      ? [el("span", { dir: "auto" }, ...inlineNodes(block.children, actions))]
      : [blockNode(block, actions)],
  );
  if (item.checked === undefined) return el("li", {}, ...children);
  const box = el("input", { type: "checkbox", disabled: true, checked: item.checked });
  return el("li", { class: "task" }, el("label", {}, box, children[0]), ...children.slice(1));
}

function tableNode(table: Extract<Block, { kind: "table" }>, actions: MarkdownActions): HTMLElement {
  const cell = (tag: "th" | "td", inlines: readonly Inline[], column: number) => {
    const align = table.align[column];
    const scope = tag === "th" ? "col" : undefined;
    return el(
      tag,
      { dir: "auto", scope, class: align && `align-${align}` },
      ...inlineNodes(inlines, actions),
    );
  };
  const row = (tag: "th" | "td", cells: readonly (readonly Inline[])[]) =>
    el("tr", {}, ...cells.map((inlines, column) => cell(tag, inlines, column)));
  const head = el("thead", {}, row("th", table.header));
  const body = el("tbody", {}, ...table.rows.map((cells) => row("td", cells)));
  const label = (head.textContent ?? "").slice(0, 80);
  // Wide tables scroll by themselves, and then must be reachable by keyboard.
  return el(
    "div",
    { class: "table", tabindex: 0, role: "group", "aria-label": label },
    el("table", {}, head, table.rows.length > 0 && body),
  );
}

function inlineNodes(inlines: readonly Inline[], actions: MarkdownActions): Node[] {
  return inlines.map((inline) => inlineNode(inline, actions));
}

function inlineNode(inline: Inline, actions: MarkdownActions): Node {
  switch (inline.kind) {
    case "text":
      return foreign(inline.text);
    case "emphasis":
      return el("em", {}, ...inlineNodes(inline.children, actions));
    case "strong":
      return el("strong", {}, ...inlineNodes(inline.children, actions));
    case "strike":
      return el("del", {}, ...inlineNodes(inline.children, actions));
    case "inlineCode":
      return el("code", { dir: "ltr" }, foreign(inline.text, "code"));
    case "break":
      return el("br");
    case "footnoteMark":
      return el("span", { class: "footnote-mark" }, foreign(`[${inline.label}]`));
    case "deadLink":
      return deadLinkNode(inline.url, inlineNodes(inline.children, actions));
    case "link":
      return linkNode(inline, actions);
  }
}

/** Not an anchor with an address: only the host opens links, and only those it finds itself in the answer. */
function linkNode(link: Link, actions: MarkdownActions): HTMLElement {
  const title = `${fill(actions.opensLink, link.host)}\n${link.url}`;
  const anchor = el("a", { role: "link", tabindex: 0, title }, ...inlineNodes(link.children, actions));
  if (link.isImage) anchor.prepend(icon("image"));
  const open = (event: Event) => {
    event.preventDefault();
    actions.openLink(link.index);
  };
  anchor.addEventListener("click", open);
  anchor.addEventListener("keydown", (event) => {
    if (event.key === "Enter") open(event);
  });
  // The text may claim any host; unless it is the address itself, the real one stands behind it.
  const isPlainAddress = anchor.textContent === link.url || `${anchor.textContent ?? ""}/` === link.url;
  if (!isPlainAddress) anchor.append(el("span", { class: "host", dir: "ltr" }, link.host));
  return anchor;
}

function deadLinkNode(url: string, children: readonly Node[]): HTMLElement {
  const node = el("span", { class: "dead-link" }, ...children);
  const shown = url.length > 120 ? `${url.slice(0, 120)}…` : url;
  if (url !== "" && node.textContent !== url)
    node.append(" ", el("code", { dir: "ltr" }, foreign(shown, "code")));
  return node;
}

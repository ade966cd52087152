// Reads an answer's Markdown into the closed tree of markdownTree.ts. The panel shows the tree and names code blocks and
// links by number; the host reads the same text here to find what such a number means.
import type { Nodes, PhrasingContent, Root, RootContent, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { safeLink } from "../links.js";
import { bounded } from "./markdownLimits.js";
import type { Block, BlockStart, CodeBlock, Inline, Link, MarkdownDocument } from "./markdownTree.js";
import { quoted } from "../chat/quotedMarkdown.js";

/** Beyond these, text is shown plain: an answer must not be able to freeze the panel. */
const longestText = 400_000;
const longestLine = 50_000;
const deepestNesting = 40;
const deepestIndent = 160;

const textStart: BlockStart = { offset: 0, codeBlocks: 0, links: 0 };

/** All fenced and indented code of an answer; `codeBlocks(text)[n]` is what the panel calls block n. */
export function codeBlocks(text: string): readonly CodeBlock[] {
  return parseMarkdown(text).codeBlocks;
}

/** All links of an answer that may be opened; `links(text)[n]` is what the panel calls link n. */
export function links(text: string): readonly Link[] {
  return parseMarkdown(text).links;
}

/** Reads a whole answer, or `text` as its rest that begins at `from`. Offsets count in the whole answer. Never throws. */
export function parseMarkdown(text: string, from = textStart): MarkdownDocument {
  // The parser swallows a byte order mark and counts offsets without it; an empty line means nothing and keeps them right.
  if (text.charCodeAt(0) === 0xfeff) return parseMarkdown(`\n${text.slice(1)}`, from);
  const root = isTooHeavy(text) ? undefined : parseTree(text);
  if (!root) {
    const isEmpty = text.trim() === "";
    return {
      blocks: isEmpty ? [] : [{ kind: "plain", text }],
      starts: isEmpty ? [] : [from],
      codeBlocks: [],
      links: [],
      hasDefinitions: false,
    };
  }
  return new Reader(text, from).read(root);
}

/** True for a text that is shown plain instead of being read. */
export function isTooHeavy(text: string): boolean {
  if (text.length > longestText) return true;
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf("\n", from);
    const end = newline < 0 ? text.length : newline;
    if (end - from > longestLine) return true;
    // Quote marks, bullets and numbers in front of a line open one container each, and cost grows with their square.
    if (end - from > deepestNesting) {
      const lead = /^[\s>*+\-\d.)]*/.exec(text.slice(from, Math.min(end, from + 2000)))?.[0] ?? "";
      if ((lead.match(/>|[*+\-.)](?=\s)/g)?.length ?? 0) > deepestNesting) return true;
      if (lead.search(/\S/) > deepestIndent) return true;
    }
    from = end + 1;
  }
  return false;
}

/** The text as a block quote of a document of ours: see `quotedMarkdown.ts`. */
export function quoteMarkdown(text: string): string {
  return quoted(text, (one) => (isTooHeavy(one) ? undefined : parseTree(one)));
}

function parseTree(text: string): Root | undefined {
  // The transforms look for mail addresses once more, in the whole tree.
  const mdastExtensions = gfmFromMarkdown().map((extension) => ({ ...extension, transforms: [] }));
  try {
    return fromMarkdown(text, { extensions: bounded(gfm()), mdastExtensions });
  } catch (error) {
    // Emphasis nested thousands deep exhausts the stack of the tree walk: such a text is shown plain.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class Reader {
  private readonly text: string;
  private readonly from: BlockStart;
  private readonly codeBlocks: CodeBlock[] = [];
  private readonly links: Link[] = [];
  private readonly definitions = new Map<string, string>();
  private hasDefinitions = false;

  constructor(text: string, from: BlockStart) {
    this.text = text;
    this.from = from;
  }

  read(root: Root): MarkdownDocument {
    this.collectDefinitions(root, 0);
    const blocks: Block[] = [];
    const starts: BlockStart[] = [];
    for (const node of root.children) {
      const start = this.startOf(node);
      const block = this.block(node, 0);
      if (!block) continue;
      blocks.push(block);
      starts.push(start);
    }
    const { codeBlocks, links, hasDefinitions } = this;
    return { blocks, starts, codeBlocks, links, hasDefinitions };
  }

  private collectDefinitions(node: Nodes, depth: number): void {
    if (node.type === "definition" || node.type === "footnoteDefinition") this.hasDefinitions = true;
    if (node.type === "definition" && !this.definitions.has(node.identifier))
      this.definitions.set(node.identifier, node.url);
    if ("children" in node && depth < deepestNesting)
      for (const child of node.children) this.collectDefinitions(child, depth + 1);
  }

  private startOf(node: Nodes): BlockStart {
    const offset = node.position?.start.offset ?? 0;
    // The line, not the node: four spaces before a word mean code, and the node begins behind them.
    const lineStart = offset === 0 ? 0 : this.text.lastIndexOf("\n", offset - 1) + 1;
    return {
      offset: this.from.offset + lineStart,
      codeBlocks: this.from.codeBlocks + this.codeBlocks.length,
      links: this.from.links + this.links.length,
    };
  }

  private source(node: Nodes): string {
    return this.text.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
  }

  private blocksOf(nodes: readonly RootContent[], depth: number): readonly Block[] {
    return nodes.map((node) => this.block(node, depth)).filter((block) => block !== undefined);
  }

  private block(node: RootContent, depth: number): Block | undefined {
    if (depth > deepestNesting) return { kind: "plain", text: this.source(node) };
    switch (node.type) {
      case "paragraph":
        return { kind: "paragraph", children: this.inlines(node.children, depth) };
      case "heading":
        return { kind: "heading", level: node.depth, children: this.inlines(node.children, depth) };
      case "blockquote":
        return { kind: "quote", blocks: this.blocksOf(node.children, depth + 1) };
      case "list":
        return {
          kind: "list",
          start: node.ordered ? (node.start ?? 1) : undefined,
          isTight: !node.spread && node.children.every((item) => !item.spread),
          items: node.children.map((item) => ({
            checked: item.checked ?? undefined,
            blocks: this.blocksOf(item.children, depth + 1),
          })),
        };
      case "code":
        return this.code(node.lang ?? "", node.value);
      case "table":
        return this.table(node, depth);
      case "thematicBreak":
        return { kind: "rule" };
      case "html":
        return { kind: "plain", text: node.value };
      case "definition":
        return undefined;
      case "footnoteDefinition":
        return { kind: "footnote", label: node.identifier, blocks: this.blocksOf(node.children, depth + 1) };
      default:
        return { kind: "plain", text: this.source(node) };
    }
  }

  private code(info: string, text: string): CodeBlock {
    const language = /^[a-z0-9+#_.-]{1,30}/.exec(info.toLowerCase())?.[0] ?? "";
    const index = this.from.codeBlocks + this.codeBlocks.length;
    const block: CodeBlock = { kind: "code", index, language, text };
    this.codeBlocks.push(block);
    return block;
  }

  private table(node: Table, depth: number): Block {
    const [header, ...rows] = node.children.map((row) =>
      row.children.map((cell) => this.inlines(cell.children, depth)),
    );
    return {
      kind: "table",
      align: (node.align ?? []).map((align) => align ?? undefined),
      header: header ?? [],
      rows,
    };
  }

  private inlines(nodes: readonly PhrasingContent[], depth: number, isInLink = false): readonly Inline[] {
    return nodes.map((node) => this.inline(node, depth + 1, isInLink));
  }

  private inline(node: PhrasingContent, depth: number, isInLink: boolean): Inline {
    if (depth > deepestNesting) return { kind: "text", text: this.source(node) };
    switch (node.type) {
      case "text":
      case "html":
        return { kind: "text", text: node.value };
      case "emphasis":
      case "strong":
        return { kind: node.type, children: this.inlines(node.children, depth, isInLink) };
      case "delete":
        return { kind: "strike", children: this.inlines(node.children, depth, isInLink) };
      case "inlineCode":
        return { kind: "inlineCode", text: node.value };
      case "break":
        return { kind: "break" };
      case "link":
        return this.link(node.url, node.children, depth, isInLink);
      case "linkReference":
        return this.link(this.definitions.get(node.identifier) ?? "", node.children, depth, isInLink);
      case "image":
        return this.image(node.url, node.alt ?? "", isInLink);
      case "imageReference":
        return this.image(this.definitions.get(node.identifier) ?? "", node.alt ?? "", isInLink);
      case "footnoteReference":
        return { kind: "footnoteMark", label: node.identifier };
      default:
        return { kind: "text", text: this.source(node) };
    }
  }

  private link(url: string, nodes: readonly PhrasingContent[], depth: number, isInLink: boolean): Inline {
    const safe = isInLink ? undefined : safeLink(url);
    // Numbered before its children are read: the order is that of the opening, on both sides.
    const place = safe ? this.links.length : -1;
    if (safe) this.links.push({ kind: "link", index: 0, ...safe, isImage: false, children: [] });
    const children = this.inlines(nodes, depth, true);
    if (!safe) return { kind: "deadLink", url, children };
    const link: Link = {
      kind: "link",
      index: this.from.links + place,
      ...safe,
      isImage: false,
      children,
    };
    this.links[place] = link;
    return link;
  }

  private image(url: string, alt: string, isInLink: boolean): Inline {
    const children: readonly Inline[] = [{ kind: "text", text: alt }];
    const safe = isInLink ? undefined : safeLink(url);
    if (!safe) return isInLink ? { kind: "text", text: alt } : { kind: "deadLink", url, children };
    const index = this.from.links + this.links.length;
    const link: Link = { kind: "link", index, ...safe, isImage: true, children };
    this.links.push(link);
    return link;
  }
}

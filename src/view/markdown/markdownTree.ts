// What an answer's Markdown may become on screen: a small closed tree. Everything a provider sends ends in one of these
// kinds, so no attribute, tag or address of its choosing can reach the page.

/** `index` counts over the whole answer, in reading order: the number a panel names when it asks for block or link n. */
export interface CodeBlock {
  readonly kind: "code";
  readonly index: number;
  /** Lower-case word after the fence, reduced to harmless characters; empty when there is none. */
  readonly language: string;
  readonly text: string;
}

export interface Link {
  readonly kind: "link";
  readonly index: number;
  /** Absolute, https, without user name; the host in its ASCII (punycode) spelling. */
  readonly url: string;
  readonly host: string;
  /** An image is never loaded: it is a link with its description as text. */
  readonly isImage: boolean;
  readonly children: readonly Inline[];
}

export type Inline =
  | Link
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "emphasis" | "strong" | "strike"; readonly children: readonly Inline[] }
  | { readonly kind: "inlineCode"; readonly text: string }
  /** A link that is not opened (not https); `url` is shown as text. */
  | { readonly kind: "deadLink"; readonly url: string; readonly children: readonly Inline[] }
  | { readonly kind: "break" }
  | { readonly kind: "footnoteMark"; readonly label: string };

export interface ListItem {
  readonly checked?: boolean;
  readonly blocks: readonly Block[];
}

export type Block =
  | CodeBlock
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | {
      readonly kind: "list";
      /** Undefined for bullets. */
      readonly start?: number;
      readonly isTight: boolean;
      readonly items: readonly ListItem[];
    }
  | {
      readonly kind: "table";
      readonly align: readonly ("left" | "right" | "center" | undefined)[];
      readonly header: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  | { readonly kind: "rule" }
  | { readonly kind: "footnote"; readonly label: string; readonly blocks: readonly Block[] }
  /** Shown letter by letter: raw HTML, and text that is too heavy to be read as Markdown. */
  | { readonly kind: "plain"; readonly text: string };

/** Where a top-level block begins: the offset of its line, and how many code blocks and links the answer has before it. */
export interface BlockStart {
  readonly offset: number;
  readonly codeBlocks: number;
  readonly links: number;
}

/** A parsed text; `starts[i]` belongs to `blocks[i]`. */
export interface MarkdownDocument {
  readonly blocks: readonly Block[];
  readonly starts: readonly BlockStart[];
  readonly codeBlocks: readonly CodeBlock[];
  readonly links: readonly Link[];
  /** Reference or footnote definitions: later text can change how earlier text reads. */
  readonly hasDefinitions: boolean;
}

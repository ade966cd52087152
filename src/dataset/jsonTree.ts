// JSON with the place of everything in it, for marking what is wrong. Goes on after a comma or a comment that JSON does not have.

export interface JsonNode {
  readonly kind: "object" | "array" | "string" | "number" | "boolean" | "null";
  /** In UTF-16 units from the start of the text; `end` is behind the last. */
  readonly start: number;
  readonly end: number;
  readonly members: readonly JsonMember[];
  readonly items: readonly JsonNode[];
}

export interface JsonMember {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: JsonNode;
}

export interface JsonIssue {
  readonly kind: "comma" | "comment" | "syntax";
  readonly start: number;
  readonly end: number;
}

export interface JsonTree {
  /** Undefined when the text cannot be read even so, or nests deeper than 400. */
  readonly root?: JsonNode;
  readonly issues: readonly JsonIssue[];
}

const maxDepth = 400;

export function jsonTree(text: string): JsonTree {
  const reader = new TreeReader(text);
  try {
    return { root: reader.document(), issues: reader.issues };
  } catch (error) {
    if (!(error instanceof TreeError)) throw error;
    const { at } = error;
    return { issues: [...reader.issues, { kind: "syntax", start: at, end: Math.min(at + 1, text.length) }] };
  }
}

class TreeError extends Error {
  constructor(readonly at: number) {
    super("no JSON");
  }
}

const space = /[ \t\r\n]*/y;
const comment = /\/\/[^\n]*|\/\*[^]*?\*\//y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;

class TreeReader {
  readonly issues: JsonIssue[] = [];
  private at = 0;

  constructor(private readonly text: string) {}

  document(): JsonNode {
    this.skip();
    const root = this.value(0);
    this.skip();
    if (this.at < this.text.length) throw new TreeError(this.at);
    return root;
  }

  private value(depth: number): JsonNode {
    if (depth > maxDepth) throw new TreeError(this.at);
    const start = this.at;
    const character = this.text[start];
    if (character === "{") return this.object(depth);
    if (character === "[") return this.array(depth);
    if (character === '"') {
      this.string();
      return this.node("string", start);
    }
    const literal = this.match(word)?.[0];
    if (literal !== undefined) return this.node(literal === "null" ? "null" : "boolean", start);
    if (!this.match(number)?.[0]) throw new TreeError(start);
    return this.node("number", start);
  }

  private object(depth: number): JsonNode {
    const start = this.at;
    const members: JsonMember[] = [];
    this.list("}", () => {
      const keyStart = this.at;
      const key = this.string();
      const keyEnd = this.at;
      this.skip();
      if (this.text[this.at] !== ":") throw new TreeError(this.at);
      this.at++;
      this.skip();
      members.push({ key, keyStart, keyEnd, value: this.value(depth + 1) });
    });
    return { ...this.node("object", start), members };
  }

  private array(depth: number): JsonNode {
    const start = this.at;
    const items: JsonNode[] = [];
    this.list("]", () => items.push(this.value(depth + 1)));
    return { ...this.node("array", start), items };
  }

  private list(close: string, item: () => void): void {
    this.at++;
    this.skip();
    let comma: number | undefined;
    while (this.text[this.at] !== close) {
      item();
      this.skip();
      comma = undefined;
      if (this.text[this.at] === close) break;
      if (this.text[this.at] !== ",") throw new TreeError(this.at);
      comma = this.at++;
      this.skip();
    }
    if (comma !== undefined) this.issues.push({ kind: "comma", start: comma, end: comma + 1 });
    this.at++;
  }

  private string(): string {
    if (this.text[this.at] !== '"') throw new TreeError(this.at);
    const start = this.at;
    let end = start + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === "\\" ? 2 : 1;
    this.at = end + 1;
    try {
      return JSON.parse(this.text.slice(start, this.at)) as string;
    } catch {
      throw new TreeError(start); // not closed, or with an escape that is none
    }
  }

  private node(kind: JsonNode["kind"], start: number): JsonNode {
    return { kind, start, end: this.at, members: [], items: [] };
  }

  private skip(): void {
    this.match(space);
    for (;;) {
      const start = this.at;
      if (this.text[start] !== "/" || !this.match(comment)) return;
      this.issues.push({ kind: "comment", start, end: this.at });
      this.match(space);
    }
  }

  private match(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.at;
    const found = token.exec(this.text);
    if (found) this.at = token.lastIndex;
    return found;
  }
}

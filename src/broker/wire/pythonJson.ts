// JSON as Python's json.dumps writes a parsed answer: some separated providers sign that instead of the bytes they deliver
// (spec inference.md 6.4). Numbers keep their written form as far as Python does, so JSON.parse is of no use here.

const maxDepth = 200;
/** Python itself reads no longer whole numbers. */
const maxDigits = 4300;

/**
 * `json.dumps(json.loads(text))`: separators `", "` and `": "`, all but printable ASCII escaped, whole numbers of any size exact.
 * Undefined when the text is no JSON (or nests deeper than 200, or has a whole number that Python refuses).
 */
export function pythonJson(text: string): string | undefined {
  try {
    const reader = new Reader(text);
    const dumped = reader.value(0);
    return reader.isAtEnd() ? dumped : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const numberToken = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const wordToken = /true|false|null/y;
const space = /[ \t\n\r]*/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {
    this.match(space);
  }

  isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  value(depth: number): string {
    if (depth > maxDepth) throw new SyntaxError("too deep");
    switch (this.text[this.at]) {
      case "{":
        return this.object(depth);
      case "[":
        return this.list("]", () => this.value(depth + 1)).join(", ", "[", "]");
      case '"':
        return dumpString(this.string());
      default:
        return this.match(wordToken)?.[0] ?? this.number();
    }
  }

  private object(depth: number): string {
    // A repeated key keeps its first place and its last value, as in a Python dict.
    const members = new Map<string, string>();
    this.list("}", () => {
      const key = this.string();
      this.punctuation(":");
      members.set(key, this.value(depth + 1));
      return "";
    });
    return `{${[...members].map(([key, value]) => `${dumpString(key)}: ${value}`).join(", ")}}`;
  }

  private list(close: string, item: () => string): { join(by: string, open: string, end: string): string } {
    this.punctuation(this.text[this.at] ?? "");
    const items: string[] = [];
    if (this.text[this.at] !== close)
      do items.push(item());
      while (this.isNext(","));
    this.punctuation(close);
    return { join: (by, open, end) => open + items.join(by) + end };
  }

  private string(): string {
    if (this.text[this.at] !== '"') throw new SyntaxError("no string");
    // By hand: a pattern with a choice for each character runs out of stack on a long text.
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === "\\" ? 2 : 1;
    const token = this.text.slice(this.at, end + 1);
    this.at = end + 1;
    this.match(space);
    return JSON.parse(token) as string; // its SyntaxError is ours
  }

  private number(): string {
    const token = this.match(numberToken);
    if (!token) throw new SyntaxError("no value");
    const isWhole = token[1] === undefined && token[2] === undefined;
    if (isWhole && token[0].replace("-", "").length > maxDigits) throw new SyntaxError("too many digits");
    return isWhole ? BigInt(token[0]).toString() : dumpFloat(Number(token[0]));
  }

  private isNext(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.punctuation(character);
    return true;
  }

  private punctuation(character: string): void {
    if (character === "" || this.text[this.at] !== character) throw new SyntaxError(`no ${character}`);
    this.at++;
    this.match(space);
  }

  private match(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.at;
    const found = token.exec(this.text);
    if (!found) return null;
    this.at = token.lastIndex;
    if (token !== space) this.match(space);
    return found;
  }
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

function dumpString(text: string): string {
  const escaped = text.replace(
    /["\\]|[^ -~]/g,
    (unit) => shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

/** `repr` of a Python float: shortest digits, an exponent of two digits below 1e-4 and from 1e16 on, else a decimal point. */
function dumpFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (Object.is(value, -0)) return "-0.0";
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const sign = exponent < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = exponent < 0 ? fixed(digits, exponent) : String(value);
  return plain.includes(".") ? plain : `${plain}.0`;
}

/** A small number without an exponent: JavaScript itself would use one below 1e-6, Python from 1e-5 down. */
function fixed(digits: string, exponent: number): string {
  const sign = digits.startsWith("-") ? "-" : "";
  return `${sign}0.${"0".repeat(-exponent - 1)}${digits.replace(/[-.]/g, "")}`;
}

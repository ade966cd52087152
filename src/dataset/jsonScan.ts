// JSON as the providers' Go broker reads it, byte by byte and with its words for what is wrong. Keeps nothing but its state, so that a line
// of any length is checked in constant memory.
import { quoted } from "./goQuote.js";

type State =
  | "value"
  | "valueOrEnd"
  | "key"
  | "keyOrEnd"
  | "afterValue"
  | "string"
  | "escape"
  | "unicode"
  | "minus"
  | "zero"
  | "digits"
  | "point"
  | "fraction"
  | "exponent"
  | "exponentSign"
  | "exponentDigits"
  | "literal"
  | "done"
  | "failed";

type Container = "key" | "object" | "array";

export type JsonKind = "object" | "array" | "string" | "number" | "bool" | "null";

const maxDepth = 10_000;
/** Longer numbers are not kept; what they would overflow is decided on the part that is. */
const maxNumber = 4_096;
const literals: Readonly<Record<string, string>> = { t: "true", f: "false", n: "null" };
const quote = 0x22;
const backslash = 0x5c;

export class JsonScan {
  /** Of the value itself; undefined before its first character. */
  kind?: JsonKind;
  /** Why it cannot be read, in the words of Go. */
  error?: string;
  /** Bytes read; with an error, the place of the byte that is wrong. */
  offset = 0;
  private state: State = "value";
  private readonly containers: Container[] = [];
  private literal = "";
  private counter = 0;
  private number = "";
  private overflow?: string;

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.hasEnded("failed")) {
      if (this.state === "string") at = this.skipPlain(bytes, at);
      if (at >= bytes.length) break;
      this.step(bytes[at] ?? 0);
      if (this.hasEnded("failed")) break;
      at++;
      this.offset++;
    }
  }

  /** True once the value is complete; a number may always go on. */
  isComplete(): boolean {
    return this.hasEnded("done");
  }

  /** Ends the input: what is wrong with it, if anything. */
  end(): string | undefined {
    if (this.number !== "") this.step(0x20); // a number ends only where something else begins
    if (!this.hasEnded("done") && !this.hasEnded("failed")) this.fail("unexpected end of JSON input");
    return this.error;
  }

  /** As `end`, and refuses what is no object or null, as the broker does for rows and parameters. */
  endObject(): string | undefined {
    const error = this.end();
    if (error !== undefined || this.kind === "null") return error;
    if (this.kind !== "object")
      return `json: cannot unmarshal ${this.kind ?? ""} into Go value of type map[string]interface {}`;
    return this.overflow === undefined
      ? undefined
      : `json: cannot unmarshal number ${this.overflow} into Go value of type float64`;
  }

  private hasEnded(how: "done" | "failed"): boolean {
    return this.state === how;
  }

  /** Most bytes of a file are plain characters of strings. */
  private skipPlain(bytes: Uint8Array, from: number): number {
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === quote || byte === backslash || byte < 0x20) break;
    }
    this.offset += at - from;
    return at;
  }

  private step(byte: number): void {
    switch (this.state) {
      case "value":
      case "valueOrEnd":
        return this.beginValue(byte);
      case "key":
      case "keyOrEnd":
        return this.beginKey(byte);
      case "afterValue":
      case "done":
        return this.afterValue(byte);
      case "string":
        if (byte === quote) return this.endValue();
        if (byte === backslash) return this.to("escape");
        return byte < 0x20 ? this.unexpected(byte, "in string literal") : undefined;
      case "escape":
        return this.escape(byte);
      case "unicode":
        if (!isHex(byte)) return this.unexpected(byte, "in \\u hexadecimal character escape");
        this.counter++;
        return this.counter === 4 ? this.to("string") : undefined;
      case "literal":
        return this.inLiteral(byte);
      case "failed":
        return;
      default:
        return this.inNumber(byte);
    }
  }

  private beginValue(byte: number): void {
    if (isSpace(byte)) return;
    if (byte === 0x5d && this.state === "valueOrEnd") return this.closeContainer();
    const character = String.fromCharCode(byte);
    if (byte === quote) return this.start("string", "string");
    if (character === "{") return this.open("object", "key", "keyOrEnd");
    if (character === "[") return this.open("array", "array", "valueOrEnd");
    if (character === "-") return this.startNumber("minus", character);
    if (character === "0") return this.startNumber("zero", character);
    if (isDigit(byte)) return this.startNumber("digits", character);
    const literal = literals[character];
    if (literal === undefined) return this.unexpected(byte, "looking for beginning of value");
    this.literal = literal;
    this.counter = 1;
    this.start(literal === "null" ? "null" : "bool", "literal");
  }

  private beginKey(byte: number): void {
    if (isSpace(byte)) return;
    if (byte === 0x7d && this.state === "keyOrEnd") return this.closeContainer();
    if (byte !== quote) return this.unexpected(byte, "looking for beginning of object key string");
    this.to("string");
  }

  private afterValue(byte: number): void {
    if (isSpace(byte)) return;
    const top = this.containers.length - 1;
    const character = String.fromCharCode(byte);
    switch (this.containers[top]) {
      case undefined:
        return this.unexpected(byte, "after top-level value");
      case "key":
        if (character !== ":") return this.unexpected(byte, "after object key");
        this.containers[top] = "object";
        return this.to("value");
      case "object":
        if (character === "}") return this.closeContainer();
        if (character !== ",") return this.unexpected(byte, "after object key:value pair");
        this.containers[top] = "key";
        return this.to("key");
      case "array":
        if (character === "]") return this.closeContainer();
        if (character !== ",") return this.unexpected(byte, "after array element");
        return this.to("value");
    }
  }

  private escape(byte: number): void {
    const character = String.fromCharCode(byte);
    if (character === "u") {
      this.counter = 0;
      return this.to("unicode");
    }
    if (!'"\\/bfnrt'.includes(character)) return this.unexpected(byte, "in string escape code");
    this.to("string");
  }

  private inLiteral(byte: number): void {
    const expected = this.literal[this.counter] ?? "";
    if (String.fromCharCode(byte) !== expected)
      return this.unexpected(byte, `in literal ${this.literal} (expecting '${expected}')`);
    this.counter++;
    if (this.counter === this.literal.length) this.endValue();
  }

  private inNumber(byte: number): void {
    const next = numberState(this.state, byte);
    if (next === undefined) {
      const problem = numberProblems[this.state];
      if (problem !== undefined) return this.unexpected(byte, problem);
      this.endNumber();
      return this.afterValue(byte);
    }
    if (this.number.length < maxNumber) this.number += String.fromCharCode(byte);
    this.to(next);
  }

  private endNumber(): void {
    if (!Number.isFinite(Number(this.number))) this.overflow ??= this.number;
    this.number = "";
    this.endValue();
  }

  private startNumber(state: State, character: string): void {
    this.number = character;
    this.start("number", state);
  }

  private start(kind: JsonKind, state: State): void {
    this.kind ??= kind;
    this.to(state);
  }

  private open(kind: JsonKind, container: Container, state: State): void {
    if (this.containers.length >= maxDepth) return this.fail("exceeded max depth");
    this.start(kind, state);
    this.containers.push(container);
  }

  private closeContainer(): void {
    this.containers.pop();
    this.endValue();
  }

  private endValue(): void {
    this.to(this.containers.length === 0 ? "done" : "afterValue");
  }

  private to(state: State): void {
    this.state = state;
  }

  private unexpected(byte: number, context: string): void {
    this.fail(`invalid character ${quoted(byte)} ${context}`);
  }

  private fail(error: string): void {
    this.error = error;
    this.state = "failed";
  }
}

const numberProblems: Partial<Record<State, string>> = {
  minus: "in numeric literal",
  point: "after decimal point in numeric literal",
  exponent: "in exponent of numeric literal",
  exponentSign: "in exponent of numeric literal",
};

function numberState(state: State, byte: number): State | undefined {
  const isExponent = byte === 0x65 || byte === 0x45;
  switch (state) {
    case "minus":
      return byte === 0x30 ? "zero" : isDigit(byte) ? "digits" : undefined;
    case "zero":
    case "digits":
      if (state === "digits" && isDigit(byte)) return "digits";
      return byte === 0x2e ? "point" : isExponent ? "exponent" : undefined;
    case "point":
    case "fraction":
      if (isDigit(byte)) return "fraction";
      return state === "fraction" && isExponent ? "exponent" : undefined;
    case "exponent":
      if (byte === 0x2b || byte === 0x2d) return "exponentSign";
      return isDigit(byte) ? "exponentDigits" : undefined;
    default:
      return isDigit(byte) ? "exponentDigits" : undefined;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

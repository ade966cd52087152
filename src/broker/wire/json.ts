// JSON from strangers: read without throwing.
import { beyond, type JsonBounds } from "../../domain/jsonBounds.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/** An answer of 8,000 tokens with twenty alternatives each has fewer; to build more takes seconds in which nothing else goes on. */
const bounds: JsonBounds = { values: 1_000_000, depth: Infinity };

/** The value, or undefined when the text is no JSON or holds more than a million values. (JSON's own null stays null.) */
export function parseJson(text: string): unknown {
  // A shorter text has no room for more.
  if (text.length > bounds.values && beyond(Buffer.from(text), bounds)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function parseJsonObject(text: string): JsonObject | undefined {
  return asObject(parseJson(text));
}

/** Counted without reading: to build millions of lists takes seconds, in which nothing else goes on. Counts those in texts too. */
export function hasMoreParts(text: string, most: number): boolean {
  let parts = 0;
  for (let index = 0; index < text.length && parts <= most; index++) {
    const code = text.charCodeAt(index);
    if (code === comma || code === bracket || code === brace) parts++;
  }
  return parts > most;
}

/**
 * Whether an object in it has a member twice: of those some readers take the first, others the last. `same`: gives one text for names that
 * count as one. For text that is JSON.
 */
export function hasDoubledMember(text: string, same = (name: string) => name): boolean {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === brace) open.push(new Set());
    else if (code === bracket) open.push(undefined);
    else if (code === endOfBrace || code === endOfBracket) open.pop();
    if (code !== quote) continue;
    const start = at;
    for (at++; at < text.length && text.charCodeAt(at) !== quote; at++)
      if (text.charCodeAt(at) === backslash) at++;
    if (!isBeforeColon(text, at + 1)) continue;
    const known = open.at(-1);
    const key = same(String(parseJson(text.slice(start, at + 1))));
    if (known?.has(key)) return true;
    known?.add(key);
  }
  return false;
}

function isBeforeColon(text: string, from: number): boolean {
  let at = from;
  while (/^[ \t\n\r]$/.test(text.charAt(at))) at++;
  return text.charCodeAt(at) === colon;
}

const [quote, backslash, colon, endOfBracket, endOfBrace] = [0x22, 0x5c, 0x3a, 0x5d, 0x7d];
const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b];

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A count as providers write it: a whole number from 0 to 2^53 - 1, else undefined. */
export function asCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

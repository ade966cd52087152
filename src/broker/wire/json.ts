// JSON from strangers: read without throwing.

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value, or undefined when the text is no JSON. (JSON's own null stays null.) */
export function parseJson(text: string): unknown {
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

// What a file is when it is no JSONL (OG002 for UTF-16, OG003 to OG005), told by its first bytes and lines.

export type OtherFormat = "CSV" | "TSV" | "Parquet";

/** By the first four bytes: a format that is not looked into any further. */
export function binaryFormat(head: Uint8Array): "utf-16" | "Parquet" | undefined {
  const [a, b] = head;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return "utf-16";
  return Buffer.from(head).toString("latin1") === "PAR1" ? "Parquet" : undefined;
}

export function hasByteOrderMark(head: Uint8Array): boolean {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
}

/** By its ending, when nothing in it is JSON. */
export function formatOfName(name: string): OtherFormat | undefined {
  const ending = /\.(csv|tsv|parquet)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === undefined) return undefined;
  return ending === "csv" ? "CSV" : ending === "tsv" ? "TSV" : "Parquet";
}

/** Two lines of a table: the same number of fields, two at least, and nothing that begins like JSON. */
export function tableFormat(first: string, second: string): OtherFormat | undefined {
  if (/^\s*[[{]/.test(first) || /^\s*[[{]/.test(second)) return undefined;
  for (const [separator, format] of [
    ["\t", "TSV"],
    [",", "CSV"],
    [";", "CSV"],
  ] as const) {
    const fields = countFields(first, separator);
    if (fields > 1 && fields === countFields(second, separator)) return format;
  }
  return undefined;
}

function countFields(line: string, separator: string): number {
  let fields = 1;
  let isQuoted = false;
  for (const character of line.slice(0, 100_000)) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) fields++;
  }
  return fields;
}

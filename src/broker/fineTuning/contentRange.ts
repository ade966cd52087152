// Which part of a file an answer brings.

export interface ContentRange {
  /** Absent for a range that could not be served. */
  readonly start?: number;
  readonly end?: number;
  /** Absent when the server does not say it. */
  readonly total?: number;
}

/** The header `Content-Range` in bytes; undefined when there is none that makes sense. */
export function parseContentRange(headers: Pick<Headers, "get">): ContentRange | undefined {
  const found = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(
    headers.get("content-range")?.trim() ?? "",
  );
  if (!found) return undefined;
  const number = (text: string | undefined) =>
    text === undefined || text === "*" ? undefined : Number(text);
  const [start, end, total] = [number(found[1]), number(found[2]), number(found[3])];
  if (start !== undefined && end !== undefined && (end < start || (total !== undefined && end >= total)))
    return undefined;
  return { start, end, total };
}

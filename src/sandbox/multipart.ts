// A multipart/form-data body taken apart. Bodies are bounded by whoever reads them.

export interface FormPart {
  readonly name: string;
  /** As the sender wrote it; undefined for a plain field. */
  readonly fileName?: string;
  readonly content: Buffer;
}

/** The parts in their order; undefined when the body is not what its content type says. */
export function parseMultipart(contentType: string | undefined, body: Buffer): FormPart[] | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first boundary may stand at the very beginning, without the line end of the others.
  const text = Buffer.concat([Buffer.from("\r\n"), body]);
  const parts: FormPart[] = [];
  let at = text.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    if (text.subarray(start, start + 2).toString("latin1") === "--") return parts;
    at = text.indexOf(delimiter, start);
    const part = at >= 0 ? parsePart(text.subarray(start, at)) : undefined;
    if (!part) return undefined;
    parts.push(part);
  }
  return undefined; // it ends without the closing boundary
}

function boundaryOf(contentType = ""): string | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/** From the end of the boundary's line to the end of the content. */
function parsePart(bytes: Buffer): FormPart | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = bytes.subarray(0, headEnd).toString("utf8");
  const found = parameters(/^content-disposition:\s*form-data\s*(;.*)$/im.exec(head)?.[1]);
  const name = found.get("name");
  if (name === undefined) return undefined;
  const fileName = found.get("filename") ?? decoded(found.get("filename*"));
  return { name, fileName, content: bytes.subarray(headEnd + 4) };
}

/** With quotes or without; of two with one name the first. */
function parameters(disposition = ""): ReadonlyMap<string, string> {
  const found = [...disposition.matchAll(/;\s*([^\s=;"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g)];
  return new Map(
    found
      .reverse()
      // Other backslashes are those of a path, as some programs send it.
      .map(([, name = "", quoted, plain = ""]) => [
        name.toLowerCase(),
        quoted?.replace(/\\(["\\])/g, "$1") ?? plain,
      ]),
  );
}

/** RFC 8187: utf-8'en'a%20name. */
function decoded(value: string | undefined): string | undefined {
  const [, text] = /^utf-8'[^']*'((?:[^%]|%[\da-f]{2})*)$/i.exec(value ?? "") ?? [];
  return text?.replace(/(?:%..)+/g, (bytes) =>
    Buffer.from(bytes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}

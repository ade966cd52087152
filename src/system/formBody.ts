// A form (multipart/form-data) of another program, read as strictly as it can be: whoever reads it next must find the same parts in it, or what was
// reckoned here is not what is charged there.

export interface FormPart {
  readonly name: string;
  readonly isFile: boolean;
  readonly content: Uint8Array;
}

const mostParts = 64;
const mostHeadBytes = 4096;
const usualHeaders = /^(?:content-disposition|content-type|content-length): /i;
const disposition =
  /^content-disposition: form-data; name="([^"\\%]{1,64})"(; filename="[^"\\]*")?(?:; filename\*=[^;"\s]+)?$/i;

/** Undefined for everything that two readers might understand in two ways. */
export function readForm(contentType: string | undefined, body: Uint8Array): readonly FormPart[] | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data; ?boundary=(?:"([\w'()+,./:=?-]{1,70})"|([\w'()+,./:=?-]{1,70}))$/i.exec(
      contentType?.trim() ?? "",
    ) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return split(bytes, Buffer.from(`--${boundary}`));
}

/** Wherever the boundary stands, it must be a boundary. */
function split(bytes: Buffer, delimiter: Buffer): readonly FormPart[] | undefined {
  const parts: FormPart[] = [];
  let start: number | undefined;
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, start)) {
    const isFirst = start === undefined;
    if (isFirst ? at !== 0 : bytes.toString("latin1", at - 2, at) !== "\r\n") return undefined;
    const part = start === undefined ? undefined : partOf(bytes.subarray(start, at - 2));
    if (!isFirst && !part) return undefined;
    if (part) parts.push(part);
    const end = at + delimiter.length;
    const rest = bytes.toString("latin1", end, end + 4);
    if (rest.startsWith("--"))
      return /^--(?:\r\n)?$/.test(rest) && isEnd(bytes, end, rest) ? parts : undefined;
    if (!rest.startsWith("\r\n") || parts.length === mostParts) return undefined;
    start = end + 2;
  }
  return undefined; // it ends without the closing boundary
}

function isEnd(bytes: Buffer, at: number, rest: string): boolean {
  return bytes.length === at + rest.length;
}

function partOf(bytes: Buffer): FormPart | undefined {
  const headEnd = bytes.subarray(0, mostHeadBytes).indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const lines = bytes.toString("utf8", 0, headEnd).split("\r\n");
  const named = lines.flatMap((line) => disposition.exec(line) ?? []);
  const [, name, fileName] = named;
  const isUsual = lines.every((line) => usualHeaders.test(line));
  const isOnce = lines.filter((line) => /^content-disposition/i.test(line)).length === 1;
  if (name === undefined || !isUsual || !isOnce) return undefined;
  return { name, isFile: fileName !== undefined, content: bytes.subarray(headEnd + 4) };
}

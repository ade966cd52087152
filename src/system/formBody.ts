// A form (multipart/form-data) of another program, read as strictly as it can be: whoever reads it next must find the same parts in it, or what was
// reckoned here is not what is charged there. How common clients write their forms is taken, where it has one reading (RFC 7578, RFC 2183).

export interface FormPart {
  readonly name: string;
  readonly isFile: boolean;
  readonly content: Uint8Array;
}

/** A field's name may stand in quotes or, as .NET writes it, without. */
interface ReadPart extends FormPart {
  readonly isQuoted: boolean;
}

const mostParts = 64;
const mostHeadBytes = 4096;

/** Those in which a text of ASCII is what it is in UTF-8. */
const charset = /(?:utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d)/.source;
const charsetParameter = ` *; *charset=(?:"${charset}"|${charset})`;
/** Without a comma: some end the boundary there, with quotes or without. */
const boundary = /([\w'()+./:=?-]{1,70})/.source;
const formType = new RegExp(
  `^multipart/form-data(${charsetParameter})? *; *boundary=(?:"${boundary}"|${boundary})(${charsetParameter})?$`,
  "i",
);

/** A value of these needs no quotes. */
const plain = /[\w!#$&+.^`|~-]/.source;
const bare = `${plain}+`;
const isBare = new RegExp(`^${bare}$`);
/** Nothing in it that some readers decode (%, =?), unescape, trim or take for the next parameter. */
const name = `(?:"((?!\\s)[^"\\\\%;=]{1,64}(?<!\\s))"|(${bare}))`;
/** Where a backslash stands before its last quote, readers differ in whether that quote ends it. */
const fileName = `("(?:[^"\\\\]|\\\\.)*(?<!\\\\)"|(?:${plain}|[%'*])+)`;
const encodedFileName = `((?:utf-8|iso-8859-1)'[\\w-]*'(?:${plain}|%[\\da-f]{2})+)`;
const disposition = new RegExp(
  `^form-data *; *name=${name}(?: *; *filename=${fileName})?(?: *; *filename\\*=${encodedFileName})?$`,
  "i",
);
/** Some end a file's name at a quote or a semicolon in it, and would find another parameter behind. */
const hidesParameter = /;.*=/s;

const header = /^([a-z-]+): *(\P{Cc}*?) *$/iu;
/** All that a part's head may have, each once. */
const headers: ReadonlyMap<string, RegExp> = new Map([
  ["content-disposition", disposition],
  // A form within the form would be opened by some.
  ["content-type", /^(?!multipart)(?:\w|$)/i],
  ["content-length", /^\d{1,10}$/],
  // The others would have to be decoded.
  ["content-transfer-encoding", /^(?:binary|8bit|7bit)$/i],
]);
const textType = new RegExp(`^(?:(?!charset).)*?(?:${charsetParameter})?$`, "i");

/** Undefined for everything that two readers might understand in two ways. */
export function readForm(contentType: string | undefined, body: Uint8Array): readonly FormPart[] | undefined {
  const [, before, quoted, unquoted, after] = formType.exec(contentType ?? "") ?? [];
  const delimiter = quoted ?? unquoted;
  if (delimiter === undefined || (before && after)) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const parts = split(bytes, Buffer.from(`--${delimiter}`));
  return parts && isOfOneHand(parts) ? parts : undefined;
}

/** Who knows names in quotes only finds either all fields or none. Files are another matter: some clients write both in ways of their own. */
function isOfOneHand(parts: readonly ReadPart[]): boolean {
  const fields = parts.filter(({ isFile }) => !isFile);
  const needless = fields.filter((field) => field.isQuoted && isBare.test(field.name));
  return needless.length === 0 || fields.every(({ isQuoted }) => isQuoted);
}

/** Wherever the boundary stands, it must be a boundary. */
function split(bytes: Buffer, delimiter: Buffer): readonly ReadPart[] | undefined {
  const parts: ReadPart[] = [];
  let start: number | undefined;
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, start)) {
    const isLine = bytes.toString("latin1", Math.max(0, at - 2), at) === "\r\n";
    const isFirst = start === undefined;
    if (isFirst ? at !== 0 && !(at === 2 && isLine) : !isLine) return undefined;
    const part = start === undefined ? undefined : partOf(bytes.subarray(start, at - 2));
    if (!isFirst && !part) return undefined;
    if (part) parts.push(part);
    const end = at + delimiter.length;
    const rest = bytes.toString("latin1", end, end + 5);
    if (rest.startsWith("--")) return rest === "--" || rest === "--\r\n" ? parts : undefined;
    if (!rest.startsWith("\r\n") || parts.length === mostParts) return undefined;
    start = end + 2;
  }
  return undefined; // it ends without the closing boundary
}

function partOf(bytes: Buffer): ReadPart | undefined {
  const headEnd = bytes.subarray(0, mostHeadBytes).indexOf("\r\n\r\n");
  const head = headEnd < 0 ? undefined : headOf(bytes.toString("utf8", 0, headEnd));
  const [, quoted, unquoted, file, encodedFile] =
    disposition.exec(head?.get("content-disposition") ?? "") ?? [];
  const fieldName = quoted ?? unquoted;
  if (!head || fieldName === undefined || hidesParameter.test(file ?? "")) return undefined;
  const content = bytes.subarray(headEnd + 4);
  const isFile = (file ?? encodedFile) !== undefined;
  const isText = isFile || textType.test(head.get("content-type") ?? "");
  const isWhole = Number(head.get("content-length") ?? content.length) === content.length;
  return isText && isWhole ? { name: fieldName, isFile, isQuoted: quoted !== undefined, content } : undefined;
}

function headOf(text: string): ReadonlyMap<string, string> | undefined {
  const head = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const [, key = "", value = ""] = header.exec(line) ?? [];
    const known = key.toLowerCase();
    if (head.has(known) || !headers.get(known)?.test(value)) return undefined;
    head.set(known, value);
  }
  return head;
}

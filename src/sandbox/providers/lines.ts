// An answer's bytes line by line, and the one edit a provider makes in them.
import { parseJsonObject } from "../../broker/wire/json.js";

const newline = 0x0a;

/** Lines with their ends, as they come; the last one may have none. */
export async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const piece of body) {
    rest = Buffer.concat([rest, piece]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield rest;
}

const dataLine = /^(data: ?)?(\{.*\})(\s*)$/s;

/** A JSON text, or an event's `data:` line, with our name for the model; anything else stays as it is, byte for byte. */
export function renameModel(bytes: Buffer, model: string): Buffer {
  const [, field = "", json = "", end = ""] = dataLine.exec(bytes.toString("utf8")) ?? [];
  const value = json ? parseJsonObject(json) : undefined;
  if (!value || typeof value.model !== "string" || value.model === model) return bytes;
  return Buffer.from(field + JSON.stringify({ ...value, model }) + end);
}

// What the bytes in a receipt say of themselves, as far as they are there and are of a form that says it. Each body is read once: it may be
// large.
import { pictureType } from "../../domain/picture.js";
import type { AnswerReceipt, ReceiptBody, ReceiptKind } from "../../domain/receipt.js";
import { ChatStream } from "../wire/chatAnswer.js";
import { asArray, asObject, asText, parseJsonObject, type JsonObject } from "../wire/json.js";

export interface ToldByBytes {
  readonly model?: string;
  /** Undefined where neither body is of one kind alone: a form, a stream that was asked for with one. */
  readonly kind?: Exclude<ReceiptKind, "model">;
  readonly isStreamed?: boolean;
  /** Of the answer. */
  readonly id?: string;
}

export function toldByBytes({ request, response, ended }: AnswerReceipt): ToldByBytes {
  const asked = jsonOf(bytesOf(request));
  const bytes = ended === "complete" ? bytesOf(response) : undefined;
  const answer = jsonOf(bytes);
  return { model: asText(asked?.model), kind: kindOf(asked, answer), ...formOf(bytes, answer) };
}

function kindOf(asked: JsonObject | undefined, answer: JsonObject | undefined): ToldByBytes["kind"] {
  if (Array.isArray(asked?.messages) && asked.prompt === undefined) return "answer";
  if (Array.isArray(answer?.choices)) return "answer";
  const picture = asObject(asArray(answer?.data)[0]);
  const base64 = asText(picture?.b64_json);
  if (base64 !== undefined) return kindOfPicture(Buffer.from(base64, "base64"));
  if (asText(picture?.url) !== undefined) return "image";
  return asText(answer?.text) === undefined ? undefined : "transcript";
}

/** The signed text of one picture has the form of a chat's, whose answer must not pass for one. What is neither says nothing of itself. */
function kindOfPicture(bytes: Uint8Array): ToldByBytes["kind"] {
  if (pictureType(bytes)) return "image";
  return formOf(bytes, jsonOf(bytes)).isStreamed === undefined ? undefined : "answer";
}

/** Of a stream the start is enough. */
const longestStart = 65_536;

function formOf(
  bytes: Uint8Array | undefined,
  answer: JsonObject | undefined,
): Pick<ToldByBytes, "isStreamed" | "id"> {
  if (answer) return { isStreamed: false, id: asText(answer.id) || undefined };
  if (!bytes) return {};
  const stream = new ChatStream();
  stream.push(bytes.subarray(0, longestStart));
  return stream.jsonEvents > 0 ? { isStreamed: true, id: stream.answer.id } : {};
}

function jsonOf(bytes: Uint8Array | undefined): JsonObject | undefined {
  return bytes && parseJsonObject(new TextDecoder().decode(bytes));
}

function bytesOf({ base64 }: ReceiptBody): Buffer | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}

// What the bytes in a receipt say of themselves, as far as they are there and are of a form that says it.
import type { AnswerReceipt, ReceiptBody, ReceiptKind } from "../../domain/receipt.js";
import { ChatStream, parsePlainAnswer } from "../wire/chatAnswer.js";
import { asArray, asObject, asText, parseJsonObject, type JsonObject } from "../wire/json.js";

export function requestIn({ request }: AnswerReceipt): { readonly model?: string } | undefined {
  const json = jsonOf(request);
  return json && { model: asText(json.model) };
}

/** Undefined where neither body is of one kind alone: of a form, of a stream that was asked for with one. */
export function kindIn({ request, response }: AnswerReceipt): Exclude<ReceiptKind, "model"> | undefined {
  const asked = jsonOf(request);
  if (Array.isArray(asked?.messages) && asked.prompt === undefined) return "answer";
  const answer = jsonOf(response);
  if (Array.isArray(answer?.choices)) return "answer";
  const picture = asObject(asArray(answer?.data)[0]);
  if (asText(picture?.b64_json ?? picture?.url) !== undefined) return "image";
  return asText(answer?.text) === undefined ? undefined : "transcript";
}

/** Of a stream the start is enough. */
const longestStart = 65_536;

/** Undefined where the bytes are not there, or are neither form. */
export function answerIn({
  response,
  ended,
}: AnswerReceipt): { readonly isStreamed: boolean; readonly id?: string } | undefined {
  const bytes = bytesOf(response);
  if (!bytes || ended !== "complete") return undefined;
  const plain = parsePlainAnswer(bytes);
  if (plain) return { isStreamed: false, id: plain.id };
  const stream = new ChatStream();
  stream.push(bytes.subarray(0, longestStart));
  return stream.jsonEvents > 0 ? { isStreamed: true, id: stream.answer.id } : undefined;
}

function jsonOf(body: ReceiptBody): JsonObject | undefined {
  const bytes = bytesOf(body);
  return bytes && parseJsonObject(bytes.toString("utf8"));
}

function bytesOf({ base64 }: ReceiptBody): Buffer | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}

// What the bytes of a receipt say in words: the question that was sent and the answer that came, to be compared with a text from elsewhere.
import type { AnswerReceipt } from "../../domain/receipt.js";
import { ChatStream, parsePlainAnswer } from "../wire/chatAnswer.js";
import { asArray, asObject, asText, parseJsonObject } from "../wire/json.js";
import type { Said } from "./api.js";

/** Undefined where the bytes were not kept, or are none of a chat. */
export function said({ kind, request, response, isStreamed }: AnswerReceipt): Said | undefined {
  if (kind !== "answer" || request.base64 === undefined || response.base64 === undefined) return undefined;
  const question = lastQuestion(Buffer.from(request.base64, "base64").toString("utf8"));
  const answer = answerIn(Buffer.from(response.base64, "base64"), isStreamed);
  return question === undefined || !answer
    ? undefined
    : { question, text: answer.content, reasoning: answer.reasoning, toolCalls: answer.toolCalls };
}

function answerIn(bytes: Uint8Array, isStreamed: boolean) {
  if (!isStreamed) return parsePlainAnswer(bytes);
  const stream = new ChatStream();
  stream.push(bytes);
  stream.end();
  return stream.answer;
}

/** The words of the last message, which must be the user's. */
function lastQuestion(body: string): string | undefined {
  const last = asObject(asArray(parseJsonObject(body)?.messages).at(-1));
  if (last?.role !== "user") return undefined;
  const parts = asArray(last.content)
    .map(asObject)
    .filter((part) => part?.type === "text");
  return asText(last.content) ?? (parts.length === 1 ? asText(parts[0]?.text) : undefined);
}

// What the bytes of a receipt say in words: the question that was sent, what went before it, and the answer that came, to be compared with a
// text from elsewhere.
import type { AnswerReceipt } from "../../domain/receipt.js";
import { ChatStream, parsePlainAnswer } from "../wire/chatAnswer.js";
import { asArray, asObject, asText, hasDoubledMember, parseJsonObject } from "../wire/json.js";
import type { Said, SaidBefore } from "./api.js";

/** Undefined where the bytes were not kept, are none of a chat, or can be read in several ways. */
export function said({ kind, request, response, isStreamed }: AnswerReceipt): Said | undefined {
  if (kind !== "answer" || request.base64 === undefined || response.base64 === undefined) return undefined;
  const body = Buffer.from(request.base64, "base64").toString("utf8");
  const asked = parseJsonObject(body);
  if (!asked || hasDoubledMember(body)) return undefined;
  const messages = asArray(asked.messages).map(messageOf);
  const last = messages.at(-1);
  const question = last?.role === "user" ? last.text : undefined;
  const answer = answerIn(Buffer.from(response.base64, "base64"), isStreamed);
  return question === undefined || !answer
    ? undefined
    : {
        before: messages.slice(0, -1),
        question,
        ...{ text: answer.content, reasoning: answer.reasoning, toolCalls: answer.toolCalls },
      };
}

function answerIn(bytes: Uint8Array, isStreamed: boolean) {
  if (!isStreamed) return parsePlainAnswer(bytes);
  const stream = new ChatStream();
  stream.push(bytes);
  stream.end();
  return stream.answer;
}

function messageOf(message: unknown): SaidBefore {
  const { role, content, tool_calls: calls } = asObject(message) ?? {};
  const [part, ...more] = asArray(content).map(asObject);
  const text =
    asText(content) ?? (part?.type === "text" && more.length === 0 ? asText(part.text) : undefined);
  return { role: asText(role) ?? "", ...(text === undefined || calls !== undefined ? {} : { text }) };
}

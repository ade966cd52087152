// What the bytes of a receipt say in words: the question that was sent, what went before it, and the answer that came, to be compared with what
// is said elsewhere.
import { createHash } from "node:crypto";
import type { Sha256Hex } from "../../domain/ids.js";
import type { AnswerReceipt } from "../../domain/receipt.js";
import { ChatStream, parsePlainAnswer } from "../wire/chatAnswer.js";
import {
  asArray,
  asObject,
  asText,
  hasDoubledMember,
  parseJsonObject,
  type JsonObject,
} from "../wire/json.js";
import type { Said, SaidBefore, SaidPicture } from "./api.js";

/** Undefined where the bytes were not kept, are none of a chat, or can be read in several ways. */
export function said({ kind, request, response, isStreamed }: AnswerReceipt): Said | undefined {
  if (kind !== "answer" || request.base64 === undefined || response.base64 === undefined) return undefined;
  const body = Buffer.from(request.base64, "base64").toString("utf8");
  const asked = parseJsonObject(body);
  if (!asked || hasDoubledMember(body)) return undefined;
  const messages = asArray(asked.messages).map(messageOf);
  const last = messages.at(-1);
  const { text: question, pictures = [] } = last?.role === "user" ? last : {};
  const answer = answerIn(Buffer.from(response.base64, "base64"), isStreamed);
  return question === undefined || !answer
    ? undefined
    : {
        before: messages.slice(0, -1),
        ...{ question, pictures },
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
  const pictures = more.flatMap((one) => pictureOf(one) ?? []);
  const isPlain = part?.type === "text" && pictures.length === more.length;
  const text = asText(content) ?? (isPlain ? asText(part.text) : undefined);
  const isTold = text !== undefined && calls === undefined;
  return { role: asText(role) ?? "", ...(isTold ? { text, pictures } : { pictures: [] }) };
}

/** One that is in the request itself, in the one way of writing its bytes: whoever reads others may read something else. */
function pictureOf(part: JsonObject | undefined): SaidPicture | undefined {
  const asked = asObject(part?.image_url);
  const [, mediaType, base64] = /^data:(image\/[a-z]+);base64,([^]+)$/.exec(asText(asked?.url) ?? "") ?? [];
  const isAlone = part?.type === "image_url" && Object.keys(asked ?? {}).length === 1;
  if (!isAlone || mediaType === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return undefined;
  return { mediaType, sha256: createHash("sha256").update(bytes).digest("hex") as Sha256Hex };
}

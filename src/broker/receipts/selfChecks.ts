// What a receipt says of itself beside the bytes in it. Whoever forges one can write anything here: what can be compared is, and the rest is
// told as told.
import { sameAddress } from "../../domain/ids.js";
import { networks, type ContractAddresses } from "../../domain/networks.js";
import type { AnswerReceipt, Receipt, ReceiptBody, ReceiptCheck } from "../../domain/receipt.js";
import { ChatStream, parsePlainAnswer } from "../wire/chatAnswer.js";
import { asText, parseJsonObject } from "../wire/json.js";
import { compared } from "./compared.js";
import { answerReceiptId } from "./makeReceipt.js";

/** `left`: what the bytes say; undefined where they say nothing of it. */
interface Told {
  readonly why: "otherId" | "otherModel" | "otherForm" | "otherChatId";
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/** The first that contradicts the rest; where nothing does, what could be compared. */
export function aboutCheck(told: readonly Told[]): ReceiptCheck {
  const known = told.filter(({ left }) => left !== undefined);
  const other = known.find(({ left, right }) => left !== right);
  if (other) return compared("about", false, { left: other.left, right: other.right, failedWhy: other.why });
  return compared("about", true, { right: known.map(({ right }) => right).join("\n") });
}

export function aboutAnswer(receipt: AnswerReceipt): ReceiptCheck {
  const { id, model, isStreamed, chatId, request } = receipt;
  const asked = bytesOf(request);
  const answer = answerIn(receipt);
  return aboutCheck([
    { why: "otherId", left: answerReceiptId(receipt), right: id },
    {
      why: "otherModel",
      left: asked && asText(parseJsonObject(asked.toString("utf8"))?.model),
      right: model,
    },
    { why: "otherForm", left: answer && formText(answer.isStreamed), right: formText(isStreamed) },
    { why: "otherChatId", left: isNamedInAnswer(receipt) ? answer?.id : undefined, right: chatId },
  ]);
}

/** An answer is kept under its own id where no header names another: with a model that signs by itself (spec inference.md 5.2). */
function isNamedInAnswer({ kind, providerClass, chatId }: AnswerReceipt): boolean {
  return kind === "answer" && providerClass === "separated" && chatId !== undefined;
}

/** Of a stream the start is enough. */
const longestStart = 65_536;

/** Undefined where the bytes are not there, or are neither form. */
function answerIn({
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

function formText(isStreamed: boolean): string {
  return isStreamed ? "streamed" : "plain";
}

function bytesOf({ base64 }: ReceiptBody): Buffer | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}

/** Which chain and contract these are is known of the networks that have a name; of another one nothing is. */
export function networkCheck(
  { id, chainId, contract }: Receipt["network"],
  service: keyof ContractAddresses,
): ReceiptCheck | undefined {
  if (id === "custom") return undefined;
  const known = networks[id];
  if (known.chainId !== chainId) return otherChain("otherChain", String(known.chainId), String(chainId));
  const left = known.contracts[service];
  return sameAddress(left, contract) ? undefined : otherChain("otherContract", left, contract);
}

function otherChain(failedWhy: string, left: string, right: string): ReceiptCheck {
  return compared("chain", false, { left, right, failedWhy });
}

// A receipt's line in a list, with the question it is about where its bytes are kept.
import { receiptWord, type AnswerReceipt, type ReceiptSummary } from "../../domain/receipt.js";
import { asArray, asObject, asText, parseJsonObject } from "../wire/json.js";
import { modelChecks } from "./modelReceipt.js";
import { readReceipt } from "./readReceipt.js";
import { modelWord } from "./recheckModel.js";

const longestTitle = 120;

/** Undefined when that is no receipt of a version we know. Of an answer it says nothing of whether it is true. */
export function summaryOf(bytes: Uint8Array): ReceiptSummary | undefined {
  const { receipt } = readReceipt(bytes);
  if (!receipt) return undefined;
  const { id, kind } = receipt;
  const common = { id, network: receipt.network.id, madeAt: Date.parse(receipt.madeAt) };
  if (kind === "model") {
    const { provider, baseModel: model, task } = receipt;
    return { ...common, kind, provider, model, task, word: modelWord(modelChecks(receipt)) };
  }
  const title = questionOf(receipt) ?? transcriptIn(receipt);
  return {
    ...common,
    kind,
    provider: receipt.service.provider,
    model: receipt.model,
    level: receipt.verdict.level,
    word: receiptWord(receipt.verdict),
    ...(title === undefined ? {} : { title }),
  };
}

/** The last thing the user said, or what a picture was asked for with. A form is kept as its hash alone. */
function questionOf({ request }: AnswerReceipt): string | undefined {
  if (request.base64 === undefined) return undefined;
  const body = parseJsonObject(Buffer.from(request.base64, "base64").toString("utf8"));
  const asked = asArray(body?.messages)
    .map(asObject)
    .findLast((message) => message?.role === "user");
  return titleOf(asText(asked?.content) ?? asText(body?.prompt));
}

/** The first words that were heard: the recording itself is not kept. */
function transcriptIn({ kind, response }: AnswerReceipt): string | undefined {
  if (kind !== "transcript" || response.base64 === undefined) return undefined;
  const text = Buffer.from(response.base64, "base64").toString("utf8");
  return titleOf(asText(parseJsonObject(text)?.text) ?? text.replace(notHeard, ""));
}

/** Of subtitles: their head, their numbers and their times. */
const notHeard = /^(?:WEBVTT.*|\d+|.*-->.*)\r?$/gm;

function titleOf(text: string | undefined): string | undefined {
  return text?.replace(/\s+/g, " ").trim().slice(0, longestTitle) || undefined;
}

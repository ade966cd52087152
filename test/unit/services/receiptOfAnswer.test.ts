// Which receipt an answer has left: told by the hashes of its bytes, never by when it was.
import assert from "node:assert/strict";
import { receiptTools } from "../../../src/broker/receipts/receiptTools.js";
import type { Answer } from "../../../src/domain/chat.js";
import type { AnswerReceipt, ReceiptId } from "../../../src/domain/receipt.js";
import { receiptOfAnswer } from "../../../src/services/receipts/receiptOfAnswer.js";
import { aVerdict } from "../../support/builders.js";
import { aReceipt } from "../../support/receipts.js";

const own = aReceipt({ kind: "combined" });
const others = [aReceipt({ kind: "combined", isStreamed: true })];

const answerOf = ({ service, network, chatId, sentAt, request, response }: AnswerReceipt): Answer => ({
  ...{ state: "done", text: "", model: "m", provider: service.provider, network: network.id },
  startedAt: Date.parse(sentAt),
  verdict: aVerdict({
    ...(chatId === undefined ? {} : { chatId }),
    ...{ requestHash: request.sha256, responseHash: response.sha256 },
  }),
});

const kept = (...receipts: readonly AnswerReceipt[]) => {
  const files = new Map(receipts.map((one) => [one.id, receiptTools.toBytes(one)]));
  return {
    list: async () => [...files.values()].map((bytes) => receiptTools.summary(bytes)!),
    bytes: async (id: ReceiptId) => files.get(id),
    recheck: async (bytes: Uint8Array) => receiptTools.recheck(bytes),
  };
};

describe("The receipt of an answer", () => {
  it("is the one with the hashes of the same bytes", async () => {
    assert.equal(await receiptOfAnswer(kept(...others, own), answerOf(own)), own.id);
    assert.equal(await receiptOfAnswer(kept(...others), answerOf(own)), undefined);
  });

  it("is none where the bytes were never known, and none from before the question", async () => {
    const { verdict, ...rest } = answerOf(own);
    assert(verdict);
    assert.equal(await receiptOfAnswer(kept(own), rest), undefined);
    const later = { ...answerOf(own), startedAt: Date.parse(own.madeAt) + 1 };
    assert.equal(await receiptOfAnswer(kept(own), later), undefined);
  });
});

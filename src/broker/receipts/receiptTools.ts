// Receipts, bound to the interface of receipts/api.ts.
import type { ReceiptTools } from "./api.js";
import { canonicalText } from "./canonicalText.js";
import { makeAnswerReceipt, withVerdict } from "./makeReceipt.js";
import { makeModelReceipt } from "./modelReceipt.js";
import { readReceipt } from "./readReceipt.js";
import { recheck, witnessed } from "./recheck.js";
import { said } from "./said.js";
import { summaryOf } from "./summary.js";

export const receiptTools: ReceiptTools = {
  ofAnswer: makeAnswerReceipt,
  withVerdict,
  ofModel: makeModelReceipt,
  toBytes: (receipt) => new TextEncoder().encode(canonicalText(receipt)),
  fromBytes: (bytes) => readReceipt(bytes).receipt,
  summary: summaryOf,
  witnessed,
  said,
  recheck,
};

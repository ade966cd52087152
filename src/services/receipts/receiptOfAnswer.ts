// Which receipt an answer has left: the one that holds the hashes of the same bytes.
import type { Answer } from "../../domain/chat.js";
import { sameAddress } from "../../domain/ids.js";
import type { Receipt, ReceiptId } from "../../domain/receipt.js";
import type { Verdict } from "../../domain/verdict.js";
import type { ReceiptsService } from "./receipts.js";

/** Undefined when there is none, or none any more. */
export async function receiptOfAnswer(
  receipts: Pick<ReceiptsService, "list" | "bytes" | "recheck">,
  { provider, network, startedAt, verdict }: Answer,
): Promise<ReceiptId | undefined> {
  if (verdict?.requestHash === undefined || verdict.responseHash === undefined) return undefined;
  const candidates = (await receipts.list()).filter(
    (one) => sameAddress(one.provider, provider) && one.network === network && one.madeAt >= startedAt,
  );
  // The oldest first: a receipt is written when its answer ends, and few are made between the two.
  for (const { id } of candidates.reverse()) {
    const bytes = await receipts.bytes(id);
    const receipt = bytes && (await receipts.recheck(bytes)).receipt;
    if (receipt && isReceiptOf(receipt, verdict)) return id;
  }
  return undefined;
}

export function isReceiptOf(receipt: Receipt, verdict: Verdict): boolean {
  if (receipt.kind === "model") return false;
  const { request, response, chatId } = receipt;
  const isSame = request.sha256 === verdict.requestHash && response.sha256 === verdict.responseHash;
  return isSame && chatId === verdict.chatId;
}

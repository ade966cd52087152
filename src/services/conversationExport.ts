// What goes into a conversation's file beside its words: which receipt each answer left, and that receipt itself where it is asked for.
import type { Conversation, Turn } from "../domain/chat.js";
import { ComputeError } from "../domain/error.js";
import { sameAddress, type TurnId } from "../domain/ids.js";
import type { Clock } from "../domain/clock.js";
import { documentText, mostDocumentBytes, type DocumentReceipt } from "./conversationDocument.js";
import { isReceiptOf } from "./receiptOfAnswer.js";
import type { ReceiptsService } from "./receipts.js";

type Receipts = Pick<ReceiptsService, "list" | "bytes" | "recheck">;

/** Reads each receipt that may be one of theirs once. */
export async function receiptsIn(
  receipts: Receipts,
  { turns }: Pick<Conversation, "turns">,
): Promise<ReadonlyMap<TurnId, DocumentReceipt>> {
  const open = new Map(turns.filter(mayHaveReceipt).map((turn) => [turn.id, turn.answer]));
  const found = new Map<TurnId, DocumentReceipt>();
  const since = Math.min(...[...open.values()].map(({ startedAt }) => startedAt));
  for (const { id, kind, madeAt, provider } of await receipts.list()) {
    const isCandidate =
      kind === "answer" &&
      madeAt >= since &&
      [...open.values()].some((answer) => sameAddress(answer.provider, provider));
    const bytes = isCandidate ? await receipts.bytes(id) : undefined;
    const receipt = bytes && (await receipts.recheck(bytes)).receipt;
    const [turn] =
      [...open].find(([, { verdict }]) => receipt && verdict && isReceiptOf(receipt, verdict)) ?? [];
    if (turn === undefined || !bytes) continue;
    found.set(turn, { id, file: new TextDecoder().decode(bytes) });
    open.delete(turn);
  }
  return found;
}

function mayHaveReceipt({ answer: { verdict } }: Turn): boolean {
  return verdict?.requestHash !== undefined && verdict.responseHash !== undefined;
}

/** `carriesReceipts`: whoever gets the file can check its answers without this machine. Throws `badFile` for what could not be read again. */
export async function exportedConversation(
  { receipts, clock }: { readonly receipts: Receipts; readonly clock: Clock },
  conversation: Conversation,
  carriesReceipts: boolean,
): Promise<Uint8Array> {
  const found = await receiptsIn(receipts, conversation);
  const named = carriesReceipts
    ? found
    : new Map([...found].map(([turn, { id }]): [TurnId, DocumentReceipt] => [turn, { id }]));
  const bytes = new TextEncoder().encode(documentText(conversation, named, clock.now()));
  if (bytes.length > mostDocumentBytes)
    throw new ComputeError("badFile", {
      path: conversation.title,
      detail: `it would be larger than the ${mostDocumentBytes / 1024 / 1024} MB that can be imported again`,
    });
  return bytes;
}

// What goes into a conversation's file beside its words: which receipt each answer left, and that receipt itself where it is asked for.
import type { Conversation, Turn } from "../../domain/chat.js";
import { ComputeError } from "../../domain/error.js";
import { picturesOf } from "../../domain/attachment.js";
import { sameAddress, type Sha256Hex, type TurnId } from "../../domain/ids.js";
import type { Clock } from "../../domain/clock.js";
import { toBase64 } from "../base64.js";
import { documentText, mostDocumentBytes, type DocumentReceipt } from "./conversationDocument.js";
import type { PictureStore } from "./pictures.js";
import { isReceiptOf } from "../receipts/receiptOfAnswer.js";
import type { ReceiptsService } from "../receipts/receipts.js";

type Receipts = Pick<ReceiptsService, "list" | "bytes" | "recheck">;

export interface ExportingOptions {
  readonly receipts: Receipts;
  readonly pictures: Pick<PictureStore, "read">;
  readonly clock: Clock;
}

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

/** Those that are still here, in base64. */
async function picturesIn(
  store: ExportingOptions["pictures"],
  { turns }: Conversation,
): Promise<ReadonlyMap<Sha256Hex, string>> {
  const found = new Map<Sha256Hex, string>();
  for (const picture of turns.flatMap(({ attachments }) => picturesOf(attachments))) {
    const bytes = found.has(picture.sha256) ? undefined : await store.read(picture);
    if (bytes) found.set(picture.sha256, toBase64(bytes));
  }
  return found;
}

/** `carriesReceipts`: whoever gets the file can check its answers without this machine. Throws `badFile` for what could not be read again. */
export async function exportedConversation(
  { receipts, pictures, clock }: ExportingOptions,
  conversation: Conversation,
  carriesReceipts: boolean,
): Promise<Uint8Array> {
  const found = await receiptsIn(receipts, conversation);
  const named = carriesReceipts
    ? found
    : new Map([...found].map(([turn, { id }]): [TurnId, DocumentReceipt] => [turn, { id }]));
  const along = await picturesIn(pictures, conversation);
  const bytes = new TextEncoder().encode(documentText(conversation, named, clock.now(), along));
  if (bytes.length > mostDocumentBytes)
    throw new ComputeError("badFile", {
      path: conversation.title,
      detail: `it would be larger than the ${mostDocumentBytes / 1024 / 1024} MB that can be imported again`,
    });
  return bytes;
}

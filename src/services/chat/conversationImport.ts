// A conversation that comes with a file. What the file says of an answer is its word; a verdict of ours it gets where a receipt, of ours or in
// the file, has the very question and answer in it, and is judged here anew.
import type { SaidBefore, SaidPicture } from "../../broker/receipts/api.js";
import { picturesOf, textOfQuestion } from "../../domain/attachment.js";
import type { Answer, Conversation, Imported, Turn } from "../../domain/chat.js";
import { ComputeError } from "../../domain/error.js";
import { sameAddress, type ConversationId, type Sha256Hex, type TurnId } from "../../domain/ids.js";
import { mediaTypeOf, type Picture } from "../../domain/picture.js";
import { expectedSigner, type InferenceService } from "../../domain/provider.js";
import type { AnswerReceipt, Recheck } from "../../domain/receipt.js";
import { verdictWord, type Check, type Verdict } from "../../domain/verdict.js";
import type { Clock } from "../../domain/clock.js";
import { readDocument, type DocumentPicture, type DocumentTurn } from "./conversationDocument.js";
import { picturesAlong } from "./chatPictures.js";
import { pairOf, titleOf, usable } from "./chatRequest.js";
import { enclaveCheck } from "../enclaves/enclaveChecks.js";
import { readPicture, type PictureStore } from "./pictures.js";
import type { EnclaveGate, Random } from "../ports.js";
import type { ProvidersService } from "../providers/providers.js";
import { randomId } from "../randomId.js";
import type { ReceiptsService } from "../receipts/receipts.js";
import { networkKeyOf } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

export interface ImportingOptions {
  readonly receipts: Pick<ReceiptsService, "bytes" | "recheck" | "said">;
  /** What was read of the chain: whose key a receipt in the file must be signed by. */
  readonly providers: Pick<ProvidersService, "find">;
  readonly session: Pick<Session, "tryNetwork">;
  /** What is known here of the enclave behind that key. */
  readonly enclaves: Pick<EnclaveGate, "verified">;
  /** Those that are here already. */
  readonly pictures: Pick<PictureStore, "read">;
  readonly random: Random;
  readonly clock: Clock;
}

/** Not on disk yet: a conversation's name for a picture comes there before its bytes. */
export interface ImportedConversation {
  readonly conversation: Conversation;
  readonly pictures: readonly Uint8Array[];
  /** What the file says of a system prompt and parameters is left in it: what is asked next, and how, is not the file's to say. */
  readonly hadSettings: boolean;
}

/** What its receipt shows of an answer. */
type Shown = Pick<Answer, "verdict"> &
  Partial<Pick<Answer, "state">> &
  Pick<Imported, "receipt" | "isInstructed">;

/** What the file says went before. */
interface Context {
  /** Those that later requests have in them. */
  readonly usable: readonly Turn[];
  /** Of all that stand before. */
  readonly pictures: readonly Picture[];
  readonly instructions?: string;
  /** Pictures whose bytes came with the file. */
  readonly brought: ReadonlySet<Sha256Hex>;
}

/** Under an id of its own, and with no model picked: whom to ask next is not the file's to say. Throws `badFile`. */
export async function importedConversation(
  options: ImportingOptions,
  name: string,
  bytes: Uint8Array,
): Promise<ImportedConversation> {
  const now = options.clock.now();
  const { title, network, settings, createdAt, turns, pictures } = readDocument(name, bytes, now);
  for (const one of pictures)
    if (!isAsClaimed(one))
      throw new ComputeError("badFile", {
        path: name,
        detail: `${one.place} is not the picture that it says`,
      });
  const brought = new Set(pictures.map(({ claimed }) => claimed.sha256));
  const [first] = turns;
  const shown: Turn[] = [];
  // They grow with the list: a stranger's file may have thousands of turns.
  const before = { usable: [] as Turn[], pictures: [] as Picture[] };
  for (const turn of turns) {
    const context = { ...before, instructions: settings?.systemPrompt, brought };
    const made = await importedTurn(options, turn, context);
    shown.push(made);
    before.usable.push(...usable([made]));
    before.pictures.push(...picturesOf(made.attachments));
  }
  const conversation: Conversation = {
    id: randomId(options.random) as ConversationId,
    title: titleOf(plain(title) || (first?.turn.question ?? name)),
    network,
    turns: shown,
    createdAt,
    updatedAt: now,
  };
  const hadSettings = Object.keys(settings ?? {}).length > 0;
  return { conversation, pictures: pictures.map((one) => one.bytes), hadSettings };
}

function isAsClaimed({ claimed, bytes }: DocumentPicture): boolean {
  const read = readPicture(bytes);
  if ("problem" in read) return false;
  const { picture } = read;
  return (["type", "sha256", "size", "width", "height"] as const).every(
    (one) => picture[one] === claimed[one],
  );
}

/** Nothing that turns the text around it in a list or on a tab. */
function plain(title: string): string {
  return title.replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, " ").trim();
}

async function importedTurn(
  options: ImportingOptions,
  { turn, receipt }: DocumentTurn,
  context: Context,
): Promise<Turn> {
  const { answer } = turn;
  const at = answer.imported?.at ?? options.clock.now();
  const held = receipt && (await options.receipts.bytes(receipt.id));
  const carried = receipt?.file === undefined ? undefined : new TextEncoder().encode(receipt.file);
  const bytes = held ?? carried;
  const shown = bytes ? await provenBy(options, { turn, ...context }, bytes, held !== undefined) : {};
  return {
    ...turn,
    id: randomId(options.random) as TurnId,
    answer: {
      ...answer,
      ...(shown.verdict ? { verdict: shown.verdict } : {}),
      state: shown.state ?? answer.state,
      imported: {
        ...{ ...answer.imported, at },
        ...(shown.receipt ? { receipt: shown.receipt } : {}),
        ...(shown.isInstructed ? { isInstructed: true } : {}),
      },
    },
  };
}

async function provenBy(
  { receipts, providers, session, enclaves, pictures, clock }: ImportingOptions,
  { turn, ...context }: Context & { readonly turn: Omit<Turn, "id"> },
  bytes: Uint8Array,
  isHeld: boolean,
): Promise<Shown> {
  const recheck = await receipts.recheck(bytes);
  const { receipt, level } = recheck;
  if (!receipt) return recheck.word === "failed" ? { receipt: "contradicted" } : {}; // of a later version
  if (receipt.kind !== "answer" || !isAbout(receipt, turn.answer)) return { receipt: "contradicted" };
  const said = await receipts.said(receipt);
  if (!said) return {}; // only hashes were kept: nothing ties them to these words
  // A picture that nobody sees here cannot be compared with the one that was sent.
  if (!(await areHere(pictures, [...context.pictures, ...picturesOf(turn.attachments)], context.brought)))
    return {};
  const { text, reasoning = "", toolCalls = [] } = turn.answer;
  const isSame =
    said.text === text &&
    said.reasoning === reasoning &&
    JSON.stringify(said.toolCalls) === JSON.stringify(toolCalls) &&
    said.question === textOfQuestion(turn) &&
    areSame(said.pictures, picturesOf(turn.attachments));
  const isBroken = recheck.word === "failed" && (!level || verdictWord({ level }) !== "failed");
  if (!isSame || isBroken) return { receipt: "contradicted" };
  const instructions = said.before.filter(isInstruction);
  if (!isSaidBefore(said.before.slice(instructions.length), context.usable, turn.answer))
    return { receipt: "otherBefore" };
  if (instructions.some((one) => one.text !== context.instructions)) return { receipt: "otherBefore" };
  const verdict = verdictOf(recheck, receipt, clock.now());
  const shown = {
    ...{ verdict, state: stateBy(receipt, turn.answer.state) },
    ...(instructions.length > 0 ? { isInstructed: true as const } : {}),
  };
  if (isHeld) return { receipt: "held", ...shown };
  const network = session.tryNetwork();
  const service = network?.id === receipt.network.id ? providers.find(receipt.service.provider) : undefined;
  if (!network || !service || !isKeyOf(service.service, receipt)) return { receipt: "unknownKey" };
  const signedBy = { ...verdict, recoveredSigner: receipt.signed?.signer };
  const place = { network: network.id, networkKey: networkKeyOf(network) };
  const here = await enclaveCheck(enclaves, place, service.service, signedBy);
  return { receipt: "carried", ...shown, verdict: carriedVerdict(verdict, here) };
}

/** Of an answer that did not fail: whether it ended by itself or by the user's Stop, the receipt knows, whatever the file says. */
function stateBy({ ended }: AnswerReceipt, state: Answer["state"]): Answer["state"] {
  if (ended === "cut" || (state !== "done" && state !== "stopped")) return state;
  return ended === "complete" ? "done" : "stopped";
}

function isInstruction({ role }: SaidBefore): boolean {
  return role === "system" || role === "developer";
}

/** Everything that stands before it, without the first ones that the file says were left out. */
function isSaidBefore(
  messages: readonly SaidBefore[],
  turns: readonly Turn[],
  { leftOut = 0, picturesLeftOut = 0 }: Answer,
): boolean {
  if (messages.length !== 2 * Math.max(0, turns.length - leftOut)) return false;
  const sent = turns.slice(leftOut);
  const along = picturesAlong(sent, picturesLeftOut);
  if (!along) return false;
  // One after the other: a stranger's file may have far more text in it than the receipt.
  return sent.every((turn, at) =>
    pairOf(turn).every(({ role, content }, which) => {
      const message = messages[2 * at + which];
      const own = role === "user" ? (along[at] ?? []) : [];
      return message?.role === role && message.text === content && areSame(message.pictures, own);
    }),
  );
}

/** The same bytes, and told to be of the same kind. */
function areSame(sent: readonly SaidPicture[], own: readonly Picture[]): boolean {
  return (
    sent.length === own.length &&
    own.every(
      (picture, at) => sent[at]?.sha256 === picture.sha256 && sent[at]?.mediaType === mediaTypeOf(picture),
    )
  );
}

async function areHere(
  store: ImportingOptions["pictures"],
  named: readonly Picture[],
  brought: ReadonlySet<Sha256Hex>,
): Promise<boolean> {
  for (const picture of named) if (!brought.has(picture.sha256) && !(await store.read(picture))) return false;
  return true;
}

/**
 * Of the file's receipt what can be seen in it, and no hashes: there is no receipt of ours to be shown. What it says of the enclave counts
 * only against the answer; otherwise it is what is known here.
 */
function carriedVerdict({ level, reason, checks, providerClass, checkedAt }: Verdict, here: Check): Verdict {
  const seen = checks
    .filter(({ id }) => id !== "owner-acknowledged" && id !== "user-acknowledged")
    .map((check) => (check.id === "enclave" && check.status !== "failed" ? here : check));
  return { level, ...(reason === undefined ? {} : { reason }), checks: seen, providerClass, checkedAt };
}

function isAbout({ service, model, network }: AnswerReceipt, answer: Answer): boolean {
  return (
    sameAddress(service.provider, answer.provider) &&
    model === answer.model &&
    (answer.network === undefined || network.id === answer.network)
  );
}

/** By what we read of the chain, not by what the receipt says of it. */
function isKeyOf(service: InferenceService, { signed, providerClass }: AnswerReceipt): boolean {
  const expected = expectedSigner(service);
  return (
    signed?.signer !== undefined &&
    expected !== undefined &&
    sameAddress(signed.signer, expected) &&
    service.providerClass === providerClass &&
    service.isSignerAcknowledgedByOwner
  );
}

const checkIds: readonly string[] = [
  "signature",
  "signer",
  "owner-acknowledged",
  "user-acknowledged",
  "request-hash",
  "response-hash",
  "routing",
  "certificate",
  "enclave",
] satisfies Check["id"][];

function verdictOf(
  { level = "unsigned", reason, checks }: Recheck,
  receipt: AnswerReceipt,
  now: number,
): Verdict {
  return {
    level,
    ...(reason === undefined ? {} : { reason }),
    checks: checks.filter((check): check is Check => checkIds.includes(check.id)),
    providerClass: receipt.providerClass,
    ...(receipt.chatId === undefined ? {} : { chatId: receipt.chatId }),
    requestHash: receipt.request.sha256,
    responseHash: receipt.response.sha256,
    checkedAt: now,
  };
}

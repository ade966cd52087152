// A conversation as a file that leaves this machine and comes back: JSON that can be read without us. What is read may be anybody's; every
// field is looked at, and what is wrong is named with its place.
import { isPicture, mostAttachedBytes, mostAttachments, type Attachment } from "../../domain/attachment.js";
import type { Answer, Conversation, Turn, Usage } from "../../domain/chat.js";
import {
  longestStop,
  longestSystemPrompt,
  mostStops,
  settingBounds,
  type ChatSettings,
} from "../../domain/chatSettings.js";
import type { ToolCall } from "../../domain/chatMessage.js";
import { ComputeError } from "../../domain/error.js";
import type { Sha256Hex, TurnId } from "../../domain/ids.js";
import { beyond } from "../../domain/jsonBounds.js";
import { neuron } from "../../domain/money.js";
import { networkIds } from "../../domain/networks.js";
import {
  mediaTypeOf,
  mostPictureBytes,
  mostPictures,
  mostPicturesBytes,
  pictureTypes,
  type Picture,
} from "../../domain/picture.js";
import type { ReceiptId } from "../../domain/receipt.js";
import { verdictLevels, type Verdict } from "../../domain/verdict.js";
import { fromBase64 } from "../base64.js";
import { afterRestart } from "./conversationFile.js";
import { Field } from "../documentField.js";

/** Files of later versions have another; what is known of this one never changes. */
const conversationSchema = "0g-conversation/1";
export const conversationSuffix = ".0gchat.json";
export const mostDocumentBytes = 64 * 1024 * 1024;
const mostTurns = 5_000;
const mostTitle = 200;
const longestPath = 4_096;
const mostToolCalls = 256;
/** Of all there is on all levels: some forty for each turn, and room for what later versions add. */
const mostValues = 1_000_000;

/** Of one answer: its number, and the receipt itself where it is to go along. */
export interface DocumentReceipt {
  readonly id: ReceiptId;
  /** The text of the receipt's own file. */
  readonly file?: string;
}

export interface DocumentTurn {
  /** With an answer that says only what the file says; its id is none. */
  readonly turn: Omit<Turn, "id">;
  readonly receipt?: DocumentReceipt;
}

/** Bytes that the file has, and the picture that it says they are. */
export interface DocumentPicture {
  /** In the file, for an error. */
  readonly place: string;
  readonly claimed: Picture;
  readonly bytes: Uint8Array;
}

export interface ConversationDocument extends Pick<
  Conversation,
  "title" | "network" | "settings" | "createdAt"
> {
  readonly turns: readonly DocumentTurn[];
  readonly pictures: readonly DocumentPicture[];
}

/** With line ends, so that an error can be found by its line. `pictures`: their bytes in base64, as far as they are there. */
export function documentText(
  conversation: Conversation,
  receipts: ReadonlyMap<TurnId, DocumentReceipt>,
  exportedAt: number,
  pictures: ReadonlyMap<Sha256Hex, string> = new Map(),
): string {
  const left = new Map(pictures);
  const { title, network, settings, turns, createdAt } = afterRestart(conversation);
  const document = {
    schema: conversationSchema,
    exportedAt: isoTime(exportedAt),
    ...{ title, network },
    createdAt: isoTime(createdAt),
    settings,
    turns: turns.map(({ id, question, attachments, answer }) => ({
      ...{ question, attachments: attachments?.map((one) => attachmentOut(one, left)) },
      answer: { ...answerOut(answer), receipt: receipts.get(id) },
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** The bytes once, with the first question that they went along with. */
function attachmentOut(attachment: Attachment, left: Map<Sha256Hex, string>): object {
  if (!isPicture(attachment)) return attachment;
  const { path, picture } = attachment;
  const { sha256, size, width, height } = picture;
  const base64 = left.get(sha256);
  left.delete(sha256);
  return { path, picture: { mediaType: mediaTypeOf(picture), sha256, size, width, height, base64 } };
}

function answerOut(answer: Answer): object {
  const { state, text, reasoning, network, provider, model, usage, privacy, verdict, imported } = answer;
  const { cost, mostCost, toolCalls, leftOut, picturesLeftOut, error, startedAt, firstTokenAt, finishedAt } =
    answer;
  return {
    ...{ state, text, reasoning, toolCalls, network, provider, model, privacy, usage },
    ...{ costInNeuron: cost?.toString(), mostCostInNeuron: mostCost?.toString() },
    ...{ error: error?.code, leftOut, picturesLeftOut },
    startedAt: isoTime(startedAt),
    firstTokenAt: firstTokenAt === undefined ? undefined : isoTime(firstTokenAt),
    finishedAt: finishedAt === undefined ? undefined : isoTime(finishedAt),
    verdict: verdictOut(verdict, imported?.claim),
  };
}

/** Once more a claim of the file it came with, where nothing else is known. */
function verdictOut(verdict: Verdict | undefined, claim: Partial<Verdict> | undefined): object | undefined {
  const told = verdict ?? claim;
  if (!told) return undefined;
  const { level, reason, checkedAt, requestHash, responseHash, chatId, recoveredSigner } = told;
  return {
    ...{ level, reason },
    checkedAt: checkedAt === undefined ? undefined : isoTime(checkedAt),
    ...{ requestHash, responseHash, chatId, signer: recoveredSigner },
  };
}

/** Throws `badFile` with what is wrong and where. `name`: for the error. `now`: of the import. */
export function readDocument(name: string, bytes: Uint8Array, now: number): ConversationDocument {
  const refuse = (detail: string, line?: number) =>
    new ComputeError("badFile", { path: name, detail, ...(line === undefined ? {} : { line }) });
  if (bytes.length > mostDocumentBytes)
    throw refuse(`it is larger than ${mostDocumentBytes / 1024 / 1024} MB`);
  if (beyond(bytes, { values: mostValues, depth: 32 })) throw refuse("it holds more than any conversation");
  const text = decoded(bytes);
  if (text === undefined) throw refuse("it is not UTF-8 text");
  const value = parsed(text, refuse);
  try {
    return asDocument(new Field(value, ""), now);
  } catch (error) {
    throw error instanceof Error ? refuse(error.message) : error;
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined; // said by the caller
  }
}

function parsed(text: string, refuse: (detail: string, line?: number) => ComputeError): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    throw refuse(
      "it is not JSON",
      at === undefined ? undefined : text.slice(0, Number(at)).split("\n").length,
    );
  }
}

function asDocument(root: Field, now: number): ConversationDocument {
  const schema = root.member("schema").value;
  if (schema !== conversationSchema)
    throw new Error(
      typeof schema === "string" && /^0g-conversation\/\d+$/.test(schema)
        ? "it was written by a later version"
        : "it is not an exported conversation",
    );
  const pictures: DocumentPicture[] = [];
  return {
    title: root.member("title").text(mostTitle),
    network: root.member("network").oneOf(networkIds),
    createdAt: root.member("createdAt").time(),
    ...root.maybe("settings", asSettings),
    turns: root
      .member("turns")
      .list(mostTurns)
      .map((turn) => asTurn(turn, now, pictures)),
    pictures,
  };
}

function asSettings(field: Field): ChatSettings {
  const number = (name: keyof typeof settingBounds) =>
    field.maybe(name, (one) => one.number(settingBounds[name].least, settingBounds[name].most));
  return {
    ...field.maybe("systemPrompt", (one) => one.text(longestSystemPrompt)),
    ...number("temperature"),
    ...number("topP"),
    ...field.maybe("maxTokens", (one) => (one.count(), number("maxTokens").maxTokens)),
    ...number("seed"),
    ...field.maybe("stop", (one) => one.list(mostStops).map((text) => text.text(longestStop))),
  };
}

function asTurn(field: Field, now: number, pictures: DocumentPicture[]): DocumentTurn {
  const answer = field.member("answer");
  const receipt = answer.optional("receipt", asReceipt);
  const attachments = field.optional("attachments", (list) => asAttachments(list, pictures)) ?? [];
  return {
    turn: {
      question: field.member("question").text(),
      ...(attachments.length > 0 ? { attachments } : {}),
      answer: asAnswer(answer, now),
    },
    ...(receipt ? { receipt } : {}),
  };
}

function asAttachments(field: Field, pictures: DocumentPicture[]): readonly Attachment[] {
  let room = mostAttachedBytes;
  let [picturesLeft, bytesLeft] = [mostPictures, mostPicturesBytes];
  return field.list(mostAttachments).map((one): Attachment => {
    const picture = one.optional("picture", (said) => asPicture(said, pictures));
    if (picture && --picturesLeft < 0)
      throw new Error(`${field.place} has more than ${mostPictures} pictures`);
    if (picture && (bytesLeft -= picture.size) < 0)
      throw new Error(`${field.place} has more than ${mostPicturesBytes / 1024 / 1024} MB of pictures`);
    if (picture) return { path: one.member("path").text(longestPath), picture };
    const text = one.member("text").text(room);
    room -= text.length;
    const lines = one.optional("lines", (range) => ({
      first: range.member("first").count(),
      last: range.member("last").count(),
    }));
    return { path: one.member("path").text(longestPath), ...(lines ? { lines } : {}), text };
  });
}

/** What the bytes are is looked at by whoever takes them. */
function asPicture(field: Field, pictures: DocumentPicture[]): Picture {
  const mediaTypes = pictureTypes.map((type) => mediaTypeOf({ type }));
  const type = pictureTypes[mediaTypes.indexOf(field.member("mediaType").oneOf(mediaTypes))] ?? "png";
  const claimed: Picture = {
    type,
    sha256: field.member("sha256").matching(/^[0-9a-f]{64}$/) as Sha256Hex,
    size: field.member("size").count(),
    width: field.member("width").count(),
    height: field.member("height").count(),
  };
  const base64 = field.optional("base64", (one) => one.text(2 * mostPictureBytes));
  const bytes = base64 === undefined ? undefined : fromBase64(base64);
  if (base64 !== undefined && !bytes) throw new Error(`${field.place}.base64 is not base64`);
  if (bytes) pictures.push({ place: field.place, claimed, bytes });
  return claimed;
}

function asAnswer(field: Field, now: number): Answer {
  const amount = (name: string) => {
    const digits = field.optional(name, (one) => one.matching(/^\d{1,78}$/));
    return digits === undefined ? undefined : neuron(BigInt(digits));
  };
  const [cost, mostCost] = [amount("costInNeuron"), amount("mostCostInNeuron")];
  const claim = field.optional("verdict", (verdict) => ({
    level: verdict.member("level").oneOf(verdictLevels),
    checkedAt: verdict.member("checkedAt").time(),
  }));
  return {
    state: field.member("state").oneOf(["done", "stopped", "failed"]),
    text: field.member("text").text(),
    ...field.maybe("reasoning", (one) => one.text()),
    ...field.maybe("toolCalls", asToolCalls),
    ...field.maybe("network", (one) => one.oneOf(networkIds)),
    provider: field.member("provider").address(),
    model: field.member("model").text(200),
    ...field.maybe("usage", asUsage),
    ...(cost === undefined ? {} : { cost }),
    ...(mostCost === undefined ? {} : { mostCost }),
    ...field.maybe("leftOut", (one) => one.count()),
    ...field.maybe("picturesLeftOut", (one) => one.count()),
    startedAt: field.member("startedAt").time(),
    ...field.maybe("firstTokenAt", (one) => one.time()),
    ...field.maybe("finishedAt", (one) => one.time()),
    imported: { at: now, ...(claim && claim.level !== "pending" ? { claim } : {}) },
  };
}

function asToolCalls(field: Field): readonly ToolCall[] {
  return field.list(mostToolCalls).map((call) => ({
    id: call.member("id").text(),
    name: call.member("name").text(),
    arguments: call.member("arguments").text(),
  }));
}

function asUsage(field: Field): Usage {
  return {
    promptTokens: field.member("promptTokens").count(),
    completionTokens: field.member("completionTokens").count(),
    ...field.maybe("cachedTokens", (one) => one.count()),
    ...(field.member("isEstimated").value === true ? { isEstimated: true } : {}),
  };
}

function asReceipt(field: Field): DocumentReceipt {
  return {
    id: field.member("id").matching(/^[0-9a-f]{24}$/) as ReceiptId,
    ...field.maybe("file", (one) => one.text()),
  };
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

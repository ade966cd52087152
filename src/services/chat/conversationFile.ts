// A conversation as bytes of a file and back. What is read may be of an older version, cut off or edited by hand.
import type { Attachment, LineRange } from "../../domain/attachment.js";
import { pictureTypes, type Picture } from "../../domain/picture.js";
import {
  receiptsFound,
  type Answer,
  type AnswerState,
  type Conversation,
  type Imported,
  type KeptError,
  type Turn,
  type Usage,
} from "../../domain/chat.js";
import type { ToolCall } from "../../domain/chatMessage.js";
import { readSettings } from "../../domain/chatSettings.js";
import { ComputeError } from "../../domain/error.js";
import { areFactsOf } from "../../domain/errorFacts.js";
import {
  isAddressText,
  type ConversationId,
  type ProviderId,
  type Sha256Hex,
  type TurnId,
} from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import { networkIds, type NetworkId } from "../../domain/networks.js";
import type { Privacy } from "../../domain/provider.js";
import { verdictLevels, type Verdict } from "../../domain/verdict.js";

const version = 1;
const answerStates: readonly AnswerState[] = ["waiting", "streaming", "done", "stopped", "failed"];

/** UTF-8 JSON; a bigint becomes `{"$neuron": "123"}`. */
export function conversationToBytes(conversation: Conversation): Uint8Array {
  const text = JSON.stringify({ version, ...conversation }, (_key, value: unknown) =>
    typeof value === "bigint" ? { $neuron: value.toString() } : value,
  );
  return new TextEncoder().encode(text);
}

/** Throws `badFile` when it is not a conversation. `name` is for the error. */
export function conversationFromBytes(name: string, bytes: Uint8Array): Conversation {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return asConversation(JSON.parse(text, reviveNeuron));
  } catch (error) {
    const detail = error instanceof Error ? error.message : "unreadable";
    throw new ComputeError("badFile", { path: name, detail }, { cause: error });
  }
}

/**
 * What is true of a conversation after the process that ran it is gone: nothing runs any more, and an answer that was coming or
 * being checked is unchecked, until a later check finds more (lateChecks.ts).
 */
export function afterRestart(conversation: Conversation): Conversation {
  return { ...conversation, turns: conversation.turns.map(turnAfterRestart) };
}

/** The same of one turn, which another process may be answering. */
export function turnAfterRestart(turn: Turn): Turn {
  return { ...turn, answer: ended(turn.answer) };
}

function ended(answer: Answer): Answer {
  const isRunning = answer.state === "waiting" || answer.state === "streaming";
  const state = isRunning ? "stopped" : answer.state;
  return { ...answer, state, verdict: lastVerdict({ ...answer, state }), waitSeconds: undefined };
}

function lastVerdict({ state, text, verdict, finishedAt, startedAt }: Answer): Verdict | undefined {
  if (verdict?.level === "pending") {
    // A part of an answer could not have been proven anyway.
    const reason = state === "stopped" ? "stopped" : state === "failed" ? "cut" : "interrupted";
    const { isAskedAgain, ...rest } = verdict;
    return { ...rest, level: "unsigned", reason, ...(reason === "interrupted" ? { isAskedAgain } : {}) };
  }
  if (verdict || state !== "stopped" || text === "") return verdict;
  return { level: "unsigned", reason: "closed", checks: [], checkedAt: finishedAt ?? startedAt };
}

type Json = Readonly<Record<string, unknown>>;

function reviveNeuron(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  const { $neuron } = value;
  return typeof $neuron === "string" && /^-?\d+$/.test($neuron) ? BigInt($neuron) : value;
}

function asConversation(value: unknown): Conversation {
  const json = object(value, "conversation");
  if (json.version !== version) throw new Error(`version ${String(json.version)} is unknown`);
  const settings = readSettings(json.settings);
  return {
    id: text(json.id, "id") as ConversationId,
    title: text(json.title, "title"),
    network: oneOf(networkIds, json.network, "network"),
    ...(isAddress(json.provider) ? { provider: json.provider as ProviderId } : {}),
    ...(typeof json.model === "string" ? { model: json.model } : {}),
    ...(settings ? { settings } : {}),
    turns: list(json.turns, "turns").map(asTurn),
    createdAt: number(json.createdAt, "createdAt"),
    updatedAt: number(json.updatedAt, "updatedAt"),
  };
}

function asTurn(value: unknown): Turn {
  const json = object(value, "turn");
  return {
    id: text(json.id, "turn.id") as TurnId,
    question: text(json.question, "question"),
    ...(json.attachments === undefined
      ? {}
      : { attachments: list(json.attachments, "attachments").map(asAttachment) }),
    answer: asAnswer(object(json.answer, "answer")),
  };
}

function asAttachment(value: unknown): Attachment {
  const json = object(value, "attachment");
  if (json.picture !== undefined)
    return { path: text(json.path, "path"), picture: asPicture(object(json.picture, "picture")) };
  return {
    path: text(json.path, "path"),
    ...(json.lines === undefined ? {} : { lines: asLines(object(json.lines, "lines")) }),
    text: text(json.text, "text"),
  };
}

/** Its hash is the name of a file. */
function asPicture(json: Json): Picture {
  const sha256 = text(json.sha256, "picture.sha256") as Sha256Hex;
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error("picture.sha256 is no hash");
  return {
    type: oneOf(pictureTypes, json.type, "picture.type"),
    sha256,
    size: number(json.size, "picture.size"),
    width: number(json.width, "picture.width"),
    height: number(json.height, "picture.height"),
  };
}

function asLines(json: Json): LineRange {
  return { first: number(json.first, "first"), last: number(json.last, "last") };
}

function asAnswer(json: Json): Answer {
  return {
    state: oneOf(answerStates, json.state, "answer.state"),
    text: text(json.text, "answer.text"),
    ...optional(json, "reasoning", "string"),
    ...(Array.isArray(json.toolCalls) ? { toolCalls: json.toolCalls.filter(isToolCall) } : {}),
    ...(networkIds.some((known) => known === json.network) ? { network: json.network as NetworkId } : {}),
    provider: text(json.provider, "answer.provider") as ProviderId,
    model: text(json.model, "answer.model"),
    ...(isUsage(json.usage) ? { usage: json.usage } : {}),
    ...(typeof json.cost === "bigint" ? { cost: neuron(json.cost) } : {}),
    ...(typeof json.mostCost === "bigint" ? { mostCost: neuron(json.mostCost) } : {}),
    ...(isPrivacy(json.privacy) ? { privacy: json.privacy } : {}),
    ...(json.error === undefined ? {} : { error: asKeptError(json.error) }),
    ...(isVerdict(json.verdict) ? { verdict: json.verdict } : {}),
    ...(isObject(json.imported) ? { imported: asImported(json.imported) } : {}),
    ...optional(json, "leftOut", "number"),
    ...optional(json, "picturesLeftOut", "number"),
    startedAt: number(json.startedAt, "startedAt"),
    ...optional(json, "firstTokenAt", "number"),
    ...optional(json, "finishedAt", "number"),
  };
}

/** What cannot be read of it is not claimed; that it came with a file stays true. */
function asImported({ at, claim, receipt, isInstructed }: Json): Imported {
  const known = receiptsFound.find((one) => one === receipt);
  return {
    at: typeof at === "number" ? at : 0,
    ...(isClaim(claim) ? { claim } : {}),
    ...(known ? { receipt: known } : {}),
    ...(isInstructed === true ? { isInstructed } : {}),
  };
}

function isClaim(value: unknown): value is NonNullable<Imported["claim"]> {
  return (
    isObject(value) &&
    verdictLevels.some((level) => level === value.level) &&
    typeof value.checkedAt === "number" &&
    !Number.isNaN(new Date(value.checkedAt).getTime())
  );
}

function optional<N extends string>(json: Json, name: N, type: "string" | "number"): Json {
  return typeof json[name] === type ? { [name]: json[name] } : {};
}

function isToolCall(value: unknown): value is ToolCall {
  return isObject(value) && ["id", "name", "arguments"].every((part) => typeof value[part] === "string");
}

function isUsage(value: unknown): value is Usage {
  return (
    isObject(value) && typeof value.promptTokens === "number" && typeof value.completionTokens === "number"
  );
}

/** Of what cannot be told any more it is still true that something went wrong. */
function asKeptError(value: unknown): KeptError {
  const { code, facts } = isObject(value) ? value : {};
  if (typeof code === "string" && isObject(facts) && areFactsOf(code, facts))
    return { code, facts: facts as unknown as KeptError["facts"] };
  return { code: "internal", facts: { detail: "unreadable" } };
}

function isVerdict(value: unknown): value is Verdict {
  return (
    isObject(value) &&
    verdictLevels.some((level) => level === value.level) &&
    (value.providerClass === undefined || typeof value.providerClass === "string") &&
    Array.isArray(value.checks) &&
    value.checks.every(
      (check) => isObject(check) && typeof check.id === "string" && typeof check.status === "string",
    )
  );
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && isAddressText(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(value: unknown, what: string): Json {
  if (!isObject(value)) throw new Error(`${what} is not an object`);
  return value;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} is not a list`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`${what} is not text`);
  return value;
}

function number(value: unknown, what: string): number {
  if (typeof value !== "number") throw new Error(`${what} is not a number`);
  return value;
}

function oneOf<T extends string>(known: readonly T[], value: unknown, what: string): T {
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${what} is unknown`);
  return found;
}

function isPrivacy(value: unknown): value is Privacy {
  return value === "private" || value === "authentic" || value === "passedOn" || value === "none";
}

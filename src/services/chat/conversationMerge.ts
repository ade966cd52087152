// One conversation in two windows: each knows what it last read or wrote, so that what either added, changed or removed since is told apart.
import type { Conversation, Turn } from "../../domain/chat.js";
import type { TurnId } from "../../domain/ids.js";
import { turnAfterRestart } from "./conversationFile.js";

interface Pair {
  readonly file: Turn;
  /** The object that stands for it here: turns are replaced, never changed. */
  readonly shown: Turn;
}

/** A conversation's file as this window last read or wrote it. */
export interface Seen {
  readonly file: Conversation;
  readonly turns: ReadonlyMap<TurnId, Pair>;
}

export interface Merged {
  /** To be written. */
  readonly file: Conversation;
  /** To be held here: of another window's turns, what is true when nothing runs in this one. */
  readonly shown: Conversation;
  /** What is seen of the file when nothing is written. */
  readonly seen: Seen;
}

/** Everything that is shown is in the file. */
export function seenOf(file: Conversation, shown: Conversation): Seen {
  const byId = new Map(file.turns.map((turn) => [turn.id, turn]));
  const pairs = shown.turns.flatMap((turn): [TurnId, Pair][] => {
    const inFile = byId.get(turn.id);
    return inFile ? [[turn.id, { file: inFile, shown: turn }]] : [];
  });
  return { file, turns: new Map(pairs) };
}

/**
 * `ours` of this window's memory and `theirs` of the file, which another window may have written since it was `seen`. `show`: how a turn of
 * theirs is held here.
 */
export function mergeConversations(
  ours: Conversation,
  theirs: Conversation,
  seen: Seen | undefined,
  show: (turn: Turn) => Turn = turnAfterRestart,
): Merged {
  const inFile = new Map(theirs.turns.map((turn) => [turn.id, turn]));
  const here = new Set(ours.turns.map(({ id }) => id));
  const own = ours.turns.flatMap((turn) =>
    ownTurn(turn, inFile.get(turn.id), seen?.turns.get(turn.id), show),
  );
  const added = theirs.turns
    .filter(({ id }) => !here.has(id) && !seen?.turns.has(id)) // seen and not here: this window removed it
    .map((file): Pair => ({ file, shown: show(file) }));
  const pairs =
    added.length === 0
      ? own
      : [...own, ...added].sort((a, b) => a.file.answer.startedAt - b.file.answer.startedAt);
  const around = mergeAround(ours, theirs, seen?.file);
  const isSame = pairs.length === ours.turns.length && pairs.every(({ shown }, i) => shown === ours.turns[i]);
  const read = pairs.filter(({ file }) => inFile.get(file.id) === file);
  return {
    file: { ...around, turns: pairs.map(({ file }) => file) },
    shown: isSame && around === ours ? ours : { ...around, turns: pairs.map(({ shown }) => shown) },
    seen: {
      file: theirs,
      turns: new Map([...(seen?.turns ?? []), ...read.map((pair): [TurnId, Pair] => [pair.file.id, pair])]),
    },
  };
}

function ownTurn(
  ours: Turn,
  theirs: Turn | undefined,
  seen: Pair | undefined,
  show: (turn: Turn) => Turn,
): Pair[] {
  // New here, or changed here since: it may be running.
  if (seen?.shown !== ours) return [{ file: ours, shown: ours }];
  if (!theirs) return []; // replaced or left out in the other window
  const isSame = theirs === seen.file || sameTurn(theirs, seen.file);
  return [{ file: theirs, shown: isSame ? ours : show(theirs) }];
}

type Kept = "title" | "network" | "provider" | "model" | "settings";

/** Settings are read anew with each file. */
function isSameValue(a: Conversation[Kept], b: Conversation[Kept]): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

/** Title, picked model and the rest: what this window changed since, else what the file says. */
function mergeAround(ours: Conversation, theirs: Conversation, seen: Conversation | undefined): Conversation {
  const pick = <K extends Kept>(name: K): Partial<Pick<Conversation, K>> => {
    const isOurs = !seen || !isSameValue(ours[name], seen[name]) || isSameValue(ours[name], theirs[name]);
    const value = (isOurs ? ours : theirs)[name];
    return { [name]: value } as Partial<Pick<Conversation, K>>;
  };
  const made = {
    ...ours,
    ...pick("title"),
    ...pick("network"),
    ...pick("provider"),
    ...pick("model"),
    ...pick("settings"),
    updatedAt: Math.max(ours.updatedAt, theirs.updatedAt),
  };
  const names = ["title", "network", "provider", "model", "settings", "updatedAt"] as const;
  return names.every((name) => made[name] === ours[name]) ? ours : made;
}

function sameTurn(a: Turn, b: Turn): boolean {
  return asText(a) === asText(b);
}

function asText(turn: Turn): string {
  return JSON.stringify(turn, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

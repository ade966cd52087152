// The journal's list of entries as it changes: one replaced or taken out, old ones gone, answers joined to their provider's sum.
import { withAnswer, type Stored, type StoredEntry } from "./journalFile.js";

const answersRunAtMostMs = 24 * 3_600_000;
const keptForMs = 40 * 24 * 3_600_000;
/** Beyond what still counts. */
const keptEntries = 200;
const countsForMs = 24 * 3_600_000;

export function without(stored: Stored, id: string): Stored {
  return { ...stored, entries: stored.entries.filter((entry) => entry.id !== id) };
}

export function replaceEntry(stored: Stored, id: string, change: Partial<StoredEntry>): Stored {
  return {
    ...stored,
    entries: stored.entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)),
  };
}

/** Old entries go; an answer whose end nobody saw joins its provider's sum at its upper bound. */
export function pruned(stored: Stored, now: number): Stored {
  const isLost = (entry: StoredEntry) =>
    entry.kind === "answer" && entry.phase === "sent" && now - entry.at > answersRunAtMostMs;
  const joined = stored.entries.filter(isLost).reduce(withAnswer, stored);
  const entries = stored.entries.filter((entry) => !isLost(entry) && now - entry.at < keptForMs);
  // What a limit still counts is never crowded out by what came after it.
  const counts = (entry: StoredEntry) => entry.kind === "answer" || now - entry.at <= countsForMs;
  const recent = new Set(entries.slice(-keptEntries));
  return { ...joined, entries: entries.filter((entry) => recent.has(entry) || counts(entry)) };
}

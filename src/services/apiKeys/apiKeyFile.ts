// The file of API keys: what it holds, whether that can be believed, and what is left of a damaged one.
import { apiKeyId } from "../../domain/apiKey.js";
import { ComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import { type ApiKey, type ApiKeyBook, usedKey } from "./apiKeyBook.js";

/** Throws `apiKeysDamaged`: a book that cannot be read must not pass for an empty one, or ids would be handed out a second time. */
export function parseBook(path: string, bytes: Uint8Array): ApiKeyBook {
  const book = parsed(new TextDecoder().decode(bytes));
  if (!isBook(book)) throw new ComputeError("apiKeysDamaged", { path });
  return book;
}

/**
 * Whole keys of a damaged file and every id that can be read in it, together with what this window last knew: no id of either of them is
 * handed out again.
 */
export function salvagedBook(bytes: Uint8Array, known: ApiKeyBook): ApiKeyBook {
  const text = new TextDecoder().decode(bytes);
  const found = [...text.matchAll(/\{[^{}]*\}/g)].map(([whole]) => parsed(whole)).filter(isKey);
  const listed = new Set(known.keys.map(({ id }) => id));
  const keys = [...known.keys, ...found.filter(({ id }) => !listed.has(id))];
  const used = new Map(Object.entries(known.used).map(([at, ids]) => [at, new Set(ids)]));
  const use = (at: string, id: number) => used.set(at, (used.get(at) ?? new Set()).add(id));
  // A list that is cut off ends in a part of a number: one id more is used.
  for (const [, at = "", ids = ""] of text.matchAll(/"(0x[0-9a-f]{40}\.\d+)"\s*:\s*\[([\d,\s]*)/g))
    for (const id of ids.split(",").filter((one) => one.trim() !== "")) use(at, Number(id));
  for (const { provider, generation, tokenId } of keys) use(usedKey(provider, generation), tokenId);
  const sorted = [...used].map(([at, ids]) => [at, [...ids].sort((a, b) => a - b)] as const);
  return { keys, used: Object.fromEntries(sorted) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isBook(value: unknown): value is ApiKeyBook {
  if (typeof value !== "object" || value === null) return false;
  const { keys, used } = value as Record<string, unknown>;
  if (!Array.isArray(keys) || !keys.every(isKey) || typeof used !== "object" || used === null) return false;
  return Object.values(used).every((ids) => Array.isArray(ids) && ids.every(Number.isSafeInteger));
}

function isKey(value: unknown): value is ApiKey {
  if (typeof value !== "object" || value === null) return false;
  const { id, label, origin, wallet, provider, tokenId, generation, createdAt } = value as Record<
    string,
    unknown
  >;
  if (typeof wallet !== "string" || typeof provider !== "string" || typeof label !== "string") return false;
  if (typeof tokenId !== "number" || typeof generation !== "number" || typeof createdAt !== "number")
    return false;
  const facts = { provider: provider as ProviderId, tokenId, generation };
  return id === apiKeyId(facts) && (origin === "here" || origin === "elsewhere");
}

// API keys: tokens that a wallet signed for one provider and that end late or never (spec inference.md 3.2, contracts.md 6.6).
import type { SubAccount } from "./account.js";
import { addressKey, type Address, type ProviderId } from "./ids.js";
import type { Brand } from "./brand.js";

/** Ids of keys are 0 to 254; 255 is that of all short passes. */
export const maxTokenId = 254;

/** Names a key within one wallet on one network. Keys that share it are revoked together. */
export type ApiKeyId = Brand<string, "ApiKeyId">;

/** What a key says of itself: signed, and readable by whoever has it. Times in milliseconds since 1970. */
export interface ApiKeyFacts {
  readonly wallet: Address;
  readonly provider: ProviderId;
  readonly tokenId: number;
  readonly generation: number;
  readonly createdAt: number;
  /** Absent: never. */
  readonly expiresAt?: number;
}

/**
 * revoked: its own bit is set. revokedWithAll: of an older generation. ahead: of a generation that the chain does not have yet, as after a
 * reset of the sandbox. noAccount: there is no account with its provider, who refuses it as long as that is so.
 */
export type ApiKeyState = "active" | "expired" | "revoked" | "revokedWithAll" | "ahead" | "noAccount";

export function apiKeyId({
  provider,
  generation,
  tokenId,
}: Pick<ApiKeyFacts, "provider" | "generation" | "tokenId">): ApiKeyId {
  return `${addressKey(provider)}.${generation}.${tokenId}` as ApiKeyId;
}

/** No provider ever takes it again. */
export function isOver(state: ApiKeyState | undefined): boolean {
  return state === "expired" || state === "revoked" || state === "revokedWithAll" || state === "ahead";
}

/** The contract knows ids of the present generation only, and none where there is no account. */
export function isRevocable(state: ApiKeyState | undefined): boolean {
  return state === "active" || state === undefined;
}

/** What a provider makes of a key, in the order in which it looks (spec inference.md 3.5). `account` absent: there is none. */
export function apiKeyState(
  key: Pick<ApiKeyFacts, "tokenId" | "generation" | "expiresAt">,
  account: Pick<SubAccount, "generation" | "revokedBitmap"> | undefined,
  now: number,
): ApiKeyState {
  if (isExpired(key.expiresAt, now)) return "expired";
  if (!account) return "noAccount";
  const { generation = 0, revokedBitmap = 0n } = account;
  if (key.generation !== generation) return key.generation < generation ? "revokedWithAll" : "ahead";
  return isIdRevoked(revokedBitmap, key.tokenId) ? "revoked" : "active";
}

/** Whole seconds: in the second of its end a key is still good. */
function isExpired(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && Math.floor(now / 1000) > Math.floor(expiresAt / 1000);
}

/** Bit i set: id i is revoked in the account's generation. */
export function isIdRevoked(revokedBitmap: bigint, tokenId: number): boolean {
  return ((revokedBitmap >> BigInt(tokenId)) & 1n) === 1n;
}

/** Ids whose bit is not set, smallest first. They may be in use: the chain shows revoked ids, not those that were handed out. */
export function unrevokedIds(revokedBitmap: bigint): number[] {
  return allIds().filter((id) => !isIdRevoked(revokedBitmap, id));
}

export function revokedIds(revokedBitmap: bigint): number[] {
  return allIds().filter((id) => isIdRevoked(revokedBitmap, id));
}

function allIds(): number[] {
  return Array.from({ length: maxTokenId + 1 }, (_, id) => id);
}

/**
 * An id for a new key: neither revoked nor in `used`; undefined when none is left. Ids that were handed out elsewhere cannot be seen. The
 * official tools take the smallest that is not revoked, so that one is left to them; `chance` (a byte) keeps machines that know nothing of
 * each other apart.
 */
export function chooseTokenId(
  revokedBitmap: bigint,
  used: ReadonlySet<number>,
  chance: number,
): number | undefined {
  const [theirs, ...others] = unrevokedIds(revokedBitmap);
  const free = others.filter((id) => !used.has(id));
  if (free.length > 0) return free[chance % free.length];
  return theirs !== undefined && !used.has(theirs) ? theirs : undefined;
}

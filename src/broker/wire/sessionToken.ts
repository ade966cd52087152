// The session token a client sends with every billed request (spec inference.md 3).
import { getBytes, keccak256, toUtf8Bytes } from "ethers";
import { isIdRevoked, maxTokenId, unrevokedIds } from "../../domain/apiKey.js";
import { personalDigest, personalSign } from "./hash.js";

export const ephemeralTokenId = 255;
export const ephemeralMaxMs = 86_400_000;
/** A kept ephemeral token is used again only while strictly more than this is left (spec 3.3). */
const reuseMarginMs = 3_600_000;
export const bearerPrefix = "Bearer app-sk-";

/** Times in milliseconds; `expiresAt` 0 = never. `provider` stays as the caller wrote it: the broker compares without case. */
export interface SessionToken {
  readonly address: string;
  readonly provider: string;
  readonly timestamp: number;
  readonly expiresAt: number;
  readonly nonce: string;
  readonly generation: number;
  readonly tokenId: number;
}

export interface SessionRequest {
  /** The user, EIP-55. */
  readonly address: string;
  readonly provider: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly mode: "ephemeral" | "persistent";
  /** Ephemeral: absent, 0 or negative = 24 h. Persistent: absent or 0 = never expires. */
  readonly durationMs?: number;
  /** Persistent only; absent = the smallest id that is not revoked. */
  readonly tokenId?: number;
  readonly generation: number;
  /** Bit i set = id i is revoked in this generation. */
  readonly revokedBitmap: bigint;
  readonly nonce: string;
}

/** A token as it goes over the wire. All hex is lower-case with 0x. */
export interface SignedSession {
  readonly token: SessionToken;
  readonly rawMessage: string;
  readonly signature: string;
  /** `app-sk-` and the base64: what follows "Bearer ". */
  readonly apiKey: string;
}

export class SessionTokenError extends Error {}

/** Fills in a token by the rules of spec 3.1 and 3.2. Throws SessionTokenError before anything is signed. */
export function createSessionToken(request: SessionRequest): SessionToken {
  const { address, provider, now, nonce, generation } = request;
  const isEphemeral = request.mode === "ephemeral";
  const tokenId = isEphemeral ? ephemeralTokenId : persistentTokenId(request);
  const duration = isEphemeral ? ephemeralDuration(request.durationMs) : (request.durationMs ?? 0);
  const expiresAt = duration > 0 ? now + duration : 0;
  return { address, provider, timestamp: now, expiresAt, nonce, generation, tokenId };
}

/**
 * The smallest id whose bit is not set; undefined when 0 to 254 are all revoked.
 * The bitmap shows revoked ids, not ids in use: whoever hands out keys must also remember them (spec 3.2).
 */
export function findTokenId(revokedBitmap: bigint): number | undefined {
  return unrevokedIds(revokedBitmap)[0];
}

/** False for 255: an ephemeral token is revoked by its generation alone. */
export function isRevoked(revokedBitmap: bigint, tokenId: number): boolean {
  return tokenId !== ephemeralTokenId && isIdRevoked(revokedBitmap, tokenId);
}

/** True while a kept ephemeral token may be sent again (spec 3.3). */
export function isReusable(token: Pick<SessionToken, "expiresAt">, now: number): boolean {
  return token.expiresAt > now + reuseMarginMs;
}

/** The JSON text that is signed: fixed key order, no spaces. */
export function sessionMessage(token: SessionToken): string {
  const { address, provider, timestamp, expiresAt, nonce, generation, tokenId } = token;
  return JSON.stringify({ address, provider, timestamp, expiresAt, nonce, generation, tokenId });
}

/** keccak256 of the message's UTF-8: its 32 bytes, not the text, are what is signed. 0x hex. */
export function sessionHash(rawMessage: string): string {
  return keccak256(toUtf8Bytes(rawMessage));
}

/** What the curve signs: EIP-191 over the 32 bytes of `sessionHash`. 0x hex. */
export function sessionDigest(rawMessage: string): string {
  return personalDigest(getBytes(sessionHash(rawMessage)));
}

/** `privateKey` is 0x and 64 hex characters; it is not kept. */
export function signSession(token: SessionToken, privateKey: string): SignedSession {
  return sealSession(token, personalSign(getBytes(sessionHash(sessionMessage(token))), privateKey));
}

/** The same with a signature of `sessionDigest` that was made elsewhere. */
export function sealSession(token: SessionToken, signature: string): SignedSession {
  const rawMessage = sessionMessage(token);
  return { token, rawMessage, signature, apiKey: `app-sk-${encodeSession(rawMessage, signature)}` };
}

export function bearer(session: Pick<SignedSession, "apiKey">): string {
  return `Bearer ${session.apiKey}`;
}

function encodeSession(rawMessage: string, signature: string): string {
  return Buffer.from(`${rawMessage}|${signature}`).toString("base64");
}

function ephemeralDuration(durationMs: number | undefined): number {
  if (durationMs === undefined || durationMs <= 0) return ephemeralMaxMs;
  if (durationMs > ephemeralMaxMs)
    throw new SessionTokenError(`Ephemeral token duration cannot exceed 24 hours (${ephemeralMaxMs}ms)`);
  return durationMs;
}

function persistentTokenId({ tokenId, revokedBitmap }: SessionRequest): number {
  if (tokenId === undefined) {
    const free = findTokenId(revokedBitmap);
    if (free === undefined)
      throw new SessionTokenError("API Key limit reached (255). Call revokeAllTokens() to reset.");
    return free;
  }
  if (!Number.isInteger(tokenId) || tokenId < 0 || tokenId > maxTokenId)
    throw new SessionTokenError(`Invalid tokenId: ${tokenId}. Must be between 0 and ${maxTokenId}`);
  if (isRevoked(revokedBitmap, tokenId))
    throw new SessionTokenError(
      `TokenId ${tokenId} is already revoked. Use a different tokenId or call revokeAllTokens() to reset.`,
    );
  return tokenId;
}

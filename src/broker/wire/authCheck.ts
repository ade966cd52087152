// What a provider's broker checks of a bearer, in its order (spec inference.md 3.5). Used by the sandbox's providers and to explain refusals.
import { getBytes } from "ethers";
import { sameAddress } from "../../domain/ids.js";
import { recoverPersonal } from "./hash.js";
import { parseJsonObject } from "./json.js";
import {
  bearerPrefix,
  ephemeralMaxMs,
  ephemeralTokenId,
  isRevoked,
  sessionHash,
  type SessionToken,
} from "./sessionToken.js";

/** A bearer taken apart, nothing checked yet but its form. */
export interface ParsedBearer {
  readonly token: SessionToken;
  /** The signed text exactly as sent: the hash is over these bytes, whatever the formatting. */
  readonly rawMessage: string;
  readonly signature: string;
}

/**
 * `error` is what a broker puts behind its "validate session: ". Texts that clients may know from it are its own, part of the wire;
 * the rest, for tokens that no client makes, are ours.
 */
export type BearerResult =
  { readonly bearer: ParsedBearer; readonly error?: undefined } | { readonly error: string };

export interface SessionState {
  /** The provider's own address. */
  readonly provider: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The (user, provider) account on chain. Without one nothing can have been revoked: steps 8 and 9 pass. */
  readonly account?: { readonly generation: number; readonly revokedBitmap: bigint };
}

/** Steps 1 to 4: the form of the header. */
export function parseBearer(authorization: string | undefined): BearerResult {
  if (!authorization?.startsWith(bearerPrefix))
    return {
      error: "missing or invalid Authorization header, must be Bearer app-sk-<base64(rawMessage:signature)>",
    };
  const decoded = decodeBase64(authorization.slice(bearerPrefix.length));
  if (decoded === undefined) return { error: "invalid base64 in Authorization header" };
  const bar = decoded.indexOf("|");
  if (bar < 0) return { error: "invalid Authorization payload, expect base64(rawMessage:signature)" };
  const rawMessage = decoded.slice(0, bar);
  const token = parseToken(rawMessage);
  if (!token) return { error: "a field of the session token is missing or of the wrong type" };
  return { bearer: { token, rawMessage, signature: decoded.slice(bar + 1) } };
}

/** Steps 5 to 10: the token against the provider, the clock, the chain and its signature. Undefined when it is good. */
export function checkSession(parsed: ParsedBearer, state: SessionState): string | undefined {
  const { token } = parsed;
  if (!sameAddress(token.provider, state.provider)) return "session token is for different provider";
  if (token.tokenId === ephemeralTokenId) {
    if (token.expiresAt === 0) return "an ephemeral session token needs an end";
    if (token.expiresAt - token.timestamp > ephemeralMaxMs)
      return "an ephemeral session token may last 24 hours at most";
  }
  // Whole seconds: in the second of its expiry a token is still good.
  if (token.expiresAt > 0 && Math.floor(state.now / 1000) > Math.floor(token.expiresAt / 1000))
    return "session token expired";
  return checkRevocation(token, state.account) ?? checkSignature(parsed);
}

/** All ten steps. */
export function authCheck(authorization: string | undefined, state: SessionState): string | undefined {
  const result = parseBearer(authorization);
  return result.error ?? ("bearer" in result ? checkSession(result.bearer, state) : undefined);
}

function checkRevocation(token: SessionToken, account: SessionState["account"]): string | undefined {
  if (!account) return undefined;
  if (token.generation < account.generation) return "session token has been revoked (generation expired)";
  if (token.generation > account.generation) return "invalid session token (future generation)";
  return isRevoked(account.revokedBitmap, token.tokenId) ? "session token has been revoked" : undefined;
}

/** Step 10. Unlike the client's check of answers, the broker takes no compact signature and no v of 0 or 1. */
export function checkSignature({ token, rawMessage, signature }: ParsedBearer): string | undefined {
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(signature)) return "the session token's signature is not 0x hex";
  if (signature.length !== 132) return "the session token's signature is not 65 bytes long";
  const signer = /1[bc]$/i.test(signature)
    ? recoverPersonal(getBytes(sessionHash(rawMessage)), signature)
    : undefined;
  if (!signer) return "the session token's signature belongs to no key";
  return sameAddress(signer, token.address) ? undefined : "signature verification failed: address mismatch";
}

// Standard alphabet with padding only: Node's own decoder also takes base64url and drops what it does not know.
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBase64(text: string): string | undefined {
  return base64Pattern.test(text) ? Buffer.from(text, "base64").toString("utf8") : undefined;
}

function parseToken(rawMessage: string): SessionToken | undefined {
  const fields = parseJsonObject(rawMessage);
  if (!fields) return undefined;
  const text = (key: string) => field(fields[key], "", (value) => typeof value === "string");
  const count = (key: string) => field(fields[key], 0, Number.isSafeInteger);
  const address = text("address");
  const provider = text("provider");
  const nonce = text("nonce");
  const timestamp = count("timestamp");
  const expiresAt = count("expiresAt");
  const generation = count("generation");
  const tokenId = count("tokenId");
  if (address === undefined || provider === undefined || nonce === undefined) return undefined;
  if (timestamp === undefined || expiresAt === undefined || generation === undefined) return undefined;
  if (tokenId === undefined || tokenId < 0 || tokenId > 255) return undefined;
  return { address, provider, timestamp, expiresAt, nonce, generation, tokenId };
}

/** An absent field is Go's zero value; one of the wrong type spoils the whole. */
function field<T>(value: unknown, zero: T, isRight: (value: unknown) => boolean): T | undefined {
  if (value === undefined || value === null) return zero;
  return isRight(value) ? (value as T) : undefined;
}

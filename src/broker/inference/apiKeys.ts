// Persistent tokens, "API keys" (spec inference.md 3.1, 3.2): made for whoever asks with a free id, and read whoever made them.
import { getAddress } from "ethers";
import type { ApiKeyFacts } from "../../domain/apiKey.js";
import { ComputeError } from "../../domain/error.js";
import { type Address, isAddressText, type ProviderId } from "../../domain/ids.js";
import type { InferenceDeps } from "../context.js";
import { requireSigner, signDigest } from "../wallet/signer.js";
import { checkSignature, parseBearer } from "../wire/authCheck.js";
import {
  createSessionToken,
  ephemeralTokenId,
  sealSession,
  sessionDigest,
  sessionMessage,
  type SessionToken,
} from "../wire/sessionToken.js";
import type { ApiKeyRequest, SignedApiKey } from "./api.js";

/** Which id is free is known to whoever keeps the ids that were handed out, not to the chain. */
export async function createApiKey(
  deps: InferenceDeps,
  provider: ProviderId,
  { tokenId, generation, lifetimeMs }: ApiKeyRequest,
): Promise<SignedApiKey> {
  const signer = requireSigner(deps);
  const token = createSessionToken({
    address: signer.address,
    provider,
    now: deps.clock.now(),
    mode: "persistent",
    durationMs: lifetimeMs,
    tokenId,
    generation,
    revokedBitmap: 0n,
    nonce: Buffer.from(deps.random(16)).toString("hex"),
  });
  const { apiKey } = sealSession(token, await signDigest(signer, sessionDigest(sessionMessage(token))));
  return { rawToken: apiKey, facts: factsOf(token) };
}

/** The signature is checked against the wallet that the key names; whether it is revoked is the chain's to say. */
export function readApiKey(text: string): SignedApiKey {
  const rawToken = bare(text);
  const { bearer } = withBearer(parseBearer(`Bearer ${rawToken}`));
  const { token } = bearer;
  if (!isAddressText(token.address) || !isAddressText(token.provider)) throw badKey("form");
  if (!isMoment(token.timestamp) || !isMoment(token.expiresAt)) throw badKey("form");
  if (token.tokenId === ephemeralTokenId) throw badKey("pass");
  if (checkSignature(bearer) !== undefined) throw badKey("signature");
  return { rawToken, facts: factsOf(token) };
}

/** As it stands in headers, settings and scripts: in quotes, behind "Bearer", with spaces around. */
function bare(text: string): string {
  return text.replace(/\s+|["'`]/g, "").replace(/^(?:authorization:)?bearer/i, "");
}

function withBearer(result: ReturnType<typeof parseBearer>): Exclude<typeof result, { error: string }> {
  if (result.error !== undefined) throw badKey("form");
  return result;
}

/** What a calendar can show. */
function isMoment(ms: number): boolean {
  return ms >= 0 && ms <= 8_640_000_000_000_000;
}

function factsOf({
  address,
  provider,
  tokenId,
  generation,
  timestamp,
  expiresAt,
}: SessionToken): ApiKeyFacts {
  return {
    wallet: getAddress(address.toLowerCase()) as Address,
    provider: getAddress(provider.toLowerCase()) as ProviderId,
    tokenId,
    generation,
    createdAt: timestamp,
    ...(expiresAt > 0 ? { expiresAt } : {}),
  };
}

function badKey(why: "form" | "pass" | "signature"): ComputeError<"badApiKey"> {
  return new ComputeError("badApiKey", { why });
}

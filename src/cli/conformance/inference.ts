// The sections of inference.json (its spec: section 18). Each entry runs through the code that the extension itself runs.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { computeAddress } from "ethers";
import { estimateFunding } from "../../broker/inference/funding.js";
import { createInference } from "../../broker/inference/inference.js";
import { isVerifiability } from "../../broker/inference/processResponse.js";
import { clientAdapterName, providerAdapterName } from "../../domain/adapterName.js";
import { effectiveMultiplier, parseAdditionalInfo } from "../../broker/wire/additionalInfo.js";
import { authCheck } from "../../broker/wire/authCheck.js";
import { canonicalJson } from "../../broker/wire/canonicalJson.js";
import { chatIdOf, ChatStream } from "../../broker/wire/chatAnswer.js";
import { officialCounts, officialFee } from "../../broker/wire/fees.js";
import { sha256Hex } from "../../broker/wire/hash.js";
import { requestCandidates, rewriteRequest } from "../../broker/wire/requestRewrite.js";
import {
  bearer,
  createSessionToken,
  findTokenId,
  isReusable,
  sessionDigest,
  sessionHash,
  SessionTokenError,
  signSession,
  type SessionToken,
} from "../../broker/wire/sessionToken.js";
import { parseSignedText } from "../../broker/wire/signedText.js";
import type { Address } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import { chatFee } from "../../domain/pricing.js";
import type { PriceTier } from "../../domain/provider.js";
import { recordedProvider, replay } from "./inferenceReplay.js";
import { responseSignature } from "./inferenceSignatures.js";

interface SessionEntry {
  readonly private_key: string;
  readonly provider: string;
  readonly now_ms: number;
  readonly mode: "ephemeral" | "persistent";
  readonly duration_ms: number | null;
  readonly requested_token_id: number | null;
  readonly account_generation: number;
  readonly account_revoked_bitmap: string;
  readonly nonce: string;
}

function tokenOf(entry: SessionEntry, address: string): SessionToken {
  return createSessionToken({
    address,
    provider: entry.provider,
    now: entry.now_ms,
    mode: entry.mode,
    durationMs: entry.duration_ms ?? undefined,
    tokenId: entry.requested_token_id ?? undefined,
    generation: entry.account_generation,
    revokedBitmap: BigInt(entry.account_revoked_bitmap),
    nonce: entry.nonce,
  });
}

function sessionToken({
  expected,
  ...entry
}: SessionEntry & { readonly expected: SessionExpectation }): void {
  const user = computeAddress(entry.private_key);
  const session = signSession(tokenOf(entry, user), entry.private_key);
  const { token, rawMessage, signature, apiKey } = session;
  const found: SessionExpectation = {
    user,
    token_id: token.tokenId,
    expires_at: token.expiresAt,
    raw_message: rawMessage,
    message_keccak256: sessionHash(rawMessage),
    eip191_digest: sessionDigest(rawMessage),
    signature,
    api_key: apiKey,
    authorization: bearer(session),
  };
  const wanted = Object.keys(expected) as (keyof SessionExpectation)[];
  assert.deepEqual(Object.fromEntries(wanted.map((key) => [key, found[key]])), expected);
}

interface SessionExpectation {
  readonly user: string;
  readonly token_id: number;
  readonly expires_at: number;
  readonly raw_message: string;
  readonly message_keccak256: string;
  readonly eip191_digest: string;
  readonly signature: string;
  readonly api_key: string;
  readonly authorization?: string;
}

function sessionError(entry: Partial<SessionEntry> & { readonly expected_error: string }): void {
  const filled = { account_generation: 0, now_ms: 0, nonce: "", provider: recordedProvider, ...entry };
  assert.throws(
    () => tokenOf(filled as unknown as SessionEntry, recordedProvider),
    (error) => error instanceof SessionTokenError && error.message === entry.expected_error,
  );
}

function sessionReuse(entry: {
  readonly issued_at_ms: number;
  readonly duration_ms: number;
  readonly now_ms: number;
  readonly expected_reused: boolean;
}): void {
  const expiresAt = entry.issued_at_ms + entry.duration_ms;
  assert.equal(isReusable({ expiresAt }, entry.now_ms), entry.expected_reused);
}

function tokenId(entry: { readonly revoked_bitmap: string; readonly expected: number | null }): void {
  assert.equal(findTokenId(BigInt(entry.revoked_bitmap)) ?? null, entry.expected);
}

function serverAuth(entry: {
  readonly authorization: string | null;
  readonly provider: string;
  readonly now_ms: number;
  readonly on_chain: { readonly generation: number; readonly revoked_bitmap: string } | null;
  readonly expected_error: string | null;
}): void {
  const account = entry.on_chain && {
    generation: entry.on_chain.generation,
    revokedBitmap: BigInt(entry.on_chain.revoked_bitmap),
  };
  const state = { provider: entry.provider, now: entry.now_ms, account: account ?? undefined };
  assert.equal(authCheck(entry.authorization ?? undefined, state) ?? null, entry.expected_error);
}

function signedText(entry: { readonly text: string; readonly expected: object }): void {
  const { kind, ...rest } = parseSignedText(entry.text);
  const names = {
    providerType: "provider_type",
    providerIdentity: "provider_identity",
    tlsCertFingerprint: "tls_cert_fingerprint",
  };
  const renamed = Object.entries(rest).map(([key, value]) => [
    names[key as keyof typeof names] ?? key,
    value as unknown,
  ]);
  assert.deepEqual({ kind, ...Object.fromEntries(renamed) }, entry.expected);
}

function requestMutation(entry: {
  readonly sent_body: string;
  readonly model_enforced: boolean;
  readonly configured_model: string;
  readonly expected: {
    readonly hashed_body: string;
    readonly changed: boolean;
    readonly request_sha256: string;
    readonly client_canonical_form: string;
  };
}): void {
  const sent = Buffer.from(entry.sent_body);
  const rules = { isModelEnforced: entry.model_enforced, configuredModel: entry.configured_model };
  const hashed = Buffer.from(rewriteRequest(sent, rules));
  const found = {
    hashed_body: hashed.toString(),
    changed: !hashed.equals(sent),
    request_sha256: sha256Hex(hashed),
    client_canonical_form: canonicalJson(JSON.parse(entry.sent_body)),
  };
  assert.deepEqual(found, entry.expected);
  const candidates = [...requestCandidates(sent, entry.configured_model)].map(sha256Hex);
  assert.ok(candidates.includes(found.request_sha256), "is among the candidates of a verification");
}

function fee(entry: {
  readonly service_type: string;
  readonly input_price: string;
  readonly output_price: string;
  readonly content: string;
  readonly expected: { readonly input_count: number; readonly output_count: number; readonly fee: string };
}): void {
  const counts = officialCounts(entry.service_type, entry.content);
  assert.ok(counts, "is a service type that the official client knows");
  const total = officialFee(counts, BigInt(entry.input_price), BigInt(entry.output_price));
  assert.deepEqual(
    { input_count: counts.input, output_count: counts.output, fee: `${total}` },
    entry.expected,
  );
}

function providerFee(entry: {
  readonly input_price: string;
  readonly output_price: string;
  readonly tiers?: readonly PriceTier[];
  readonly cache_divisor?: number;
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly cached_tokens?: number;
  };
  readonly expected: { readonly input_fee: string; readonly output_fee: string; readonly total: string };
}): void {
  const additionalInfo = {
    tieredPricing: { tiers: entry.tiers ?? [] },
    cacheTokenBilling: { divisor: entry.cache_divisor },
  };
  const service = {
    inputPrice: neuron(BigInt(entry.input_price)),
    outputPrice: neuron(BigInt(entry.output_price)),
    info: parseAdditionalInfo(JSON.stringify(additionalInfo)),
  };
  const { prompt_tokens, completion_tokens, cached_tokens } = entry.usage;
  const usage = {
    promptTokens: prompt_tokens,
    completionTokens: completion_tokens,
    cachedTokens: cached_tokens,
  };
  const { input, output, total } = chatFee(service, usage);
  assert.deepEqual({ input_fee: `${input}`, output_fee: `${output}`, total: `${total}` }, entry.expected);
}

function adapterName(entry: {
  readonly base_model: string;
  readonly task_id: string;
  readonly expected_client: string;
  readonly expected_provider: string;
}): void {
  assert.equal(clientAdapterName(entry.base_model, entry.task_id), entry.expected_client);
  assert.equal(providerAdapterName(entry.base_model, entry.task_id), entry.expected_provider);
}

function sse(entry: {
  readonly zg_res_key: string | null;
  readonly transcript: string;
  readonly transcript_sha256: string;
  readonly expected: object;
}): void {
  const bytes = Buffer.from(entry.transcript);
  assert.equal(createHash("sha256").update(bytes).digest("hex"), entry.transcript_sha256);
  // Whole, byte by byte, and in odd pieces that split characters and line ends.
  for (const size of [bytes.length, 1, 3, 7]) {
    const stream = new ChatStream();
    for (let at = 0; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size));
    stream.end();
    const { answer } = stream;
    const found = {
      content: answer.content,
      usage: answer.rawUsage ?? null,
      chat_id: chatIdOf(entry.zg_res_key, answer) ?? null,
      stream_id: answer.id ?? null,
      done: answer.isDone,
      json_events: stream.jsonEvents,
    };
    assert.deepEqual(found, entry.expected, `in pieces of ${size}`);
  }
}

/** The user whose unsettled fee the recordings ask for: the key of the first session token. */
const fundingUser = "0x8ed50cc5e55ad631dc357ac9ec23d3b97d38e869387dfdecc0dcfc99f3b28e48";

async function autofunding(entry: {
  readonly account_exists: boolean;
  readonly balance: string | null;
  readonly pending_refund: string | null;
  readonly unsettled_fee_from_provider: string | null;
  readonly http_status: number;
  readonly cached_fee_before: string;
  readonly buffer_multiplier: number;
  readonly expected: {
    readonly queried_url: string;
    readonly transfer: { readonly service: string; readonly amount: string } | null;
    readonly cached_fee_after: string;
  };
}): Promise<void> {
  const user = /\/v1\/user\/(0x[0-9a-fA-F]{40})\//.exec(entry.expected.queried_url)?.[1] ?? "";
  const base = entry.expected.queried_url.slice(0, entry.expected.queried_url.indexOf("/v1/user/"));
  const { deps, urls } = replay({
    service: { ...plainService, url: base },
    signer: { address: user as Address, key: () => Promise.resolve(fundingUser) },
    answer: {
      status: entry.http_status,
      body: JSON.stringify({ userAddress: user, unsettledFee: entry.unsettled_fee_from_provider }),
    },
  });
  const inference = createInference(deps);
  const asked = inference.getUnsettledFee(await inference.getService(recordedProvider));
  const unsettled = await asked.catch(() => neuron(BigInt(entry.cached_fee_before)));
  const { amount } = estimateFunding({
    account: entry.account_exists
      ? {
          balance: neuron(BigInt(entry.balance ?? 0)),
          pendingRefund: neuron(BigInt(entry.pending_refund ?? 0)),
        }
      : undefined,
    unsettled,
    bufferMultiplier: entry.buffer_multiplier,
  });
  const found = {
    queried_url: urls[0],
    transfer: amount > 0n ? { service: "inference", amount: `${amount}` } : null,
    // We move nothing and count nothing of our own: after a transfer nothing is left, else what the provider told.
    cached_fee_after: amount > 0n ? "0" : `${unsettled}`,
  };
  assert.deepEqual(found, entry.expected);
}

const plainService = {
  serviceType: "chatbot",
  verifiability: "TeeML",
  teeSignerAddress: recordedProvider,
  teeSignerAcknowledged: true,
  additionalInfo: "{}",
  url: "https://provider.example",
  model: "m",
};

async function headerObjectKey(entry: string): Promise<void> {
  const signer = {
    address: computeAddress(fundingUser) as Address,
    key: () => Promise.resolve(fundingUser),
  };
  const { deps } = replay({ service: plainService, signer });
  const headers = await createInference(deps).getRequestHeaders(recordedProvider);
  assert.deepEqual(Object.keys(headers), [entry]);
}

function additionalInfo(entry: { readonly additional_info: string; readonly expected: object }): void {
  const info = parseAdditionalInfo(entry.additional_info);
  const tiers = info.tiers.map((tier) => ({
    maxInputTokens: tier.maxInputTokens,
    inputMultiplier: effectiveMultiplier(tier.inputMultiplier, tier.inputMultiplierDenominator),
    outputMultiplier: effectiveMultiplier(tier.outputMultiplier, tier.outputMultiplierDenominator),
  }));
  const { cacheDivisor, isMultiModel, priceDenomination } = info;
  const found = {
    tiered: tiers.length > 0 ? { tiers } : null,
    cache: cacheDivisor === undefined ? null : { divisor: cacheDivisor },
    multi: {
      multiModel: isMultiModel,
      ...(isMultiModel && priceDenomination ? { priceDenomination } : {}),
    },
  };
  assert.deepEqual(found, entry.expected);
}

function verifiability(entry: { readonly value: string; readonly official_is_verifiable: boolean }): void {
  assert.equal(isVerifiability(entry.value), entry.official_is_verifiable);
}

export const inferenceSections = {
  session_tokens: sessionToken,
  header_object_keys: headerObjectKey,
  session_errors: sessionError,
  session_reuse: sessionReuse,
  find_token_id: tokenId,
  server_auth: serverAuth,
  response_signatures: responseSignature,
  signed_text_forms: signedText,
  request_mutation: requestMutation,
  fees: fee,
  provider_fees: providerFee,
  adapter_names: adapterName,
  sse,
  autofunding,
  additional_info: additionalInfo,
  verifiability,
} satisfies Readonly<Record<string, (entry: never) => void | Promise<void>>>;

// Section `response_signatures`: the official result, what the signature binds, and that our own verdict never says more than that.
import assert from "node:assert/strict";
import type { Exchange } from "../../broker/inference/exchange.js";
import { createInference } from "../../broker/inference/inference.js";
import { officialCounts, officialFee } from "../../broker/wire/fees.js";
import { recoverPersonal, sha256Hex } from "../../broker/wire/hash.js";
import { parseSignedText } from "../../broker/wire/signedText.js";
import { ComputeError } from "../../domain/error.js";
import { recordedProvider, type RecordedService, replay } from "./inferenceReplay.js";

interface Entry {
  readonly service: RecordedService;
  readonly chat_id: string | null;
  readonly content: string | null;
  readonly http_status: number;
  readonly signature_response: unknown;
  readonly request_body_base64: string;
  readonly response_body_base64: string;
  readonly image_bytes_base64: readonly string[] | null;
  readonly expected: {
    readonly official_result: boolean | null | { readonly error: string };
    readonly requested_url: string | null;
    readonly recovered_signer: string | null;
    readonly text_binds_to_bytes: boolean;
    readonly cached_fee_after: string;
  };
}

export async function responseSignature(entry: Entry): Promise<void> {
  const { expected } = entry;
  const { text, signature } = signatureOf(entry);
  assert.deepEqual(await officialResult(entry), [expected.official_result, decoded(expected.requested_url)]);
  assert.equal(recoverPersonal(text, signature) ?? null, expected.recovered_signer);
  assert.equal(isBound(text, entry), expected.text_binds_to_bytes);
  assert.equal(`${contentFee(entry)}`, expected.cached_fee_after);
  await checkVerdict(entry);
}

function signatureOf({ signature_response }: Entry): { text: string; signature: string } {
  const { text, signature } = (signature_response ?? {}) as { text?: unknown; signature?: unknown };
  return {
    text: typeof text === "string" ? text : "",
    signature: typeof signature === "string" ? signature : "",
  };
}

/** The result (errors: the text counts only where it is part of the contract) and the URL that was asked. */
async function officialResult(
  entry: Entry,
): Promise<readonly [Entry["expected"]["official_result"], string | null]> {
  const { deps, urls } = replayed(entry);
  const asked = createInference(deps).processResponse(
    recordedProvider,
    entry.chat_id ?? undefined,
    entry.content ?? undefined,
  );
  const result = await asked.catch((error: unknown) => {
    const wanted = entry.expected.official_result;
    if (!(error instanceof ComputeError) || typeof wanted !== "object" || wanted === null) throw error;
    if (wanted.error.includes("getting signature error"))
      assert.ok(JSON.stringify(error.facts).includes("getting signature error"));
    return wanted;
  });
  return [result, decoded(urls[0] ?? null)];
}

/** The official client does not encode the id and the model in the URL; we do. */
function decoded(url: string | null): string | null {
  return url === null ? null : decodeURIComponent(url);
}

function isBound(text: string, entry: Entry): boolean {
  const signed = parseSignedText(text);
  if (signed.kind === "unknown") return false;
  const parts = entry.image_bytes_base64 ?? [entry.response_body_base64];
  const hashes = parts.map((part) => sha256Hex(Buffer.from(part, "base64")));
  const request = sha256Hex(Buffer.from(entry.request_body_base64, "base64"));
  return signed.request === request && signed.response.join() === hashes.join();
}

// Vectors that name no prices were recorded with these.
const recordedPrices = { inputPrice: "50000000000", outputPrice: "100000000000" };

function contentFee({ service, content }: Entry): bigint {
  const counts = content ? officialCounts(service.serviceType, content) : undefined;
  const { inputPrice, outputPrice } = { ...recordedPrices, ...service };
  return counts ? officialFee(counts, BigInt(inputPrice), BigInt(outputPrice)) : 0n;
}

/** Ours may be stricter than the vector, never laxer: verified only where the text binds and the official client agrees, or refused for the label alone. */
async function checkVerdict(entry: Entry): Promise<void> {
  const { deps } = replayed(entry);
  const inference = createInference(deps);
  const service = await inference.getService(recordedProvider);
  const exchange: Exchange = {
    service,
    model: service.model,
    isStreamed: false,
    chatId: entry.chat_id ?? undefined,
    ended: "complete",
    requestBody: Buffer.from(entry.request_body_base64, "base64"),
    responseBody: Buffer.from(entry.response_body_base64, "base64"),
    text: "",
    reasoning: "",
    usage: { promptTokens: 0, completionTokens: 0 },
    sentAt: 0,
    finishedAt: 0,
  };
  const { level } = await inference.verifyResponse(exchange);
  const { text_binds_to_bytes, official_result } = entry.expected;
  if (level === "verified") {
    assert.ok(text_binds_to_bytes, "verified although the text is over other bytes");
    assert.notEqual(official_result, null, "verified without an id");
  }
  const isPlainChat = service.providerClass !== "standard" && !entry.image_bytes_base64;
  if (official_result === true && text_binds_to_bytes && isPlainChat) assert.equal(level, "verified");
  if (official_result === true && !text_binds_to_bytes) assert.notEqual(level, "verified");
}

function replayed({ service, http_status, signature_response }: Entry) {
  const isText = typeof signature_response === "string";
  const body = isText ? signature_response : JSON.stringify(signature_response);
  return replay({ service, answer: { status: http_status, body } });
}

// What a broker does to a chat request before it hashes and forwards it (spec inference.md 5.1, 6.4).
import { canonicalJson } from "./canonicalJson.js";
import { asObject, hasDoubledMember, parseJsonObject } from "./json.js";

export interface RewriteRules {
  /** Separated, aliased and multi-model providers fill in the model and re-encode, whatever was sent. */
  readonly isModelEnforced: boolean;
  readonly configuredModel: string;
  readonly isOlderGo?: boolean;
}

/**
 * The body that the broker hashes. A body that no rule touches, or that is no JSON object, stays as it is, byte for byte.
 * The replacement of an adapter's model is not computed: the base model's name is not known outside the provider.
 */
export function rewriteRequest(body: Uint8Array, rules: RewriteRules): Uint8Array {
  const request = parseJsonObject(new TextDecoder().decode(body));
  if (!request) return body;
  const isUsageMissing = request.stream === true && !hasIncludeUsage(request.stream_options);
  if (!isUsageMissing && !rules.isModelEnforced) return body;
  const rewritten = {
    ...request,
    ...(rules.isModelEnforced ? { model: request.model ?? rules.configuredModel } : {}),
    ...(isUsageMissing
      ? { stream_options: { ...asObject(request.stream_options), include_usage: true } }
      : {}),
  };
  return Buffer.from(canonicalJson(rewritten, rules));
}

/**
 * Every body whose hash the provider may have signed for what was sent, the sent one first, without repetitions; each is made when it is asked
 * for. What readers understand in different ways has none that says the same.
 */
export function* requestCandidates(sent: Uint8Array, configuredModel: string): Generator<Uint8Array> {
  yield sent;
  const text = new TextDecoder().decode(sent);
  if (parseJsonObject(text) && hasDoubledMember(text)) return;
  const known = [sent];
  for (const isModelEnforced of [false, true])
    for (const isOlderGo of [false, true]) {
      const body = rewriteRequest(sent, { isModelEnforced, configuredModel, isOlderGo });
      if (!known.some((one) => Buffer.compare(one, body) === 0)) yield body;
      known.push(body);
      if (!hasShortEscape(body)) break; // both of Go's forms are one
    }
}

/** Of a backspace or a form feed, or what looks like one behind an escaped backslash. */
function hasShortEscape(body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return bytes.includes("\\b") || bytes.includes("\\f");
}

function hasIncludeUsage(options: unknown): boolean {
  return asObject(options)?.include_usage !== undefined;
}

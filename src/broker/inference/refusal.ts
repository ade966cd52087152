// What a provider's "no" means (spec inference.md 4.1). Texts differ between versions: parts of them are matched, here and nowhere else.
import { ComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import { isComputeError } from "../../domain/error.js";
import { oneOg, parseOg } from "../../domain/money.js";
import { errorText } from "../wire/chatAnswer.js";
import { parseJsonObject } from "../wire/json.js";
import { retryAfterSeconds } from "../wire/rateLimit.js";

export interface Refusal {
  readonly provider: ProviderId;
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
  /** The body as text, hostile. */
  readonly body: string;
  /** Milliseconds since 1970: for waiting times given as a date. */
  readonly now: number;
}

/** True when the token itself was refused: a fresh one may be taken. */
export function isSessionRefusal({ status, body }: Pick<Refusal, "status" | "body">): boolean {
  return (status === 400 || status === 401) && /validate session|session token/i.test(body);
}

export function refusalError(refusal: Refusal): ComputeError {
  const { provider, status, body } = refusal;
  const detail = refusalDetail(body);
  if (status === 429) return rateLimited(refusal);
  if (status >= 500 || isHtml(body) || (status >= 300 && status < 400))
    return new ComputeError("providerUnavailable", { provider, status, detail });
  const known = knownRefusal(provider, detail);
  if (known) return known;
  // An adapter that was put aside comes back by itself.
  if (/is restoring/i.test(detail)) return rateLimited(refusal);
  if (status === 404) return new ComputeError("providerUnavailable", { provider, status, detail });
  return new ComputeError("refusedByProvider", { provider, status, detail });
}

/** An error object where an answer should be: with status 200, or inside a stream. */
export function errorObjectError(provider: ProviderId, status: number, text: string): ComputeError {
  const detail = cleanDetail(text);
  return (
    knownRefusal(provider, detail) ?? new ComputeError("refusedByProvider", { provider, status, detail })
  );
}

/** One short line of a provider's words, without markup, control characters and anything like a token. */
export function cleanDetail(text: string): string {
  return text
    .slice(0, 4000)
    .replace(/app-sk-[\w+/=-]+/g, "app-sk-…")
    .replace(/[\p{C}\p{Z}\s]+/gu, " ")
    .trim()
    .slice(0, 200);
}

export function isHtml(body: string): boolean {
  return /^\s*(?:<!doctype\s+html|<html|<head|<body)/i.test(body);
}

/** What to show of an error body: the error's own words, a page's title, or the beginning. */
export function refusalDetail(body: string): string {
  const value = parseJsonObject(body);
  if (value) return cleanDetail(errorText(value) ?? body);
  if (!isHtml(body)) return cleanDetail(body);
  const title = /<title[^>]*>([^<]*)/i.exec(body.slice(0, 4000))?.[1] ?? "";
  return cleanDetail(`HTML page ${title}`);
}

function rateLimited({ provider, headers, body, now }: Refusal): ComputeError<"rateLimited"> {
  const seconds = retryAfterSeconds(headers, refusalDetail(body), now);
  return new ComputeError("rateLimited", {
    provider,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  });
}

function knownRefusal(provider: ProviderId, detail: string): ComputeError | undefined {
  if (/user not acknowledge|not acknowledge the provider/i.test(detail))
    return new ComputeError("notAcknowledged", { provider, by: "user" });
  if (/not acknowledge the tee signer/i.test(detail))
    return new ComputeError("notAcknowledged", { provider, by: "owner" });
  if (/account not exist/i.test(detail)) return insufficient(provider, 0n, oneOg);
  if (/insufficient balance/i.test(detail))
    return insufficient(
      provider,
      amountAfter(detail, /locked balance is/i) ?? 0n,
      amountAfter(detail, /required minimum is/i) ?? oneOg,
    );
  return undefined;
}

function insufficient(provider: ProviderId, have: bigint, need: bigint): ComputeError<"insufficientFunds"> {
  return new ComputeError("insufficientFunds", { account: "sub-account", provider, have, need });
}

/** The amount of 0G behind some words, in neuron. */
function amountAfter(text: string, words: RegExp): bigint | undefined {
  const number = new RegExp(`${words.source}\\s*(\\d+(?:\\.\\d+)?)\\s*0G`, "i").exec(text)?.[1];
  if (number === undefined) return undefined;
  try {
    return parseOg(number);
  } catch (error) {
    if (isComputeError(error, "badAmount")) return undefined;
    throw error;
  }
}

// How long a provider asks to wait (spec inference.md 4.1): brokers say it in the text of the 429, others in headers.

const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
const part = /(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|sec|s|minutes?|min|m|hours?|h)(?![a-z])\s*/y;

/**
 * Seconds to wait, rounded up; undefined when nothing was told. In order: `Retry-After` (seconds or a date), the text of the body
 * ("Please wait 5 seconds", "try again in 1m30s"), the reset of an exhausted budget in the headers, the pace named in the text.
 */
export function retryAfterSeconds(
  headers: Pick<Headers, "get">,
  body: string,
  now: number,
): number | undefined {
  const seconds =
    fromRetryAfter(headers.get("retry-after"), now) ?? fromText(body) ?? fromReset(headers) ?? fromPace(body);
  return seconds === undefined ? undefined : Math.max(0, Math.ceil(seconds));
}

/** A duration as Go or a person writes it ("12s", "1m30s", "2 minutes"), in seconds; undefined when it starts with none. */
export function durationSeconds(text: string): number | undefined {
  let seconds: number | undefined;
  part.lastIndex = 0;
  for (let found = part.exec(text); found; found = part.exec(text)) {
    const unit = found[2] ?? "s";
    const key = unit.startsWith("ms") || unit.startsWith("milli") ? "ms" : unit.charAt(0);
    seconds = (seconds ?? 0) + Number(found[1]) * (unitSeconds[key] ?? 1);
  }
  return seconds;
}

function fromRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : (date - now) / 1000;
}

function fromText(body: string): number | undefined {
  const found = /(?:\bwait|\btry again in|\bretry in|\bretry after)\s+(?=\d)/i.exec(body);
  return found ? durationSeconds(body.slice(found.index + found[0].length).toLowerCase()) : undefined;
}

function fromReset(headers: Pick<Headers, "get">): number | undefined {
  const resets = ["requests", "tokens", "images"].flatMap((what) => {
    if (headers.get(`x-ratelimit-remaining-${what}`) !== "0") return [];
    const seconds = durationSeconds(headers.get(`x-ratelimit-reset-${what}`) ?? "");
    return seconds === undefined ? [] : [seconds];
  });
  return resets.length === 0 ? undefined : Math.max(...resets);
}

/** "(limit: 30 requests/min)": one is free after two seconds. */
function fromPace(body: string): number | undefined {
  const limit = Number(/limit:\s*(\d+)\s*requests\/min/i.exec(body)?.[1] ?? "0");
  return limit > 0 ? 60 / limit : undefined;
}

// How the local endpoint answers by itself: JSON, and what a browser wants to know of a page that is listed.
import type { HttpCall, HttpHeaders } from "../../system/loopbackHttp.js";

const exposed = "ZG-Res-Key, Provider, Retry-After, X-Should-Retry, X-RateLimit-Remaining-Requests";

/** OpenAI's packages try again by themselves, which is paid for again where the try before may be billed. */
export const notAgain = ["x-should-retry", "false"] as const;

export function json(call: HttpCall, status: number, body: object, headers: HttpHeaders): void {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const own = [
    ["content-type", "application/json; charset=utf-8"],
    ["content-length", String(bytes.length)],
  ] as const;
  call.head(status, [...own, ...headers]);
  call.end(bytes);
}

export function corsHeaders(origin: string | undefined): HttpHeaders {
  if (origin === undefined) return [];
  return [
    ["access-control-allow-origin", origin],
    ["access-control-expose-headers", exposed],
    ["vary", "Origin"],
  ];
}

export function preflight(call: HttpCall, cors: HttpHeaders): void {
  const asked = call.header("access-control-request-headers") ?? "authorization, content-type";
  call.head(204, [
    ...cors,
    ["access-control-allow-methods", "GET, POST"],
    ["access-control-allow-headers", asked],
    ["access-control-max-age", "600"],
  ]);
  call.end();
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** For the log: what a program puts into a path is its own affair. */
export function knownPath(path: string): string {
  return (
    /^\/v1\/(?:models|verify|chat\/completions|(?:async\/)?images\/(?:generations|edits)|audio\/transcriptions|async\/jobs)/.exec(
      path,
    )?.[0] ?? "another path"
  );
}

// The user's own OpenAI-compatible server behind a provider: chat passes through, with tool calls, reasoning and all.
import { type Backend, type BackendAnswer, BackendDown } from "./backend.js";

export interface Upstream {
  /** Up to and including `/v1`, without a slash at the end. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string;
}

/** The upstream's settings are no usable ones; the message is one sentence and never holds the key. */
export class BadUpstream extends Error {}

/** Checks what came from outside; null and undefined mean that there is no upstream. Throws BadUpstream. */
export function readUpstream(value: unknown): Upstream | undefined {
  if (value === undefined || value === null) return undefined;
  const { baseUrl, model, apiKey } = value as Record<string, unknown>;
  if (typeof baseUrl !== "string" || !/^https?:$/.test(protocolOf(baseUrl)))
    throw new BadUpstream("The upstream needs a baseUrl that starts with http:// or https://.");
  if (typeof model !== "string" || model === "") throw new BadUpstream("The upstream needs a model.");
  if (apiKey !== undefined && (typeof apiKey !== "string" || !/^[\x21-\x7e]*$/.test(apiKey)))
    throw new BadUpstream("The upstream's API key must be plain text without spaces.");
  return { baseUrl: baseUrl.replace(/\/+$/, ""), model, apiKey: apiKey || undefined };
}

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return "";
  }
}

export class UpstreamBackend implements Backend {
  constructor(private readonly upstream: Upstream) {}

  async chat(body: Uint8Array, _isStreamed: boolean, signal: AbortSignal): Promise<BackendAnswer> {
    const { baseUrl, model, apiKey } = this.upstream;
    const asked = JSON.parse(Buffer.from(body).toString("utf8")) as Record<string, unknown>;
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (apiKey) headers.authorization = `Bearer ${apiKey}`;
    let response: Response;
    try {
      response = await fetch(`${baseUrl}/chat/completions`, {
        method: "POST",
        headers,
        body: JSON.stringify({ ...asked, model }),
        redirect: "error", // what is said of this server holds for no other
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new BackendDown(`${baseUrl}: ${reason(error)}`, { cause: error });
    }
    return {
      status: response.status,
      contentType: response.headers.get("content-type") ?? "application/json",
      body: pieces(response),
    };
  }
}

function reason(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown } }).cause?.code;
  return typeof cause === "string" ? cause : (error as Error).message;
}

async function* pieces({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) yield next.value;
}

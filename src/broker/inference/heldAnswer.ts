// A provider's answer as it is handed on to another program: status, bytes, and the headers that say something of the answer.
import type { InferenceService } from "../../domain/provider.js";
import type { BrokerContext } from "../context.js";
import { readWhole, type OpenResponse } from "./providerHttp.js";
import type { ResponseHeaders } from "./providerResponse.js";
import type { HeldAnswer, RelayHeaders } from "./relayed.js";

/** What a client may make something of. Those of the connection are this connection's own, and cookies are for nobody. */
const handedThrough =
  /^(?:content-type|content-length|cache-control|retry-after|zg-res-key|provider|x-ratelimit-.+|x-request-id|x-accel-buffering)$/;

/** `fetch` undoes a compression, and then the length told is none of the body's. */
export function headersOf(headers: ResponseHeaders): RelayHeaders {
  const isCompressed = headers.has("content-encoding");
  const kept: (readonly [string, string])[] = [];
  headers.forEach((value, name) => {
    if (handedThrough.test(name) && !(isCompressed && name === "content-length")) kept.push([name, value]);
  });
  return kept;
}

/** All of it, which ends it. */
export async function holding(
  context: BrokerContext,
  service: InferenceService,
  open: OpenResponse,
  limits: Parameters<typeof readWhole>[3],
): Promise<HeldAnswer> {
  const { status, headers, bytes } = await readWhole(context, service, open, limits);
  return { status, headers: headersOf(headers), bytes };
}

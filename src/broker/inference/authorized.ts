// Requests with a bearer: a token that a provider refuses is replaced once (revoked, or of an older generation than the chain has now).
import type { InferenceService } from "../../domain/provider.js";
import type { Sessions } from "./sessions.js";

/** `send` is tried with the kept token and, when `isRefused` says that the token was at fault, once with a new one. */
export async function withSession<T>(
  sessions: Sessions,
  service: Pick<InferenceService, "provider">,
  signal: AbortSignal | undefined,
  send: (headers: { Authorization: string }) => Promise<T>,
  isRefused: (answer: T) => boolean,
): Promise<T> {
  const headers = await sessions.headers(service.provider, { signal });
  const answer = await send(headers);
  if (!isRefused(answer)) return answer;
  sessions.forget(service.provider, headers);
  return send(await sessions.headers(service.provider, { signal }));
}

// What stands behind a provider: something that answers OpenAI-style chat over bytes. The provider meters, edits and signs.

/** An answer as it comes from the model's server. */
export interface BackendAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Backend {
  /** `body` is the request as the provider forwards it; `isStreamed` what it asks for. Rejects when nobody is there. */
  chat(body: Uint8Array, isStreamed: boolean, signal: AbortSignal): Promise<BackendAnswer>;
}

/** The model's server cannot be reached: the provider answers 502. */
export class BackendDown extends Error {}

/** A complete JSON answer. */
export function jsonAnswer(status: number, value: unknown): BackendAnswer {
  const bytes = Buffer.from(JSON.stringify(value));
  return { status, contentType: "application/json", body: once(bytes) };
}

/** The shape in which model servers refuse a request. */
export function modelError(status: number, message: string): BackendAnswer {
  return jsonAnswer(status, { error: { message, type: "BadRequestError", param: null, code: status } });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

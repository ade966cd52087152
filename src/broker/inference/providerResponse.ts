// An answer whose body comes in pieces, whether `fetch` brings it or Node's own http.

/** What is used of `Headers`. */
export interface ResponseHeaders extends Pick<Headers, "get" | "has"> {
  /** By their names in small letters. */
  forEach(call: (value: string, name: string) => void): void;
}

/** What is used of a `Response`, whoever brings it. */
export interface ProviderResponse extends Pick<Response, "status" | "ok"> {
  readonly headers: ResponseHeaders;
  readonly body: ProviderBody | null;
}

/** To be read once. */
export interface ProviderBody {
  getReader(): BodySource;
}

export interface BodySource {
  /** Without a value: it has ended. Rejects when it broke before its end. */
  read(): Promise<{ readonly value?: Uint8Array | undefined }>;
  /** What has not come is not wanted any more. */
  cancel(): Promise<void>;
}

/** All of them, unless the loop over them is left. Throws when the body broke before its end. */
export async function* piecesOf({
  body,
}: Pick<ProviderResponse, "body">): AsyncGenerator<Uint8Array, void, void> {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (let next = await reader.read(); next.value; next = await reader.read()) yield next.value;
  } finally {
    reader.cancel().catch(() => undefined); // it may be over by itself
  }
}

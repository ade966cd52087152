// A `fetch` that asks once and then answers from memory, so that what is timed is the client's own work.

interface Kept {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export class Replay {
  private readonly kept = new Map<string, Kept>();
  private readonly ask = globalThis.fetch;

  readonly fetch: typeof fetch = async (input, init) => {
    const { key, id } = keyOf(input instanceof Request ? input.url : String(input), init?.body);
    let answer = this.kept.get(key);
    if (!answer) {
      const response = await this.ask(input, init);
      const type = response.headers.get("content-type") ?? "";
      answer = { status: response.status, type, text: await response.text() };
      this.kept.set(key, answer);
    }
    const text =
      id === undefined ? answer.text : JSON.stringify({ ...(JSON.parse(answer.text) as object), id });
    return new Response(text, { status: answer.status, headers: { "content-type": answer.type } });
  };

  /** Runs `work` with this as the global one. */
  async instead<T>(work: () => Promise<T>): Promise<T> {
    globalThis.fetch = this.fetch;
    try {
      return await work();
    } finally {
      globalThis.fetch = this.ask;
    }
  }
}

/** JSON-RPC calls are the same when all but their id is. */
function keyOf(url: string, body: unknown): { key: string; id?: unknown } {
  if (typeof body !== "string") return { key: url };
  const { id, ...call } = JSON.parse(body) as { id?: unknown };
  return { key: `${url} ${JSON.stringify(call)}`, id };
}

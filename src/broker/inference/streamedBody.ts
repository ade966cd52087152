// A body that is read while it goes out, so that a file of any size takes the memory of one piece.

/** A body made of pieces; keeps why it failed, which `fetch` only tells as "fetch failed". */
export class StreamedBody {
  failure: unknown;

  stream(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const next: IteratorResult<Uint8Array, unknown> = await pieces.next();
            if (next.done) controller.close();
            else controller.enqueue(next.value);
          } catch (error) {
            this.failure = error;
            controller.error(error);
          }
        },
        cancel: async () => void (await pieces.return(undefined)),
      },
      { highWaterMark: 1 },
    );
  }
}

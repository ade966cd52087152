// Where a dataset comes from: a file, or the text of an open document. It is read as a stream, more than once if need be.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { ComputeError, toComputeError } from "../domain/error.js";

export interface DatasetSource {
  /** Without its folder. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Throws ComputeError `badFile` or `cancelled`. */
  read(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

const pieceSize = 256 * 1024;

/** Throws `badFile` when there is no such file, or when it is a folder or a device. */
export async function fileSource(path: string): Promise<DatasetSource> {
  const found = await atBorder(path, () => stat(path));
  // A pipe or a device might never end.
  if (!found.isFile()) throw new ComputeError("badFile", { path, detail: "it is no file" });
  const { size } = found;
  return {
    name: basename(path),
    size,
    read: async function* (signal) {
      const stream = createReadStream(path, { highWaterMark: pieceSize, ...(signal ? { signal } : {}) });
      const pieces = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await atBorder(path, () => pieces.next());
          if (next.done) return;
          yield next.value;
        }
      } finally {
        stream.destroy();
      }
    },
  };
}

/** Bytes that are in memory anyway; they are looked at in pieces, so that others get their turn. */
export function bytesSource(name: string, bytes: Uint8Array): DatasetSource {
  return {
    name,
    size: bytes.length,
    read: async function* (signal) {
      for (let at = 0; at < bytes.length; at += pieceSize) {
        if (signal?.aborted) throw new ComputeError("cancelled", {});
        yield bytes.subarray(at, at + pieceSize);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

export function textSource(name: string, text: string): DatasetSource {
  return bytesSource(name, new TextEncoder().encode(text));
}

async function atBorder<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === undefined || code === "ABORT_ERR") throw toComputeError(error);
    throw new ComputeError("badFile", { path, detail: code }, { cause: error });
  }
}

// The content of a file that is to be stored: bytes at hand, or a file that is never in memory as a whole.
import { open } from "node:fs/promises";

export interface Source {
  readonly size: number;
  /** Exactly `length` bytes from `offset`; rejects when the file has become shorter. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** `content`: bytes, or the path of a file. */
export async function openSource(content: Uint8Array | string): Promise<Source> {
  if (typeof content !== "string")
    return {
      size: content.length,
      read: (offset, length) => Promise.resolve(content.subarray(offset, offset + length)),
      close: () => Promise.resolve(),
    };
  const handle = await open(content, "r");
  const { size } = await handle.stat();
  return {
    size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new Error("the file became shorter while it was read");
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

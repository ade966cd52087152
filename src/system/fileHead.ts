// The beginning of a file, for a look at it: a large one is not read whole.
import { open } from "node:fs/promises";
import { diskError } from "./folder.js";

export interface FileHead {
  readonly bytes: Uint8Array;
  /** Nothing follows. */
  readonly isWhole: boolean;
}

/** Throws `badFile` for what cannot be read. */
export async function fileHead(path: string, most: number): Promise<FileHead> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(size, most)), 0);
      return { bytes: buffer.subarray(0, bytesRead), isWhole: size <= most };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw diskError(path, error);
  }
}

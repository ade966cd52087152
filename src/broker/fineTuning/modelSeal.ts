// The seal of an encrypted model on disk: signature, nonce and tags, read where they stand (spec fine-tuning.md 11.2). Needs no key, and no
// memory but for the tags.
import { open, type FileHandle } from "node:fs/promises";
import { hexlify } from "ethers";
import { readFully } from "../storage/hashFile.js";
import { chunkSize, headerSize, sizesOf, tagSize, type ModelFileSeal } from "../wire/fineTuning/modelFile.js";
import { onDisk } from "../storage/diskError.js";

/** Undefined for a length that no such file has. */
export async function readSeal(file: string, size: number): Promise<ModelFileSeal | undefined> {
  const sizes = sizesOf(size);
  if (!sizes) return undefined;
  return onDisk(file, async () => {
    const handle = await open(file, "r");
    try {
      const header = await readAt(handle, file, 0, headerSize);
      const tags: Uint8Array[] = [];
      for (let chunk = 0; chunk < sizes.chunks; chunk++) {
        const end = Math.min(size, headerSize + (chunk + 1) * (chunkSize + tagSize));
        tags.push(await readAt(handle, file, end - tagSize, tagSize));
      }
      const signatureSize = 65;
      const signature = hexlify(header.subarray(0, signatureSize));
      return { signature, firstNonce: header.subarray(signatureSize), tags, size };
    } finally {
      await handle.close();
    }
  });
}

async function readAt(
  handle: FileHandle,
  file: string,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await readFully(file, handle, bytes, position);
  return bytes;
}

// The whole chain at one moment, as bytes: the prebuilt genesis and the snapshots of a state directory.
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { MinedBlock } from "./blocks.js";
import { type Hex, isObject } from "./hex.js";
import type { StateDump } from "./state.js";

export interface ChainImage {
  version: 1;
  /** Sequence number of the last log entry that is contained. */
  entry: number;
  root: Hex;
  state: StateDump;
  blocks: MinedBlock[];
  /** Raw transactions that wait for a block. */
  pool: Hex[];
  /** Seconds that the chain's clock is ahead of the wall's. */
  offset: number;
  /** Timestamp asked for the next block, if one was. */
  nextTimestamp?: number;
}

export function encodeImage(image: ChainImage): string {
  return JSON.stringify(image);
}

/** Throws when the text is not an image of this version. */
export function decodeImage(text: string): ChainImage {
  const image: unknown = JSON.parse(text);
  if (!isObject(image) || image.version !== 1 || !Array.isArray(image.blocks) || !isObject(image.state))
    throw new Error("not a chain image of version 1");
  return image as unknown as ChainImage;
}

/** Equal images give equal bytes, whatever the machine. */
export function packImage(image: ChainImage): Uint8Array {
  const text = Buffer.from(encodeImage(image));
  return brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  });
}

export function unpackImage(bytes: Uint8Array): ChainImage {
  return decodeImage(brotliDecompressSync(bytes).toString("utf8"));
}

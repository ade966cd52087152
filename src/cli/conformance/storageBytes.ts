// The files that storage.json speaks of, made anew from the generators it describes; and the root of any bytes.
import { createKeccak, hashText } from "../../broker/wire/storage/hash.js";
import { segmentCount, segmentLeafCount, segmentSize } from "../../broker/wire/storage/layout.js";
import { fileRootOf, hashLength, Merkle } from "../../broker/wire/storage/merkle.js";

export type Generator =
  | { readonly name: "lin"; readonly a: number; readonly b: number }
  | { readonly name: "xorshift32"; readonly seed: number }
  | { readonly name: "fold"; readonly x: number }
  | { readonly name: "const"; readonly v: number };

export function generatedBytes(generator: Generator, size: number): Uint8Array {
  const next = byteSource(generator);
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = next(i); // an array of bytes keeps the lowest eight bits by itself
  return bytes;
}

function byteSource(generator: Generator): (index: number) => number {
  switch (generator.name) {
    case "lin":
      return (i) => i * generator.a + generator.b;
    case "fold":
      return (i) => i ^ (i >>> 8) ^ (i >>> 16) ^ generator.x;
    case "const":
      return () => generator.v;
    case "xorshift32": {
      let x = generator.seed | 0;
      return () => {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        return x;
      };
    }
  }
}

/** What 0G Storage names a file by (spec storage.md 3). */
export async function storageRoot(bytes: Uint8Array): Promise<string> {
  const merkle = new Merkle(await createKeccak());
  const size = bytes.length;
  const roots = new Uint8Array(segmentCount(size) * hashLength);
  for (let index = 0; index < segmentCount(size); index++) {
    const segment = bytes.subarray(index * segmentSize, (index + 1) * segmentSize);
    roots.set(merkle.segmentRoot(segment, segmentLeafCount(size, index)), index * hashLength);
  }
  return hashText(fileRootOf(merkle, size, roots));
}

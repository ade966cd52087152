// The files that storage.json speaks of, made anew from the generators it describes.

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

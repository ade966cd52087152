// What tests of pictures and speech send: a small real picture, a small real sound, and forms.
import { deflateSync } from "node:zlib";
import type { ReadyProvider } from "./sandboxUser.js";
import type { TestSandbox } from "./sandbox.js";
import { crc32 } from "./crc32.js";

export function providerOf({ ready }: TestSandbox, serviceType: string): ReadyProvider {
  const found = ready.providers.find((one) => one.serviceType === serviceType);
  if (!found) throw new Error(`no provider of ${serviceType}`);
  return found;
}

/** A grey PNG of that size. */
export function aPicture(width = 96, height = 64): Buffer {
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(data.length, 0);
    numbers.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const rows = deflateSync(Buffer.alloc((width + 1) * height, 128));
  return Buffer.concat([start, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

/** A WAV file of silence, 8000 samples of one byte a second. */
export function aSound(seconds = 12.5): Buffer {
  const data = Math.round(seconds * 8000);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(data, 40);
  return Buffer.concat([head, Buffer.alloc(data, 128)]);
}

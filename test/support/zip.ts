// Zips written byte by byte, so that tests can make those that no tool would.
import { crc32 } from "./crc32.js";
import { deflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string | Buffer;
  readonly content?: Uint8Array | string;
  /** Unix mode with the kind of file; default a plain file. */
  readonly mode?: number;
  readonly isStored?: boolean;
  /** What the directory says, when it is to lie. */
  readonly claimedSize?: number;
  readonly flags?: number;
  readonly method?: number;
}

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { head, body, record } = parts(entry, offset);
    bodies.push(head, body);
    directory.push(record);
    offset += head.length + body.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, list, end]);
}

function parts(entry: ZipEntry, offset: number): { head: Buffer; body: Buffer; record: Buffer } {
  const name = Buffer.from(entry.name as string);
  const content = Buffer.from((entry.content ?? "") as string);
  const body = entry.isStored ? content : deflateRawSync(content);
  const method = entry.method ?? (entry.isStored ? 0 : 8);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(entry.flags ?? 0x800, 2); // names are UTF-8
  common.writeUInt16LE(method, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(body.length, 14);
  common.writeUInt32LE(entry.claimedSize ?? content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const head = Buffer.concat([Buffer.from("504b0304", "hex"), common, name]);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
  tail.writeUInt32LE(offset, 10);
  const madeOnUnix = Buffer.from([20, 3]);
  const record = Buffer.concat([Buffer.from("504b0102", "hex"), madeOnUnix, common, tail, name]);
  return { head, body, record };
}

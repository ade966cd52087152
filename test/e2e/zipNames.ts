// The names in a zip file, read from its central directory.
import { readFileSync } from "node:fs";

/** Every entry's name with its size unpacked, in the file's order. */
export function zipNames(path: string): { name: string; size: number }[] {
  const file = readFileSync(path);
  // The end record is the last thing in the file; a package has no comment behind it that is worth more care.
  const end = file.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new Error(`${path} is not a zip file.`);
  const entries: { name: string; size: number }[] = [];
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [at + 28, at + 30, at + 32].map((offset) => file.readUInt16LE(offset));
    entries.push({ name: file.toString("utf8", at + 46, at + 46 + name!), size: file.readUInt32LE(at + 24) });
    at += 46 + name! + extra! + comment!;
  }
  return entries;
}

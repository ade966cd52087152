// How much room is left where our files are, and how much they take.
import { constants } from "node:fs";
import { access, readdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeOf, diskError } from "./folder.js";

/** Of a folder, or of where it will be made. Throws `badFile`. */
export async function lookAtDisk(path: string): Promise<{ free: number; isWritable: boolean }> {
  try {
    const { bavail, bsize } = await statfs(path);
    const isWritable = await access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
    return { free: bavail * bsize, isWritable };
  } catch (error) {
    if (codeOf(error) === "ENOENT" && dirname(path) !== path) return lookAtDisk(dirname(path));
    throw diskError(path, error);
  }
}

/** Bytes of all files in and below it; 0 where there is none. What vanishes meanwhile, or cannot be read, counts as nothing. */
export async function folderSize(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []); // gone, or not ours to read
  let size = 0;
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) size += await folderSize(inner);
    else if (entry.isFile()) size += (await stat(inner).catch(() => undefined))?.size ?? 0;
  }
  return size;
}

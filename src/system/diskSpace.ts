// How much room is left where our files are.
import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { dirname } from "node:path";
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

// Work on files, with what the file system refuses in the words of storage.
import { toFileError } from "./fileErrors.js";

/** Throws `diskFull` or `badFile` for whatever the file system refuses. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFileError(error, path);
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

// What the file system says, as what it means to the user: for whatever works on files, in the broker and beside it.
import { ComputeError } from "./error.js";

const words: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  ENOTDIR: "it is no folder",
  EACCES: "it may not be read or written",
  EPERM: "it may not be read or written",
  EROFS: "the disk is read-only",
  EEXIST: "it exists already",
  EBUSY: "another program uses it",
  EIO: "the disk reports an error",
  ENAMETOOLONG: "its name is too long",
};

/** `diskFull` or `badFile`, by the system's code. */
export function fileError(path: string, code: string | undefined, cause: unknown): ComputeError {
  if (code === "ENOSPC" || code === "EDQUOT") return new ComputeError("diskFull", { path }, { cause });
  const detail = code === undefined ? "unknown" : (words[code] ?? code);
  return new ComputeError("badFile", { path, detail }, { cause });
}

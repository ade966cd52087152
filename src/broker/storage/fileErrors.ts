// What the file system says, as what it means to the user.
import { ComputeError } from "../../domain/error.js";

const details: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  EACCES: "it may not be read or written",
  EPERM: "it may not be read or written",
  EROFS: "the disk is read-only",
  EEXIST: "it exists already",
};

export function badFile(path: string, detail: string): ComputeError<"badFile"> {
  return new ComputeError("badFile", { path, detail });
}

/** Errors of the system about a file; everything else stays as it is. */
export function toFileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof ComputeError || typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === "ENOSPC" || code === "EDQUOT") return new ComputeError("diskFull", { path }, { cause: error });
  return new ComputeError("badFile", { path, detail: details[code] ?? code }, { cause: error });
}

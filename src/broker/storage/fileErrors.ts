// What the file system says, as what it means to the user.
import { ComputeError } from "../../domain/error.js";
import { fileError } from "../../domain/fileError.js";

export function badFile(path: string, detail: string): ComputeError<"badFile"> {
  return new ComputeError("badFile", { path, detail });
}

/** Errors of the system about a file; everything else stays as it is. */
export function toFileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof ComputeError || typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return error;
  return fileError(path, code, error);
}

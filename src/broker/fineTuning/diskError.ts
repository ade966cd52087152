// What the file system says, as a ComputeError.
import { ComputeError } from "../../domain/error.js";

/** Errors of ours stay as they are. */
export function diskError(path: string, error: unknown): ComputeError {
  if (error instanceof ComputeError) return error as ComputeError;
  const code = systemCode(error) ?? "unknown";
  if (code === "ENOSPC" || code === "EDQUOT") return new ComputeError("diskFull", { path }, { cause: error });
  return new ComputeError("badFile", { path, detail: code }, { cause: error });
}

/** Work on a file; whatever the file system refuses is thrown as `diskFull` or `badFile`. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(path, error);
  }
}

export function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT";
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

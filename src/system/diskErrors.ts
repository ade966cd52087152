// What a disk refused, in our words: mapped once, here.
import { ComputeError } from "../domain/error.js";

/** Undefined when there is no such file; everything else throws `diskFull` or `badFile`. */
export async function orUndefined<T>(work: Promise<T>, path: string): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw diskError(path, error);
  }
}

export async function atBorder<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(path, error);
  }
}

export function diskError(path: string, error: unknown): ComputeError {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") return new ComputeError("diskFull", { path }, { cause: error });
  return new ComputeError("badFile", { path, detail: code ?? "unknown" }, { cause: error });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

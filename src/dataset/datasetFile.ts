// A training file on disk, read once as a stream and checked as its provider will check it: what is refused here costs nothing yet.
import { createReadStream } from "node:fs";
import { cancelled, ComputeError } from "../domain/error.js";
import { diskError } from "../system/folder.js";
import { isUploadName, maxUploadBytes, UploadCheck } from "./upload.js";

export interface DatasetRows {
  /** Lines that hold something. */
  readonly rows: number;
}

/** Throws `badDataset` with the line for what the provider refuses and for a file without a row, `badFile` for what cannot be read. */
export async function readDataset(
  path: string,
  destination: "tee" | "0g-storage",
  signal?: AbortSignal,
): Promise<DatasetRows> {
  const refused = (detail: string, line?: number) =>
    new ComputeError("badDataset", { path, problems: 1, detail, ...(line === undefined ? {} : { line }) });
  if (destination === "tee" && !isUploadName(path)) throw refused("its name does not end in .jsonl");
  const check = new UploadCheck();
  let size = 0;
  try {
    for await (const piece of createReadStream(path, { signal })) {
      size += (piece as Buffer).length;
      if (destination === "tee" && size > maxUploadBytes) throw refused("it is larger than 100 MiB");
      check.push(piece as Buffer);
    }
  } catch (error) {
    if (error instanceof ComputeError) throw error;
    throw signal?.aborted ? cancelled() : diskError(path, error);
  }
  const verdict = check.end();
  if (!verdict.isAccepted) throw refused(verdict.error, lineIn(verdict.error));
  if (verdict.rows === 0) throw refused("it has no rows");
  return { rows: verdict.rows };
}

function lineIn(error: string): number | undefined {
  const line = /^line (\d+) /.exec(error)?.[1];
  return line === undefined ? undefined : Number(line);
}

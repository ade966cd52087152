// An answer's body into a file, piece by piece, from where an earlier try ended.
import { constants } from "node:fs";
import { lstat, open, rm, type FileHandle } from "node:fs/promises";
import { ComputeError } from "../../domain/error.js";
import type { FineTuningService } from "../../domain/fineTuning.js";
import { connectionError, unavailable } from "../inference/providerHttp.js";
import { piecesOf, type ProviderResponse } from "../inference/providerResponse.js";
import { toFileError } from "../storage/fileErrors.js";
import { isMissing, onDisk } from "../storage/diskError.js";
import type { IdleWatch } from "../inference/idleWatch.js";

/** A file under its temporary name. */
export class PartFile {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** Bytes that are there. */
    private written: number,
  ) {}

  /** Opens what is there, or a new one. */
  static async open(path: string): Promise<PartFile> {
    return onDisk(path, async () => {
      const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
      return new PartFile(path, handle, (await handle.stat()).size);
    });
  }

  get size(): number {
    return this.written;
  }

  async clear(): Promise<void> {
    await onDisk(this.path, () => this.handle.truncate(0));
    this.written = 0;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await onDisk(this.path, async () => {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, this.written);
        at += bytesWritten;
        this.written += bytesWritten;
      }
    });
  }

  /** Only what has reached the disk may get its final name. */
  async close(isComplete: boolean): Promise<void> {
    try {
      if (isComplete) await this.handle.sync();
    } catch (error) {
      throw toFileError(error, this.path);
    } finally {
      await this.handle.close();
    }
  }
}

export interface Receiving {
  /** The whole file's length, where it is known. */
  readonly total?: number;
  readonly maxBytes: number;
  readonly watch: IdleWatch;
  readonly onProgress: (done: number, total: number) => void;
}

/** Throws `providerUnavailable` when the body ends too early or too late; what came stays. */
export async function receiveInto(
  part: PartFile,
  service: FineTuningService,
  response: Pick<ProviderResponse, "body">,
  { total, maxBytes, watch, onProgress }: Receiving,
): Promise<void> {
  if ((total ?? 0) > maxBytes) throw unavailable(service, "the file is too long");
  try {
    for await (const piece of piecesOf(response)) {
      if (part.size + piece.length > (total ?? maxBytes)) throw unavailable(service, "the file is too long");
      await part.append(piece);
      watch.moved();
      onProgress(part.size, total ?? part.size);
    }
  } catch (error) {
    throw error instanceof ComputeError ? error : connectionError(service, error);
  }
  if (total !== undefined && part.size < total) throw unavailable(service, "the connection ended early");
}

/** Throws `badFile` when something has that name already. */
export async function requireAbsent(path: string): Promise<void> {
  if (await exists(path)) throw new ComputeError("badFile", { path, detail: "it exists already" });
}

export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw toFileError(error, path);
  }
}

export async function remove(path: string): Promise<void> {
  await onDisk(path, () => rm(path, { force: true }));
}

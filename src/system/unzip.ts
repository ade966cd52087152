// Takes a trained model out of its zip. The bytes are the provider's: names, sizes and kinds are checked before the first file is
// written, and nothing stands under the final name before all of it is there.
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { lstat, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise, type Entry, type ZipFile } from "yauzl";
import { cancelled, ComputeError } from "../domain/error.js";
import { diskError } from "./folder.js";
import { nameProblem, NameRegister } from "./zipNames.js";

export interface UnzipLimits {
  readonly maxEntries: number;
  /** Of all files together, unpacked. */
  readonly maxBytes: number;
  /** Unpacked to packed, of any file above a megabyte. */
  readonly maxRatio: number;
}

/** Roomy for an adapter with checkpoints. */
export const modelLimits: UnzipLimits = { maxEntries: 10_000, maxBytes: 64 * 2 ** 30, maxRatio: 200 };

export interface Unzipped {
  readonly files: number;
  readonly bytes: number;
}

/** Small files of zeros are packed beyond any ratio and harm nobody. */
const ratioMatters = 2 ** 20;
const kindMask = 0o170000;
const folderKind = 0o040000;
const fileKind = 0o100000;

/**
 * `folder` must not exist; its parent must. Throws `badFile` with the zip's path for what is refused, `diskFull`, `cancelled`; then
 * nothing is left behind.
 */
export async function extractModel(
  zip: string,
  folder: string,
  limits: UnzipLimits = modelLimits,
  signal?: AbortSignal,
): Promise<Unzipped> {
  if (await isThere(folder)) throw new ComputeError("badFile", { path: folder, detail: "it exists already" });
  const temporary = join(dirname(folder), `.${randomBytes(6).toString("hex")}.part`);
  const archive = await openZip(zip);
  try {
    const entries = await readEntries(archive, zip, limits);
    await onDisk(folder, () => mkdir(temporary, { mode: 0o700 }));
    for (const entry of entries) {
      if (signal?.aborted) throw cancelled();
      await extractEntry(archive, entry, temporary, zip, signal);
    }
    await onDisk(folder, () => rename(temporary, folder));
    const files = entries.filter((entry) => !isFolder(entry));
    return {
      files: files.length,
      bytes: files.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0),
    };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw signal?.aborted ? cancelled() : error;
  } finally {
    archive.close();
  }
}

async function openZip(zip: string): Promise<ZipFile> {
  try {
    return await openPromise(zip, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (error) {
    throw zipError(zip, error);
  }
}

/** The whole directory of the archive, checked. */
async function readEntries(archive: ZipFile, zip: string, limits: UnzipLimits): Promise<Entry[]> {
  const refused = (detail: string) => new ComputeError("badFile", { path: zip, detail });
  if (archive.entryCount > limits.maxEntries) throw refused(`more than ${limits.maxEntries} entries`);
  const { size } = await onDisk(zip, () => stat(zip));
  const entries: Entry[] = [];
  const names = new NameRegister();
  let [packed, unpacked] = [0, 0];
  for await (const entry of entriesOf(archive, zip)) {
    const problem = nameProblem(entry.fileName) ?? kindProblem(entry, limits) ?? names.add(entry.fileName);
    if (problem) throw refused(`it holds ${problem}`);
    packed += entry.compressedSize;
    unpacked += entry.uncompressedSize;
    if (unpacked > limits.maxBytes) throw refused(`it holds more than ${limits.maxBytes} bytes`);
    // Files that share their packed bytes: a few megabytes would unpack to any size.
    if (packed > size) throw refused("it holds files that overlap");
    if (entries.push(entry) > limits.maxEntries) throw refused(`more than ${limits.maxEntries} entries`);
  }
  return entries;
}

async function* entriesOf(archive: ZipFile, zip: string): AsyncGenerator<Entry> {
  try {
    for await (const entry of archive.eachEntry()) yield entry;
  } catch (error) {
    throw zipError(zip, error);
  }
}

function kindProblem(entry: Entry, limits: UnzipLimits): string | undefined {
  const kind = (entry.externalFileAttributes >>> 16) & kindMask;
  if (kind !== 0 && kind !== (isFolder(entry) ? folderKind : fileKind))
    return "something else than files and folders";
  if (entry.isEncrypted()) return "an encrypted file";
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return "a file packed in an unknown way";
  if (isFolder(entry) && entry.uncompressedSize > 0) return "a folder with contents";
  const isBomb =
    entry.uncompressedSize > ratioMatters && entry.uncompressedSize > entry.compressedSize * limits.maxRatio;
  return isBomb ? "a file that unpacks to too much" : undefined;
}

function isFolder({ fileName }: Entry): boolean {
  return fileName.endsWith("/");
}

async function extractEntry(
  archive: ZipFile,
  entry: Entry,
  into: string,
  zip: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const target = join(into, ...entry.fileName.split("/"));
  if (isFolder(entry)) {
    await onDisk(target, () => mkdir(target, { recursive: true, mode: 0o700 }));
    return;
  }
  await onDisk(target, () => mkdir(dirname(target), { recursive: true, mode: 0o700 }));
  try {
    // Never executable, never over a file that is there. The reader refuses more or fewer bytes than the directory names.
    const source = await archive.openReadStreamPromise(entry);
    await pipeline(source, createWriteStream(target, { flags: "wx", mode: 0o600 }), { signal });
  } catch (error) {
    throw zipError(zip, error);
  }
}

/** What the file system refused, or what is wrong with the archive. */
function zipError(zip: string, error: unknown): ComputeError {
  if (error instanceof ComputeError) return error as ComputeError;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/^E[A-Z]+$/.test(code)) return diskError(zip, error);
  const detail = error instanceof Error ? error.message.slice(0, 100) : "unreadable";
  return new ComputeError("badFile", { path: zip, detail }, { cause: error });
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(path, error);
  }
}

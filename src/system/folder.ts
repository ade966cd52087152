// A folder of our own on disk. A reader sees the old file or the new one, never half of one.
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ComputeError } from "../domain/error.js";
import { fileError } from "../domain/fileError.js";

/** Same shape as the port of `services/`; names are flat. */
export interface DiskFolder {
  readonly path: string;
  pathOf(name: string): string;
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  list(): Promise<string[]>;
  remove(name: string): Promise<void>;
  /** Another text whenever the file was written again, by whomever; undefined when there is none. */
  version(name: string): Promise<string | undefined>;
}

const temporarySuffix = ".tmp";
const abandonedAfterMs = 60_000;
/** Windows refuses a rename while a scanner has the target open. */
const renameTries = 5;

/** Nothing is touched before the first call. Files are for the user alone. Throws `diskFull` and `badFile`. */
export function createFolder(path: string): DiskFolder {
  const fileOf = (name: string) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || name.endsWith(temporarySuffix))
      throw new ComputeError("internal", { detail: "a file name that is not flat" });
    return join(path, name);
  };
  return {
    path,
    pathOf: fileOf,
    read: async (name) => {
      const file = fileOf(name);
      const bytes = await orUndefined(readFile(file), file);
      return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    write: async (name, bytes) => {
      const file = fileOf(name);
      await atBorder(file, async () => {
        await mkdir(path, { recursive: true, mode: 0o700 });
        await writeAtomically(file, bytes);
      });
    },
    list: async () => {
      const names = (await orUndefined(readdir(path), path)) ?? [];
      await Promise.all(names.filter(isTemporary).map((name) => removeAbandoned(join(path, name))));
      return names.filter((name) => !isTemporary(name)).sort();
    },
    remove: async (name) => {
      const file = fileOf(name);
      await atBorder(file, () => rm(file, { force: true }));
    },
    version: async (name) => {
      const file = fileOf(name);
      // Asked before every request of a program: through the pool of threads the look takes a hundred times as long.
      const facts = await atBorder(file, async () => statSync(file, { throwIfNoEntry: false }));
      // Each write makes a new file: within a tick of the clock its number tells it from the one before.
      return facts && `${facts.ino} ${facts.mtimeMs} ${facts.size}`;
    },
  };
}

async function writeAtomically(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString("hex")}${temporarySuffix}`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync(); // else a power cut after the rename may leave an empty file under the good name
    } finally {
      await handle.close();
    }
    await renameOver(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function renameOver(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const mayPass =
        ["EPERM", "EACCES", "EBUSY"].includes(codeOf(error) ?? "") && process.platform === "win32";
      if (!mayPass || tries === renameTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * tries));
    }
  }
}

function isTemporary(name: string): boolean {
  return name.endsWith(temporarySuffix);
}

/** Left behind by a process that died while it wrote; one that still writes is younger. */
async function removeAbandoned(file: string): Promise<void> {
  const facts = await stat(file).catch(() => undefined);
  if (facts && Date.now() - facts.mtimeMs > abandonedAfterMs) await rm(file, { force: true });
}

/** Undefined when there is no such file. */
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

/** What the file system says, as `diskFull` or `badFile`. */
export function diskError(path: string, error: unknown): ComputeError {
  return fileError(path, codeOf(error), error);
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

// Files that take nobody's place: where the name is taken, the next one with a number is.
import { mkdir, open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { ComputeError } from "../domain/error.js";
import { atBorder, codeOf, diskError } from "./folder.js";
import { realPathInside } from "./insidePath.js";

export interface NewFile {
  readonly folder: string;
  /** Without its ending; one part of a path. */
  readonly name: string;
  /** Without the point. */
  readonly ending: string;
  /** Where it must stay, whatever links lead out of it. */
  readonly root?: string;
}

const mostNames = 1000;
/** In bytes: most systems take 255, and a number and an ending come behind. */
const longestName = 200;

/** Its path. Throws `badFile`, `diskFull`. */
export async function writeNewFile(file: NewFile, bytes: Uint8Array): Promise<string> {
  const { folder, name, ending, root } = file;
  if (!isOnePart(name) || !isOnePart(ending))
    throw new ComputeError("badFile", { path: name, detail: "no plain name" });
  if (root !== undefined) await requireInside(folder, root);
  await makeFolder(folder);
  if (root !== undefined) await requireInside(folder, root);
  const path = await atBorder(folder, () => writeWhereFree(file, bytes));
  if (path === undefined) throw new ComputeError("badFile", { path: folder, detail: "no name is free" });
  return path;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw diskError(folder, error);
    throw new ComputeError("badFile", { path: folder, detail: "it is no folder" }, { cause: error });
  }
}

async function writeWhereFree(
  { folder, name, ending }: NewFile,
  bytes: Uint8Array,
): Promise<string | undefined> {
  for (let number = 1; number <= mostNames; number++) {
    const path = join(folder, `${numbered(name, number)}.${ending}`);
    const handle = await openNew(path);
    if (!handle) continue;
    await fill(handle, path, bytes);
    return path;
  }
  return undefined;
}

/** Undefined: the name is taken. */
async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined;
    throw error;
  }
}

/** The file is our own: half of one, on a disk that is full, does not stay under the good name. */
async function fill(handle: FileHandle, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await handle.writeFile(bytes).finally(() => handle.close());
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined); // the first error says more
    throw error;
  }
}

/** From another file's name: every system takes it. */
export function plainName(name: string): string {
  const characters = name.replace(/[\\/:*?"<>|\p{Cc}]/gu, "-").match(/./gsu) ?? [];
  let plain = "";
  for (const character of characters) {
    if (Buffer.byteLength(plain + character) > longestName) break;
    plain += character;
  }
  return /^\.*$/.test(plain) ? "file" : plain;
}

export function numbered(name: string, number: number): string {
  return number === 1 ? name : `${name}-${number}`;
}

function isOnePart(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[\\/:\0]/.test(name);
}

async function requireInside(folder: string, root: string): Promise<void> {
  if ((await atBorder(folder, () => realPathInside(folder, root))) === undefined)
    throw new ComputeError("badFile", { path: folder, detail: "it leads out of the workspace" });
}

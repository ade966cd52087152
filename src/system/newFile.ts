// Files that take nobody's place: where the name is taken, the next one with a number is.
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { ComputeError } from "../domain/error.js";
import { atBorder } from "./folder.js";

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
export async function writeNewFile(
  { folder, name, ending, root }: NewFile,
  bytes: Uint8Array,
): Promise<string> {
  return atBorder(folder, async () => {
    if (!isOnePart(name) || !isOnePart(ending))
      throw new ComputeError("badFile", { path: name, detail: "no plain name" });
    if (root !== undefined) await requireInside(folder, root);
    await mkdir(folder, { recursive: true });
    if (root !== undefined) await requireInside(folder, root);
    for (let number = 1; number <= mostNames; number++) {
      const path = join(folder, `${numbered(name, number)}.${ending}`);
      try {
        await writeFile(path, bytes, { flag: "wx" });
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
    throw new ComputeError("badFile", { path: folder, detail: "no name is free" });
  });
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

/** A folder that is not there yet is where its parent is. */
async function requireInside(folder: string, root: string): Promise<void> {
  const [real, realRoot] = await Promise.all([realPathOf(folder), realpath(root)]);
  const way = relative(realRoot, real);
  if (way === ".." || way.startsWith("../") || way.startsWith("..\\") || isAbsolute(way))
    throw new ComputeError("badFile", { path: folder, detail: "it leads out of the workspace" });
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = join(path, "..");
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    return join(await realPathOf(parent), relative(parent, path));
  }
}

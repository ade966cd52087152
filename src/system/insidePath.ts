// Whether a path stays where its name says that it is, whatever links there are on its way.
import { realpath } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";

/** What it really is. Undefined: it leads out of `root`. What is not there yet is where its parent is. Rejects as the file system does. */
export async function realPathInside(path: string, root: string): Promise<string | undefined> {
  const [real, realRoot] = await Promise.all([realPathOf(path), realpath(root)]);
  const way = relative(realRoot, real);
  const leadsOut = way === ".." || way.startsWith("../") || way.startsWith("..\\") || isAbsolute(way);
  return leadsOut ? undefined : real;
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

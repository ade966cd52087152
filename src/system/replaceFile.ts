// A file that takes another's place: what is there goes only when its successor is whole.
import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** `write` makes a new file at the path it is given: `target` itself, or one beside it while something is there. */
export async function replaceFile(target: string, write: (path: string) => Promise<unknown>): Promise<void> {
  if (!(await isThere(target))) return void (await write(target));
  const folder = await mkdtemp(join(dirname(target), ".replacing-"));
  try {
    const successor = join(folder, basename(target));
    await write(successor);
    await rename(successor, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

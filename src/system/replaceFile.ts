// A file that takes another's place: what is there goes only when its successor is whole.
import {
  access,
  chmod,
  constants,
  lstat,
  mkdtemp,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "./folder.js";

/** `write` makes a new file at the path it is given: `target` itself, or one beside it while something is there. */
export async function replaceFile(target: string, write: (path: string) => Promise<unknown>): Promise<void> {
  return (await isThere(target)) ? writeBeside(target, write) : void (await write(target));
}

/** These say that a folder takes no new file, or lets none take this one's place: nothing of a full disk. */
const refusals: readonly unknown[] = ["EACCES", "EPERM", "EROFS", "EBUSY"];

/** All of `bytes`, or what was there before: where the user says, so that links stay links and files keep their mode. */
export async function overwriteFile(path: string, bytes: Uint8Array): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const facts = await lstat(target).catch(() => undefined);
  // No file is lost in a device, or behind a link that leads nowhere; a folder says what it is.
  if (facts && !facts.isFile()) return writeFile(target, bytes);
  if (facts) await access(target, constants.W_OK); // a new one in its place would go round this
  try {
    await writeBeside(target, async (successor) => {
      await writeFile(successor, bytes, { flag: "wx", flush: true });
      if (facts) await chmod(successor, facts.mode);
    });
  } catch (error) {
    if (!facts || !refusals.includes(codeOf(error))) throw error;
    await writeFile(target, bytes);
  }
}

async function writeBeside(target: string, write: (path: string) => Promise<unknown>): Promise<void> {
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

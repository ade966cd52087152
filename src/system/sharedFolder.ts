// A folder that several windows read and write: what looks first and then writes does so alone.
import { basename, join } from "node:path";
import { ComputeError } from "../domain/error.js";
import { createFolder, type DiskFolder } from "./folder.js";
import { createLocks, type Lock, type Locks } from "./lock.js";

/** Same shape as the port of `services/`. */
export interface SharedFolder extends DiskFolder {
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

const lockName = "folder";
const lookAgainMs = 15;
/** Longer than a dead holder on another machine keeps it. */
const patienceMs = 40_000;

/** Nothing is touched before the first call. The locks are in a folder beside the files. */
export function createSharedFolder(path: string): SharedFolder {
  const locks = createLocks(join(path, "..", "locks", basename(path)));
  return {
    ...createFolder(path),
    exclusively: async (work) => {
      const lock = await waitFor(locks, path);
      try {
        return await work();
      } finally {
        // Not released, it is taken over once this process is gone: no reason to call the work undone.
        await lock?.release().catch(() => undefined);
      }
    },
  };
}

/** Undefined where no lock can be written: a full disk must not keep anybody from deleting, and refuses writes by itself. */
async function waitFor(locks: Locks, path: string): Promise<Lock | undefined> {
  const since = performance.now();
  for (;;) {
    try {
      const lock = await locks.lock(lockName);
      if (lock) return lock;
    } catch {
      return undefined;
    }
    if (performance.now() - since > patienceMs) throw new ComputeError("badFile", { path, detail: "in use" });
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}

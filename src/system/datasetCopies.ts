// Copies of training files that are not on this machine: a folder for each content, with one file in it.
import { readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { atBorder, orUndefined } from "./folder.js";

export interface DatasetCopy {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
}

/** Same shape as the port of `services/fineTuning`. */
export interface DiskDatasetCopies {
  list(): Promise<readonly DatasetCopy[]>;
  remove(path: string): Promise<void>;
}

/** Nothing is touched before the first call, and nothing outside `root`. */
export function createDatasetCopies(root: string): DiskDatasetCopies {
  const namesIn = async (folder: string) => (await orUndefined(readdir(folder), folder)) ?? [];
  return {
    list: async () => {
      const copies: DatasetCopy[] = [];
      for (const key of await namesIn(root))
        for (const name of await namesIn(join(root, key)).catch(() => [])) {
          const path = join(root, key, name);
          const found = await orUndefined(stat(path), path);
          if (found) copies.push({ path, madeAt: found.mtimeMs });
        }
      return copies;
    },
    remove: async (path) => {
      const folder = dirname(path);
      if (dirname(folder) !== root) return; // a file of the user's own
      await atBorder(folder, () => rm(folder, { recursive: true, force: true }));
    },
  };
}

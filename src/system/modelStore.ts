// Where trained models are kept: a folder for each task, for the user alone.
import { mkdir, rm, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { ComputeError } from "../domain/error.js";
import { addressKey } from "../domain/ids.js";
import { atBorder, orUndefined } from "./folder.js";
import type { UnzipLimits } from "./unzip.js";

/** Same shape as the port of `services/fineTuning`. */
export interface DiskModelStore {
  folderOf(scope: { networkKey: string; wallet: string }, provider: string, task: string): Promise<string>;
  exists(path: string): Promise<boolean>;
  join(folder: string, name: string): string;
  extract(zip: string, folder: string, signal?: AbortSignal): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Nothing is touched before the first call. `remove` removes nothing outside `root`. */
export function createModelStore(root: string, limits?: () => Partial<UnzipLimits>): DiskModelStore {
  return {
    folderOf: async ({ networkKey, wallet }, provider, task) => {
      const parts = [networkKey, addressKey(wallet), addressKey(provider), task].map(flat);
      const folder = join(root, ...parts);
      await atBorder(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
      return folder;
    },
    exists: async (path) => (await orUndefined(stat(path), path)) !== undefined,
    join: (folder, name) => join(folder, basename(name)),
    extract: async (zip, folder, signal) => {
      const { extractModel, modelLimits } = await import("./unzip.js"); // the zip reader loads here, on first use
      await extractModel(zip, folder, { ...modelLimits, ...limits?.() }, signal);
    },
    remove: async (path) => {
      const below = relative(root, path);
      if (below === "" || below.startsWith("..") || join(root, below) !== path)
        throw new ComputeError("internal", { detail: "a model's file outside of our folder" });
      await atBorder(path, () => rm(path, { recursive: true, force: true }));
    },
  };
}

/** Task ids and network names come from elsewhere: none of them leads to another folder. */
function flat(part: string): string {
  const clean = part.replace(/[^A-Za-z0-9_-]/g, "_");
  return clean === "" ? "_" : clean;
}

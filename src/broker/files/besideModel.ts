// The receipt of a tuned model beside its encrypted file: only the file shows that what was signed is about it.
import { stat } from "node:fs/promises";
import { cancelled, isComputeError } from "../../domain/error.js";
import type { Recheck } from "../../domain/receipt.js";
import { modelRoots } from "../contracts/modelRoots.js";
import { withModel } from "../receipts/recheckModel.js";
import type { ProgressOptions } from "../storage/api.js";
import type { Hasher } from "../storage/hasher.js";
import type { CheckFileOptions } from "./api.js";
import { readModel } from "./checkModel.js";

/** Throws what keeps the file from being read. */
export async function besideModel(
  hasher: Hasher,
  recheck: Recheck,
  path: string,
  options: ProgressOptions = {},
): Promise<Recheck> {
  const { hashed, seal } = await readModel(hasher, path, options);
  return withModel(recheck, { merkle: hashed.root, keccak: hashed.keccak, ...(seal ? { seal } : {}) });
}

/** Where the file is kept here. One that is gone, or is another by now, says nothing of the receipt. Throws `cancelled` alone. */
export async function besideKnownModel(
  hasher: Hasher,
  recheck: Recheck,
  { models = [], ...options }: CheckFileOptions,
): Promise<Recheck> {
  const { receipt } = recheck;
  if (receipt?.kind !== "model" || recheck.word === "failed") return recheck;
  const known = models.find(({ rootHash }) => modelRoots(rootHash).join() === receipt.modelRootHash);
  if (known?.path === undefined) return recheck;
  try {
    if (!(await stat(known.path)).isFile()) return recheck;
    const beside = await besideModel(hasher, recheck, known.path, options);
    const isOther = beside.checks.some(({ id, status }) => id === "model-root" && status === "failed");
    return isOther ? recheck : beside;
  } catch (error) {
    if (options.signal?.aborted || isComputeError(error, "cancelled")) throw cancelled();
    return recheck;
  }
}

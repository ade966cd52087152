// An encrypted model, checked without its key and without asking anyone (spec fine-tuning.md 9.1, 11.2): read once from end to end, in
// constant memory but for the tags.
import { sameAddress, type Address } from "../../domain/ids.js";
import type { FileStep, KnownModel, ModelProof } from "../../domain/fileProof.js";
import { modelRoots } from "../contracts/modelRoots.js";
import { readSeal } from "../fineTuning/modelSeal.js";
import type { FileRoot, ProgressOptions } from "../storage/api.js";
import type { Hasher } from "../storage/hasher.js";
import { hashFileBothWays } from "../storage/hashFile.js";
import { sealSigner, type ModelFileSeal } from "../wire/fineTuning/modelFile.js";
import type { CheckFileOptions } from "./api.js";

/** Both hashes of a file, and what can be read in it without its key. Throws what keeps it from being read. */
export async function readModel(
  hasher: Hasher,
  path: string,
  options: ProgressOptions,
): Promise<{ readonly hashed: FileRoot; readonly seal: ModelFileSeal | undefined }> {
  const hashed = await hashFileBothWays(hasher, path, options);
  return { hashed, seal: await readSeal(path, hashed.size) };
}

/** Throws as above. */
export async function checkModel(
  hasher: Hasher,
  path: string,
  { models = [], ...options }: CheckFileOptions,
): Promise<ModelProof> {
  const { hashed, seal } = await readModel(hasher, path, options);
  const chunks = seal?.tags.length;
  const signer = seal && sealSigner(seal);
  const { root: merkle, keccak } = hashed;
  const known = models.find((model) => hashOf(model, hashed) !== undefined);
  // Kept for a task and not the file of it: then that is what is wrong.
  const meant = known ?? models.find((model) => model.path === path);
  const isNamed = known !== undefined;
  return {
    ...{ chunks, signer, merkle, keccak, task: meant?.task },
    steps: [
      layoutStep(hashed.size, chunks),
      ...(seal ? [signerStep(signer, meant?.signer), hashStep(hashed, meant), contentsStep(isNamed)] : []),
    ],
  };
}

/** The root that a deliverable names, when it is this file's: nothing says which of the two hashes it is. */
function hashOf({ rootHash }: KnownModel, { root, keccak }: FileRoot): string | undefined {
  const [named, ...more] = modelRoots(rootHash);
  return more.length === 0 && (named === root || named === keccak) ? named : undefined;
}

function layoutStep(size: number, chunks: number | undefined): FileStep {
  const right = `${size}`;
  return chunks === undefined
    ? { id: "model-layout", status: "failed", right, why: "different" }
    : { id: "model-layout", status: "observed", right }; // almost any length is one
}

/** `left`: whose it should be. A key can be recovered from almost any signature: without one to compare with, it says nothing. */
export function signerStep(right: Address | undefined, left: Address | undefined): FileStep {
  const id = "model-signer";
  if (right === undefined) return { id, status: "failed", left, why: "noSignature" };
  if (left === undefined) return { id, status: "not-checked", right, why: "noKey" };
  return sameAddress(left, right)
    ? { id, status: "proven", left, right }
    : { id, status: "failed", left, right, why: "different" };
}

function hashStep(hashed: FileRoot, meant: KnownModel | undefined): FileStep {
  const { root, keccak } = hashed;
  const id = "model-hash";
  if (!meant) return { id, status: "not-checked", left: root, right: keccak, why: "noTask" };
  const right = hashOf(meant, hashed);
  return right === undefined
    ? { id, status: "failed", left: meant.rootHash, right: `${root}\n${keccak}`, why: "different" }
    : { id, status: "proven", left: meant.rootHash, right };
}

function contentsStep(isNamed: boolean): FileStep {
  return isNamed
    ? { id: "model-contents", status: "proven", why: "byHash" }
    : { id: "model-contents", status: "not-checked", why: "sealed" };
}

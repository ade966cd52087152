// What the receipt of a tuned model is worth: what its maker signed and that everything told of it fits together; with the encrypted file at
// hand, that it is about this file. What was paid is the chain's word.
import type { Hash } from "../../domain/ids.js";
import type { ModelReceipt, ReceiptCheck, Recheck } from "../../domain/receipt.js";
import type { ProofWord } from "../../domain/verdict.js";
import { sealSigner, tagsDigest, type ModelFileSeal } from "../wire/fineTuning/modelFile.js";
import { compared } from "./compared.js";
import { modelChecks, modelReceiptId } from "./modelReceipt.js";
import { aboutCheck, networkCheck } from "./selfChecks.js";

export function recheckModel(receipt: ModelReceipt, document: readonly ReceiptCheck[]): Recheck {
  const now = modelChecks(receipt);
  const { network, provider, task, teeSigner, fee, acknowledgedBy, modelRootHash } = receipt;
  const { block, settledBy } = receipt;
  const told = [block, fee, acknowledgedBy, settledBy].filter((one) => one !== undefined).join("\n");
  const id = modelReceiptId(network.chainId, provider, task, modelRootHash);
  const checks = [
    ...document,
    aboutCheck(receipt, id, []),
    ...now,
    networkCheck(network, "fineTuning") ?? { id: "chain", status: "observed", left: teeSigner, right: told },
    compared("verdict", isAsFound(receipt, now), {}),
  ];
  return { word: modelWord(checks), checks, receipt };
}

/** The file was at hand then: all that is asked for now was found. */
function isAsFound({ checks }: ModelReceipt, now: readonly ReceiptCheck[]): boolean {
  const found = checks.filter(({ status }) => status === "proven").map(({ id }) => id);
  return found.join() === now.map(({ id }) => id).join() && found.length === checks.length;
}

export function modelWord(checks: readonly ReceiptCheck[]): ProofWord {
  if (checks.some(({ status }) => status === "failed")) return "failed";
  const isSealed = checks.some(({ id, status }) => id === "model-file" && status === "proven");
  return isSealed ? "proven" : "notProven";
}

/** An encrypted model that is here. */
export interface ModelAtHand {
  readonly merkle: Hash;
  readonly keccak: Hash;
  /** Undefined for a file of another layout. */
  readonly seal?: ModelFileSeal;
}

/** The same receipt beside that file; of no model, it is about another one. */
export function withModel(recheck: Recheck, model: ModelAtHand): Recheck {
  const { receipt, checks } = recheck;
  if (!receipt) return recheck;
  if (receipt.kind !== "model")
    return {
      ...recheck,
      word: "failed",
      checks: [...checks, { id: "model-root", status: "failed", why: "noModel" }],
    };
  const all = checks.map((check) => besideFile(check, receipt, model));
  return { ...recheck, word: modelWord(all), checks: all };
}

/** What failed by itself stays so. */
function besideFile(
  check: ReceiptCheck,
  { file, modelRootHash }: ModelReceipt,
  { seal, ...hashes }: ModelAtHand,
): ReceiptCheck {
  const { id, status, left } = check;
  if (status === "failed") return check;
  const failedWhy = "otherFile";
  if (id === "model-root") {
    const right = file.hashKind === "merkle" ? hashes.merkle : hashes.keccak;
    return compared(id, right === modelRootHash, { left, right, failedWhy });
  }
  if (id === "model-layout") {
    const isSame = seal?.size === file.size && seal.tags.length === file.chunks;
    return compared(id, isSame, { left, right: seal?.tags.length.toString(), failedWhy });
  }
  if (id !== "model-file") return check;
  const isSame = seal && tagsDigest(seal.tags) === file.tagsDigest && seal.signature === file.signature;
  return compared(id, isSame === true, { left, right: seal && sealSigner(seal), failedWhy });
}

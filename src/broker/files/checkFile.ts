// A file that somebody opened: what it is, and the checks that apply to it. Asks nobody, reads no more than such a file can have, and never
// throws but for the signal: files are as hostile as providers.
import { open, stat } from "node:fs/promises";
import { cancelled, isComputeError } from "../../domain/error.js";
import type { FileProof, UnknownFile } from "../../domain/fileProof.js";
import { recheck } from "../receipts/recheck.js";
import { Hasher } from "../storage/hasher.js";
import { readFully } from "../storage/hashFile.js";
import type { CheckFileOptions, FileSource, FileTools, FileToolsOptions } from "./api.js";
import { besideKnownModel } from "./besideModel.js";
import { checkModel } from "./checkModel.js";
import { checkQuoteFile, checkReportFile } from "./checkReportFile.js";
import { firstLook, headLength, jsonKind, type FirstLook } from "./recognise.js";
import { withKeys } from "./withKeys.js";

export function createFileTools({ clock, log, hashWorker }: FileToolsOptions): FileTools {
  const hasher = new Hasher({ clock, log, hashWorker, closing: new AbortController().signal });
  const now = () => clock.now();
  return {
    check: (source, options = {}) => checkFile(hasher, now, source, options),
    withKeys: (proof, chain) => withKeys(proof, chain, now()),
  };
}

async function checkFile(
  hasher: Hasher,
  now: () => number,
  source: FileSource,
  options: CheckFileOptions,
): Promise<FileProof> {
  try {
    if ("bytes" in source) {
      const { bytes } = source;
      const look = firstLook(bytes.subarray(0, headLength), bytes.length, options.isAsked);
      if (look === "model") return unknown("notOnDisk", bytes.length);
      return await besideKept(hasher, checkBytes(look, bytes, now()), options);
    }
    return await checkOnDisk(hasher, now, source.path, options);
  } catch (error) {
    if (options.signal?.aborted || isComputeError(error, "cancelled")) throw cancelled();
    return unknown("unreadable");
  }
}

async function checkOnDisk(
  hasher: Hasher,
  now: () => number,
  path: string,
  options: CheckFileOptions,
): Promise<FileProof> {
  const found = await stat(path); // before it is opened: a pipe would never answer
  if (found.isDirectory()) return unknown("folder");
  if (!found.isFile()) return unknown("special");
  const { size } = found;
  const look = firstLook(await readStart(path, Math.min(size, headLength)), size, options.isAsked);
  // What is kept as a model is looked at as one, whatever has become of it.
  if (look === "model" || (size > 0 && options.models?.some((model) => model.path === path)))
    return { kind: "model", size, model: await checkModel(hasher, path, options) };
  if (!isWhole(look)) return unknown(look, size);
  return besideKept(hasher, checkBytes(look, await readStart(path, size), now()), options);
}

async function besideKept(hasher: Hasher, proof: FileProof, options: CheckFileOptions): Promise<FileProof> {
  if (proof.kind !== "receipt") return proof;
  return { ...proof, recheck: await besideKnownModel(hasher, proof.recheck, options) };
}

/** Kinds that are read as a whole; each has a largest size. */
function isWhole(look: FirstLook): look is "json" | "quote" {
  return look === "json" || look === "quote";
}

function checkBytes(look: Exclude<FirstLook, "model">, bytes: Uint8Array, now: number): FileProof {
  const size = bytes.length;
  if (!isWhole(look)) return unknown(look, size);
  if (look === "quote") return { kind: look, size, report: checkQuoteFile(bytes, { now }) };
  const kind = jsonKind(bytes);
  if (kind === "json" || kind === "tooLarge") return unknown(kind, size);
  if (kind === "receipt") return { kind, size, recheck: recheck(bytes) };
  return { kind, size, report: checkReportFile(bytes, { now }) };
}

async function readStart(path: string, length: number): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const bytes = new Uint8Array(length);
    await readFully(path, handle, bytes, 0);
    return bytes;
  } finally {
    await handle.close();
  }
}

function unknown(why: UnknownFile, size = 0): FileProof {
  return { kind: "unknown", why, size };
}

// Storage's public face: binds the operations to a network, a signer and threads to hash with.
import type { BrokerContext } from "../context.js";
import { linkSignals } from "../inference/signals.js";
import type { FileRoot, ProgressOptions, StorageBroker } from "./api.js";
import { downloadFile, isAvailable } from "./download.js";
import { Hasher } from "./hasher.js";
import { hashFileBothWays } from "./hashFile.js";
import { planUpload, uploadFile } from "./upload.js";

export function createStorage(context: BrokerContext): StorageBroker {
  const hasher = new Hasher(context);
  return {
    rootOf: (file, options) => rootOf(context, hasher, file, options),
    planUpload: (file, options) => planUpload(context, hasher, file, options),
    uploadFile: (plan, options) => uploadFile(context, hasher, plan, options),
    downloadFile: (root, file, options) => downloadFile(context, hasher, root, file, options),
    isAvailable: (root, options) => isAvailable(context, hasher, root, options),
  };
}

async function rootOf(
  context: BrokerContext,
  hasher: Hasher,
  file: string,
  options: ProgressOptions = {},
): Promise<FileRoot> {
  const link = linkSignals(options.signal, context.closing);
  try {
    return await hashFileBothWays(hasher, file, { ...options, signal: link.signal });
  } finally {
    link.release();
  }
}

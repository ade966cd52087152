// What is checked on an encrypted model before anything is paid for it (spec fine-tuning.md 9.1, 11.2, 17.1 to 17.3), in the order of trust:
// the hash on chain, the layout, and the enclave's signature over all tags, which needs no key.
import { open } from "node:fs/promises";
import { ComputeError } from "../../domain/error.js";
import type { Deliverable, FineTuningService, ModelFileCheck } from "../../domain/fineTuning.js";
import { sameAddress, type Address, type Hash } from "../../domain/ids.js";
import type { BrokerContext } from "../context.js";
import { modelRoots } from "../contracts/modelRoots.js";
import type { ProgressOptions, StorageBroker } from "../storage/api.js";
import { sealSigner, tagsDigest, type ModelFileSeal } from "../wire/fineTuning/modelFile.js";
import { onDisk } from "../storage/diskError.js";
import { readSeal } from "./modelSeal.js";
import { signerAt } from "./signers.js";

export interface CheckParts {
  readonly context: BrokerContext;
  readonly storage: Pick<StorageBroker, "rootOf">;
}

export interface Checked {
  readonly check: ModelFileCheck;
  readonly seal: ModelFileSeal;
}

/** Throws `verificationFailed` with the first check that fails. The file is read once, and its tags again. */
export async function verifyModelFile(
  { context, storage }: CheckParts,
  service: FineTuningService,
  deliverable: Deliverable,
  file: string,
  options: ProgressOptions = {},
): Promise<Checked> {
  const root = expectedRoot(service, deliverable);
  const size = await sizeOf(file);
  if (size === 0) throw failed(service, "hash"); // nothing that storage would have a root for
  const fileRoot = await storage.rootOf(file, options);
  const rootKind = root === fileRoot.root ? "merkle" : root === fileRoot.keccak ? "keccak" : undefined;
  if (!rootKind) throw failed(service, "hash");
  const seal = await readSeal(file, fileRoot.size);
  if (!seal) throw failed(service, "structure");
  const { signer, isCurrentSigner } = await requireSealed(context, service, deliverable, seal, options);
  const chunks = seal.tags.length;
  return {
    seal,
    check: {
      ...{ rootKind, hash: root, signer, isCurrentSigner, size: fileRoot.size, chunks },
      seal: {
        ...{ tagsDigest: tagsDigest(seal.tags) as Hash, signature: seal.signature },
        tags: Buffer.concat(seal.tags).toString("base64"),
      },
    },
  };
}

/** The one hash the deliverable names; old ones with several, or none, name no single file. */
function expectedRoot(service: FineTuningService, deliverable: Deliverable): Hash {
  const [root, ...more] = modelRoots(deliverable.modelRootHash);
  if (root === undefined || more.length > 0) throw failed(service, "hash", "the chain names no single hash");
  return root as Hash;
}

/** Throws `verificationFailed` (signature) unless the seal is by a signer of the service. */
async function requireSealed(
  context: BrokerContext,
  service: FineTuningService,
  deliverable: Deliverable,
  seal: ModelFileSeal,
  options: ProgressOptions,
): Promise<{ readonly signer: Address; readonly isCurrentSigner: boolean }> {
  const signer = sealSigner(seal);
  if (!signer) throw failed(service, "signature", "the file's signature is none");
  if (sameAddress(signer, service.teeSigner)) return { signer, isCurrentSigner: true };
  const earlier = await signerAt(context, service.provider, deliverable.timestamp, options);
  if (earlier && sameAddress(signer, earlier)) return { signer, isCurrentSigner: false };
  throw failed(service, "signature", `signed by ${signer}`);
}

async function sizeOf(file: string): Promise<number> {
  return onDisk(file, async () => {
    const handle = await open(file, "r");
    try {
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  });
}

function failed(
  { provider }: Pick<FineTuningService, "provider">,
  why: "hash" | "structure" | "signature",
  detail?: string,
): ComputeError<"verificationFailed"> {
  return new ComputeError("verificationFailed", {
    what: "model",
    why,
    provider,
    ...(detail ? { detail } : {}),
  });
}

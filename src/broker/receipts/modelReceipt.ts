// The receipt of a tuned model: what was found when its encrypted file was here, in a form that can be found again without the file.
import { sameAddress, type Sha256Hex } from "../../domain/ids.js";
import { receiptSchema, type ModelReceipt, type ReceiptCheck, type ReceiptId } from "../../domain/receipt.js";
import type { CheckStatus } from "../../domain/verdict.js";
import { sizesOf } from "../wire/fineTuning/modelFile.js";
import { recoverDigest, sha256Hex } from "../wire/hash.js";
import type { ModelFacts } from "./api.js";
import { digestOf } from "./canonicalText.js";
import { isoTime, neuronText } from "./makeReceipt.js";

export function makeModelReceipt(facts: ModelFacts): ModelReceipt {
  const { network, madeAt, model, check, seal, agreedFee, fee, tools } = facts;
  const { provider, user, task, state, datasetHash, trainingParams, acknowledgedBy } = facts;
  const { hash, rootKind: hashKind, size, chunks, signer, isCurrentSigner } = check;
  const told = {
    kind: "model",
    schema: receiptSchema,
    ...{ id: receiptIdOf(facts), madeAt: isoTime(madeAt) },
    network: {
      ...{ id: network.id, name: network.name, chainId: network.chainId },
      contract: network.contracts.fineTuning,
    },
    ...{ provider, user, task, state, datasetHash, trainingParams, acknowledgedBy, tools },
    ...{ baseModel: model.name, baseModelHash: model.hash },
    ...{ teeSigner: signer, isCurrentSigner, modelRootHash: hash },
    file: { hash, hashKind, size, chunks, tagsDigest: seal.tagsDigest, signature: seal.signature, signer },
    ...(agreedFee === undefined ? {} : { agreedFee: neuronText(agreedFee) }),
    ...(fee === undefined ? {} : { fee: neuronText(fee) }),
  } as const;
  // The file was here, and its hash was the chain's: who reads the receipt can only be told so.
  const checks = modelChecks(told).map((one) => (one.id === "model-root" ? asFound(one) : one));
  const made = { ...told, checks };
  return { ...made, digest: digestOf(made) };
}

/** The same model of the same task has the same one, whatever became of it since. */
function receiptIdOf({ network, provider, task, check }: ModelFacts): ReceiptId {
  const text = [network.chainId, provider.toLowerCase(), task, check.hash].join("\n");
  return sha256Hex(Buffer.from(text)).slice(0, 24) as ReceiptId;
}

function asFound({ id, left, right }: ReceiptCheck): ReceiptCheck {
  return compared(id, left === right, { left, right });
}

/** By what is written alone. */
export function modelChecks({
  file,
  modelRootHash,
  teeSigner,
}: Pick<ModelReceipt, "file" | "modelRootHash" | "teeSigner">): ReceiptCheck[] {
  const signer = recoverDigest(file.tagsDigest, file.signature);
  const isSealed = signer !== undefined && sameAddress(signer, teeSigner) && sameAddress(signer, file.signer);
  const chunks = sizesOf(file.size)?.chunks;
  const root = { id: "model-root", left: modelRootHash, right: file.hash } as const;
  return [
    file.hash === modelRootHash
      ? { ...root, status: "observed", why: "recorded" }
      : { ...root, status: "failed" },
    compared("model-layout", file.chunks === chunks, { left: chunks?.toString(), right: `${file.chunks}` }),
    compared("model-file", isSealed, { left: teeSigner, right: signer }),
  ];
}

export function compared(
  id: ReceiptCheck["id"],
  isRight: boolean,
  { failedWhy, ...sides }: { left?: string; right?: string | Sha256Hex; failedWhy?: string },
): ReceiptCheck {
  const status: CheckStatus = isRight ? "proven" : "failed";
  return { id, status, ...sides, ...(isRight || failedWhy === undefined ? {} : { why: failedWhy }) };
}

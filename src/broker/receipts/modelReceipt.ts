// The receipt of a tuned model: what was found when its encrypted file was here, in a form that can be found again without the file.
import { keccak256 } from "ethers";
import { sameAddress } from "../../domain/ids.js";
import type { FineTuningService } from "../../domain/fineTuning.js";
import {
  receiptSchema,
  type ModelReceipt,
  type ReceiptCheck,
  type ReceiptId,
  type ReceiptTuningService,
} from "../../domain/receipt.js";
import { areTags, sizesOf, tagSize } from "../wire/fineTuning/modelFile.js";
import { recoverDigest, sha256Hex } from "../wire/hash.js";
import type { ModelFacts } from "./api.js";
import { digestOf } from "./canonicalText.js";
import { compared } from "./compared.js";
import { isoTime, neuronText } from "./makeReceipt.js";

export function makeModelReceipt(facts: ModelFacts): ModelReceipt {
  const { network, madeAt, model, check, seal, agreedFee, fee, tools } = facts;
  const { provider, user, task, state, datasetHash, trainingParams, acknowledgedBy } = facts;
  const { settledBy, quoteDigest } = facts;
  const { hash, rootKind: hashKind, size, chunks, signer, isCurrentSigner, read } = check;
  const told = {
    kind: "model",
    schema: receiptSchema,
    ...{ id: modelReceiptId(network.chainId, provider, task, hash), madeAt: isoTime(madeAt) },
    network: {
      ...{ id: network.id, name: network.name, chainId: network.chainId },
      contract: network.contracts.fineTuning,
    },
    ...{
      provider,
      user,
      task,
      state,
      datasetHash,
      trainingParams,
      acknowledgedBy,
      settledBy,
      quoteDigest,
      tools,
    },
    ...(read ? { service: tuningService(read.service), block: read.block } : {}),
    ...{ baseModel: model.name, baseModelHash: model.hash },
    ...{ teeSigner: signer, isCurrentSigner, modelRootHash: hash },
    file: { hash, hashKind, size, chunks, ...seal, signer },
    ...(agreedFee === undefined ? {} : { agreedFee: neuronText(agreedFee) }),
    ...(fee === undefined ? {} : { fee: neuronText(fee) }),
  } as const;
  // The file was here, and its hash was the chain's: who reads the receipt can only be told so.
  const checks = modelChecks(told).map((one) => asFound(one));
  const made = { ...told, checks };
  return { ...made, digest: digestOf(made) };
}

function tuningService({ pricePerToken, ...entry }: FineTuningService): ReceiptTuningService {
  return { ...entry, pricePerToken: neuronText(pricePerToken) };
}

/** The same model of the same task has the same one, whatever became of it since. */
export function modelReceiptId(chainId: number, provider: string, task: string, hash: string): ReceiptId {
  const text = [chainId, provider.toLowerCase(), task, hash].join("\n");
  return sha256Hex(Buffer.from(text)).slice(0, 24) as ReceiptId;
}

/** What was open for want of the file, or of what was read in it. */
function asFound({ id, status, left, right }: ReceiptCheck): ReceiptCheck {
  return { id, status: status === "failed" ? "failed" : "proven", left, right };
}

/** By what is written alone. */
export function modelChecks({
  file,
  modelRootHash,
  teeSigner,
}: Pick<ModelReceipt, "file" | "modelRootHash" | "teeSigner">): ReceiptCheck[] {
  const tags = file.tags === undefined ? undefined : Buffer.from(file.tags, "base64");
  const chunks = sizesOf(file.size)?.chunks;
  const isLaidOut = file.chunks === chunks && (tags === undefined || tags.length === chunks * tagSize);
  const root = { id: "model-root", left: modelRootHash, right: file.hash } as const;
  return [
    file.hash === modelRootHash
      ? { ...root, status: "not-checked", why: "noFile" }
      : { ...root, status: "failed" },
    compared("model-layout", isLaidOut, { left: chunks?.toString(), right: `${file.chunks}` }),
    sealCheck({ file, teeSigner }, tags),
  ];
}

/** Of a digest alone nobody can say what it is of: the key may have signed it for a payment, or for an answer. */
function sealCheck(
  { file, teeSigner: left }: Pick<ModelReceipt, "file" | "teeSigner">,
  tags: Uint8Array | undefined,
): ReceiptCheck {
  const right = recoverDigest(file.tagsDigest, file.signature);
  const isSigned = right !== undefined && sameAddress(right, left) && sameAddress(right, file.signer);
  if (isSigned && tags === undefined)
    return { id: "model-file", status: "not-checked", left, right, why: "noTags" };
  const isOfTags = tags !== undefined && keccak256(tags) === file.tagsDigest && areTags(tags);
  return compared("model-file", isSigned && isOfTags, {
    ...{ left, right },
    ...(isSigned ? { failedWhy: "otherTags" } : {}),
  });
}

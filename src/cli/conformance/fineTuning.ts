// The sections of fine-tuning.json (its spec: section 18), put together; here those of signatures, tasks, fees and names.
import assert from "node:assert/strict";
import { hexlify, keccak256, SigningKey } from "ethers";
import { clientAdapterName, providerAdapterName } from "../../domain/adapterName.js";
import { logText } from "../../broker/wire/fineTuning/logFrames.js";
import { predefinedModels } from "../../broker/wire/fineTuning/models.js";
import {
  cancellableStages,
  downloadableStages,
  keyStages,
  parseTaskBody,
  parseTaskId,
  queuedStages,
  taskBody,
  terminalStages,
  type TaskBody,
} from "../../broker/wire/fineTuning/task.js";
import {
  cancelDigest,
  legacyTaskDigest,
  loraDigest,
  loraMessage,
  packedLegacyTask,
  packedTask,
  taskDigest,
  taskNonce,
  taskPublicKey,
  uploadDigest,
  uploadMessage,
} from "../../broker/wire/fineTuning/taskSignature.js";
import { personalDigest, personalSign } from "../../broker/wire/hash.js";
import { taskStages } from "../../domain/fineTuning.js";
import type { Address, TaskId } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import { penaltyOf, trainingFee } from "../../domain/trainingFee.js";
import { trainingCurve } from "../../domain/trainingLog.js";
import { contractSection, settlement } from "./fineTuningContract.js";
import { datasetConversion, jsonlUpload, trainingParams } from "./fineTuningDataset.js";
import { eciesSections, modelSections } from "./fineTuningFiles.js";
import { stubReport } from "./attestation.js";
import { bytesOf, keysOf, section, whole } from "./fineTuningVectors.js";
import type { Suite, VectorFile } from "./runner.js";
import { storageRoot } from "./storageBytes.js";

export function fineTuningSuite(): Suite {
  return {
    sections: [
      section("nonce", nonce),
      section("createTask", createTask),
      { ...section("createTaskLegacyFee", createTaskLegacyFee), entries: whole },
      section("cancelTask", cancelTask),
      section("loraDownload", loraDownload),
      section("datasetUpload", datasetUpload),
      section("datasetHash", datasetHash),
      section("trainingParams", trainingParams),
      section("jsonlUpload", jsonlUpload),
      section("datasetConversion", datasetConversion),
      section("fee", fee),
      section("adapterName", adapterName),
      ...eciesSections,
      ...modelSections(),
      section("settlement", settlement),
      contractSection,
      section("logs", logs),
      section("progress", progress),
      { ...section("attestation", stubReport), entries: whole },
    ],
  };
}

function nonce(entry: {
  readonly dateNowMs: number;
  readonly nonce: string;
  readonly asJsNumberString: string;
}): void {
  const ours = taskNonce(entry.dateNowMs, 0n);
  assert.equal(ours.toString(), entry.nonce);
  // the official client reckons with a double: it holds this value exactly
  assert.equal(Number(ours).toString(), entry.asJsNumberString);
}

interface TaskEntry {
  readonly userAddress: string;
  readonly nonce: string;
  readonly datasetHash: string;
  readonly packed: string;
  readonly digest: string;
  readonly eip191Digest: string;
  readonly signature: string;
  readonly recoveredPublicKeyUncompressed: string;
  readonly requestBody: TaskBody;
}

function claimOf(entry: Pick<TaskEntry, "userAddress" | "nonce" | "datasetHash">) {
  return { user: entry.userAddress, nonce: BigInt(entry.nonce), datasetHash: entry.datasetHash };
}

function createTask(entry: TaskEntry, file: VectorFile): void {
  const claim = claimOf(entry);
  assert.equal(hexlify(packedTask(claim)), entry.packed);
  checkSigned(taskDigest(claim), entry, file);
  assert.equal(taskPublicKey(claim, entry.signature), entry.recoveredPublicKeyUncompressed);
  const { requestBody } = entry;
  const built = taskBody({
    user: entry.userAddress as Address,
    nonce: claim.nonce,
    datasetHash: entry.datasetHash,
    modelHash: requestBody.preTrainedModelHash,
    trainingParams: requestBody.trainingParams,
    signature: entry.signature,
    isWaiting: requestBody.wait,
  });
  assert.deepEqual(built, requestBody);
  assert.deepEqual(parseTaskBody(requestBody), requestBody);
}

/** The layout of before 2026 over the first task. */
function createTaskLegacyFee(
  entry: { readonly fee: string; readonly packed: string; readonly digest: string },
  file: VectorFile,
): void {
  const [first] = file.createTask as readonly TaskEntry[];
  assert(first, "no task to add the fee to");
  const claim = claimOf(first);
  assert.equal(hexlify(packedLegacyTask(claim, BigInt(entry.fee))), entry.packed);
  assert.equal(hexlify(legacyTaskDigest(claim, BigInt(entry.fee))), entry.digest);
}

function cancelTask(
  entry: {
    readonly taskId: string;
    readonly taskIdBytes: string;
    readonly digest: string;
    readonly eip191Digest: string;
    readonly signature: string;
    readonly requestBody: object;
  },
  file: VectorFile,
): void {
  const id = taskIdOf(entry.taskId);
  assert.equal(keccak256(entry.taskIdBytes), entry.digest);
  checkSigned(cancelDigest(id), entry, file);
  assert.deepEqual({ signature: entry.signature }, entry.requestBody);
}

function loraDownload(
  entry: {
    readonly taskId: string;
    readonly timestamp: number;
    readonly message: string;
    readonly digest: string;
    readonly signature: string;
    readonly requestBody: object;
  },
  file: VectorFile,
): void {
  const { timestamp, signature } = entry;
  const id = taskIdOf(entry.taskId);
  assert.equal(loraMessage(id, timestamp), entry.message);
  checkSigned(loraDigest(id, timestamp), entry, file);
  assert.deepEqual({ signature, timestamp }, entry.requestBody);
}

function datasetUpload(
  entry: {
    readonly userAddressInUrlAndMessage: string;
    readonly timestamp: number;
    readonly message: string;
    readonly digest: string;
    readonly signature: string;
    readonly formFields: object;
  },
  file: VectorFile,
): void {
  const { userAddressInUrlAndMessage: user, timestamp, signature } = entry;
  assert.equal(uploadMessage(user, timestamp), entry.message);
  checkSigned(uploadDigest(user, timestamp), entry, file);
  assert.deepEqual({ signature, timestamp: `${timestamp}` }, entry.formFields);
}

/** The digest, and the user's signature over its 32 bytes. */
function checkSigned(
  digest: Uint8Array,
  entry: { readonly digest: string; readonly eip191Digest?: string; readonly signature: string },
  file: VectorFile,
): void {
  assert.equal(hexlify(digest), entry.digest);
  if (entry.eip191Digest !== undefined) assert.equal(personalDigest(digest), entry.eip191Digest);
  assert.equal(personalSign(digest, keysOf(file).user.privateKey), entry.signature);
  const recovered = SigningKey.recoverPublicKey(personalDigest(digest), entry.signature);
  assert.equal(recovered, keysOf(file).user.publicKeyUncompressed);
}

function taskIdOf(text: string): TaskId {
  const id = parseTaskId(text);
  assert(id, "no task id");
  return id;
}

async function datasetHash(entry: {
  readonly contentBase64?: string;
  readonly recipe?: { readonly length: number; readonly byteAt: string };
  readonly keccak256: string;
  readonly storageMerkleRoot: string;
}): Promise<void> {
  const bytes = bytesOf(entry);
  assert.equal(keccak256(bytes), entry.keccak256);
  assert.equal(await storageRoot(bytes), entry.storageMerkleRoot);
}

function fee(entry: {
  readonly model: string;
  readonly tokens: string;
  readonly epochs: string;
  readonly pricePerToken: string;
  readonly priceCoefficient: string;
  readonly storageReserveFee: string;
  readonly fee: string;
  readonly penaltyIfUnacknowledged30pct: string;
}): void {
  const rule = predefinedModels(16661).find((model) => model.name === entry.model)?.feeRule;
  assert(rule, "a model whose fee is not known");
  assert.deepEqual(
    [`${rule.coefficient}`, `${rule.storageReserve}`],
    [entry.priceCoefficient, entry.storageReserveFee],
  );
  const price = neuron(BigInt(entry.pricePerToken));
  const total = trainingFee(rule, price, BigInt(entry.tokens), Number(entry.epochs));
  assert.equal(`${total}`, entry.fee);
  assert.equal(`${penaltyOf(total, 30)}`, entry.penaltyIfUnacknowledged30pct);
}

function adapterName(entry: {
  readonly baseModel: string;
  readonly taskId: string;
  readonly officialSdkName: string;
  readonly brokerName: string;
}): void {
  assert.equal(clientAdapterName(entry.baseModel, entry.taskId), entry.officialSdkName);
  assert.equal(providerAdapterName(entry.baseModel, entry.taskId), entry.brokerName);
}

function logs(entry: {
  readonly textBase64: string;
  readonly losses: readonly object[];
  readonly finalTrainLoss: number | null;
}): void {
  const curve = trainingCurve(logText(Buffer.from(entry.textBase64, "base64")));
  assert.deepEqual(curve.points, entry.losses);
  assert.equal(curve.finalLoss ?? null, entry.finalTrainLoss);
}

function progress({ key, value }: { readonly key: string; readonly value: unknown }): void {
  const ours: Readonly<Record<string, readonly string[]>> = {
    order: taskStages,
    terminal: terminalStages,
    cancellable: cancellableStages,
    countsAsQueue: queuedStages,
    loraDownloadable: downloadableStages,
    keyOnChain: keyStages,
  };
  assert.deepEqual(ours[key], value);
}

// Binds the operations of fine-tuning to what they share: the pace of file requests, storage, and the sessions of adapters.
import { setMaxListeners } from "node:events";
import type { ProviderId } from "../../domain/ids.js";
import { acknowledgeSigner, signerStatus } from "../acknowledgement.js";
import type { CallOptions } from "../call.js";
import type { FineTuningDeps } from "../context.js";
import type { FineTuningBroker } from "./api.js";
import { cancelTask } from "./cancelTask.js";
import { countPending } from "./countPending.js";
import { createTask, nextNonce } from "./createTask.js";
import { decryptModel } from "./decryptModel.js";
import { acknowledgeDeliverable, getDeliverable, planAcknowledgeDeliverable } from "./deliverables.js";
import { acknowledgeModel, downloadModel } from "./downloadModel.js";
import { FilePace } from "./filePace.js";
import { createLora } from "./lora.js";
import { listModel, listModelOf } from "./models.js";
import { modelUsage } from "./modelUsage.js";
import { getAccount, getLockedTime, getService, listService } from "./services.js";
import { getSettlement } from "./settlements.js";
import { getLog } from "./taskLog.js";
import { getTask, listTask } from "./tasks.js";
import { uploadDatasetToTEE } from "./uploadDatasetToTEE.js";

export function createFineTuning(deps: FineTuningDeps): FineTuningBroker {
  // Every request listens for the broker's end; Node would take that for a leak.
  setMaxListeners(0, deps.closing);
  const { storage } = deps;
  const parts = { context: deps, pace: new FilePace(deps.clock), storage };
  // Read for each call: the provider may have moved since the last.
  const service = (provider: ProviderId, options: CallOptions = {}) =>
    getService(deps, provider, { signal: options.signal });
  return {
    listService: (options) => listService(deps, options),
    getService: service,
    listModel: (options) => listModel(deps, options),
    listModelOf: async (provider, options) => listModelOf(deps, await service(provider, options), options),
    modelUsage: async (provider, model, file, options) =>
      modelUsage(deps, await service(provider, options), model, file, options),
    getLockedTime: (options) => getLockedTime(deps, options),
    getAccount: (provider, options) => getAccount(deps, provider, options),
    checkProviderSignerStatus: (provider, options) =>
      signerStatus(deps, "fine-tuning", provider, getService(deps, provider, options), options),
    acknowledgeProviderSigner: (provider, options) =>
      acknowledgeSigner(deps, "fine-tuning", provider, options),
    uploadDatasetToTEE: (to, file, options) => uploadDatasetToTEE(parts, to, file, options),
    uploadDataset: (plan, options) => storage.uploadFile(plan, options),
    downloadDataset: async (root, file, options) => void (await storage.downloadFile(root, file, options)),
    countPending: async (provider, options) => countPending(deps, await service(provider, options), options),
    nextNonce: (provider, options) => nextNonce(deps, provider, options),
    createTask: (at, request, options) => createTask(deps, at, request, options),
    listTask: async (provider, options) => listTask(deps, await service(provider, options), options),
    getTask: async (provider, id, options) => getTask(deps, await service(provider, options), id, options),
    cancelTask: async (provider, id, options) =>
      cancelTask(deps, await service(provider, options), id, options),
    getLog: async (provider, id, options) => getLog(deps, await service(provider, options), id, options),
    getDeliverable: (provider, id, options) => getDeliverable(deps, provider, id, options),
    getSettlement: (provider, id, options) => getSettlement(deps, provider, id, options),
    downloadModel: (provider, id, file, options) => downloadModel(parts, provider, id, file, options),
    acknowledgeModel: (provider, id, file, options) => acknowledgeModel(parts, provider, id, file, options),
    acknowledgeDeliverable: (provider, id, options) => acknowledgeDeliverable(deps, provider, id, options),
    planAcknowledgeDeliverable: (provider, id, options) =>
      planAcknowledgeDeliverable(deps, provider, id, options),
    decryptModel: (provider, id, file, output, options) =>
      decryptModel(parts, provider, id, file, output, options),
    lora: createLora(deps),
  };
}

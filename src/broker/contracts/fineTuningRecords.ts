// From ethers Results to the domain's types: services, accounts and deliverables of fine-tuning (spec contracts.md 7).
import type { Result } from "ethers";
import type {
  Deliverable,
  FineTuningAccount,
  FineTuningService,
  FineTuningTerms,
  Quota,
} from "../../domain/fineTuning.js";
import {
  address,
  amount,
  clamped,
  data,
  flag,
  integer,
  integerAt,
  list,
  struct,
  structAt,
  text,
  texts,
} from "./fields.js";

/** Of a service's models: more are not names to choose from. */
const maxModels = 100;

/** `getService` of FineTuningServing. */
export function parseFineTuningService(result: Result): FineTuningService {
  return service(structAt(result, 0));
}

/**
 * `getAllServices` of FineTuningServing. An entry that cannot be read at all goes to `skip` and hides none of the others.
 */
export function parseFineTuningServices(result: Result, skip: (error: unknown) => void): FineTuningService[] {
  return list(result[0]).flatMap((entry) => {
    try {
      return [service(entry)];
    } catch (error) {
      skip(error);
      return [];
    }
  });
}

/** `getAccount`, with the deliverables of `getDeliverables`: the account's own list is a ring whose start says nothing of age. */
export function parseFineTuningAccount(result: Result, deliverables: Result): FineTuningAccount {
  const account = structAt(result, 0);
  return {
    provider: address(account, "provider"),
    balance: amount(account, "balance"),
    pendingRefund: amount(account, "pendingRefund"),
    isAcknowledged: flag(account, "acknowledged"),
    nonce: integer(account, "nonce"),
    deliverables: list(deliverables[0]).map(deliverable),
  };
}

/** `getDeliverable`. */
export function parseDeliverable(result: Result): Deliverable {
  return deliverable(structAt(result, 0));
}

/** `lockTime` and `penaltyPercentage`. */
export function parseTerms(lockTime: Result, penaltyPercentage: Result): FineTuningTerms {
  return {
    lockTime: clamped(integerAt(lockTime, 0)),
    penaltyPercentage: Math.min(clamped(integerAt(penaltyPercentage, 0)), 100),
  };
}

function service(entry: Result): FineTuningService {
  return {
    provider: address(entry, "provider"),
    url: text(entry, "url").trim().replace(/\/+$/, ""),
    quota: quota(struct(entry, "quota")),
    pricePerToken: amount(entry, "pricePerToken"),
    isOccupied: flag(entry, "occupied"),
    models: texts(entry, "models").slice(0, maxModels),
    teeSigner: address(entry, "teeSignerAddress"),
    isSignerAcknowledgedByOwner: flag(entry, "teeSignerAcknowledged"),
  };
}

function quota(entry: Result): Quota {
  return {
    cpuCount: clamped(integer(entry, "cpuCount")),
    nodeMemory: clamped(integer(entry, "nodeMemory")),
    gpuCount: clamped(integer(entry, "gpuCount")),
    nodeStorage: clamped(integer(entry, "nodeStorage")),
    gpuType: text(entry, "gpuType"),
  };
}

function deliverable(entry: Result): Deliverable {
  return {
    id: text(entry, "id"),
    modelRootHash: data(entry, "modelRootHash"),
    encryptedSecret: data(entry, "encryptedSecret"),
    isAcknowledged: flag(entry, "acknowledged"),
    isSettled: flag(entry, "settled"),
    timestamp: clamped(integer(entry, "timestamp")),
  };
}

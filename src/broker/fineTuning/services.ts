// Services of fine-tuning, terms and accounts as the contract holds them now (spec fine-tuning.md 3, contracts.md 7). Nothing is kept: a
// provider may move between two calls.
import { isComputeError } from "../../domain/error.js";
import type {
  FineTuningAccount,
  FineTuningService,
  FineTuningTerms,
  ServiceRead,
} from "../../domain/fineTuning.js";
import type { ProviderId } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import {
  parseFineTuningAccount,
  parseFineTuningService,
  parseFineTuningServices,
  parseTerms,
} from "../contracts/fineTuningRecords.js";
import { requireSigner } from "../wallet/signer.js";

export async function listService(
  { chain, log }: BrokerContext,
  options: CallOptions & { includeUnacknowledged?: boolean } = {},
): Promise<FineTuningService[]> {
  const { signal, includeUnacknowledged } = options;
  const result = await chain.read("fineTuning", "getAllServices", [], { signal });
  const services = parseFineTuningServices(result, (error) =>
    log.error("Skipped a fine-tuning service that cannot be read", error),
  );
  return includeUnacknowledged ? services : services.filter((one) => one.isSignerAcknowledgedByOwner);
}

/** Throws `unknownProvider`. */
export async function getService(
  { chain }: BrokerContext,
  provider: ProviderId,
  { signal }: CallOptions = {},
): Promise<FineTuningService> {
  return parseFineTuningService(await chain.read("fineTuning", "getService", [provider], { signal }));
}

/** The same with the newest block of before. Throws `unknownProvider`. */
export async function readService(
  context: BrokerContext,
  provider: ProviderId,
  { signal }: CallOptions = {},
): Promise<ServiceRead> {
  const block = await context.chain.latestBlock({ signal }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    return undefined;
  });
  const service = await getService(context, provider, { signal });
  return block ? { service, block: block.number } : { service };
}

export async function getLockedTime(
  { chain }: BrokerContext,
  { signal }: CallOptions = {},
): Promise<FineTuningTerms> {
  const [lockTime, penalty] = await Promise.all([
    chain.read("fineTuning", "lockTime", [], { signal }),
    chain.read("fineTuning", "penaltyPercentage", [], { signal }),
  ]);
  return parseTerms(lockTime, penalty);
}

/** Undefined without a sub-account. */
export async function getAccount(
  context: BrokerContext,
  provider: ProviderId,
  { signal }: CallOptions = {},
): Promise<FineTuningAccount | undefined> {
  const args = [requireSigner(context).address, provider];
  try {
    const [account, deliverables] = await Promise.all([
      context.chain.read("fineTuning", "getAccount", args, { signal }),
      context.chain.read("fineTuning", "getDeliverables", args, { signal }),
    ]);
    return parseFineTuningAccount(account, deliverables);
  } catch (error) {
    if (isAccountMissing(error)) return undefined;
    throw error;
  }
}

export function isAccountMissing(error: unknown): boolean {
  return isComputeError(error, "rejectedByChain") && error.facts.reason === "AccountNotExists";
}

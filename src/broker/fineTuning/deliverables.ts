// Deliverables on chain: reading them, and the transaction that accepts one and with it its full price (spec fine-tuning.md 9, 10.3, 12).
import type { TransactionResult } from "../../domain/account.js";
import { ComputeError, isComputeError } from "../../domain/error.js";
import type { Deliverable } from "../../domain/fineTuning.js";
import type { ProviderId, TaskId } from "../../domain/ids.js";
import type { CallOptions, SendOptions } from "../call.js";
import type { ContractCall } from "../chain/access.js";
import type { BrokerContext } from "../context.js";
import { parseDeliverable } from "../contracts/fineTuningRecords.js";
import { requireSigner } from "../wallet/signer.js";
import { isAccountMissing } from "./services.js";

/** Undefined when nothing was announced, or the oldest of twenty had to go. */
export async function getDeliverable(
  context: BrokerContext,
  provider: ProviderId,
  id: TaskId,
  { signal }: CallOptions = {},
): Promise<Deliverable | undefined> {
  const args = [requireSigner(context).address, provider, id];
  try {
    return parseDeliverable(await context.chain.read("fineTuning", "getDeliverable", args, { signal }));
  } catch (error) {
    if (isAccountMissing(error) || isRejection(error, "DeliverableNotExists")) return undefined;
    throw error;
  }
}

/** Throws `taskConflict` (notDelivered) when there is none. */
export async function requireDeliverable(
  context: BrokerContext,
  provider: ProviderId,
  id: TaskId,
  options: CallOptions = {},
): Promise<Deliverable> {
  const deliverable = await getDeliverable(context, provider, id, options);
  if (!deliverable) throw notDelivered(provider);
  return deliverable;
}

/** Undefined when it stands already. Whoever calls this has seen the file, or the user's word that it does not matter. */
export async function acknowledgeDeliverable(
  context: BrokerContext,
  provider: ProviderId,
  id: TaskId,
  options: SendOptions = {},
): Promise<TransactionResult | undefined> {
  const deliverable = await requireDeliverable(context, provider, id, options);
  if (deliverable.isAcknowledged) return undefined;
  if (deliverable.isSettled) throw deadQueue(provider, id);
  try {
    return await context.chain.send(acknowledgeCall(provider, id), options);
  } catch (error) {
    throw explained(error, provider, id);
  }
}

/** Throws what the transaction would. */
export async function planAcknowledgeDeliverable(
  context: BrokerContext,
  provider: ProviderId,
  id: TaskId,
  { signal }: CallOptions = {},
): Promise<{ readonly maxFee: bigint }> {
  const from = requireSigner(context).address;
  try {
    const { maxFee } = await context.chain.simulate(acknowledgeCall(provider, id), from, { signal });
    return { maxFee };
  } catch (error) {
    throw explained(error, provider, id);
  }
}

function acknowledgeCall(provider: ProviderId, id: TaskId): ContractCall {
  return { contract: "fineTuning", method: "acknowledgeDeliverable", args: [provider, id] };
}

/** The contract's refusals that have a meaning here; with the hash when the transaction was mined in vain. */
function explained(error: unknown, provider: ProviderId, id: TaskId): unknown {
  if (isRejection(error, "CannotAcknowledgeSettledDeliverable")) return deadQueue(provider, id, error);
  if (isRejection(error, "DeliverableNotExists") || isAccountMissing(error))
    return notDelivered(provider, error);
  return error;
}

function isRejection(error: unknown, reason: string): boolean {
  return isComputeError(error, "rejectedByChain") && error.facts.reason === reason;
}

function deadQueue(provider: ProviderId, deliverable: string, cause?: unknown): ComputeError<"deadQueue"> {
  return new ComputeError("deadQueue", { provider, deliverable }, { cause });
}

function notDelivered(provider: ProviderId, cause?: unknown): ComputeError<"taskConflict"> {
  return new ComputeError("taskConflict", { provider, why: "notDelivered" }, { cause });
}

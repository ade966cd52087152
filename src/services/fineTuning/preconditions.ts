// What must hold before a task is created, checked against chain and provider: a task that cannot be delivered or paid is not begun.
import type { FineTuningAccount, FineTuningService } from "../../domain/fineTuning.js";
import { ComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import type { EntryReader } from "../ports.js";
import type { TuningBroker } from "./ports.js";

/** Money, acknowledgement, and no deliverable that would keep the next one from being delivered (spec 9, 12). */
export function assertAccountFit(
  provider: ProviderId,
  account: FineTuningAccount | undefined,
  need: bigint,
): void {
  const have = account ? account.balance - account.pendingRefund : 0n;
  if (!account || have < need)
    throw new ComputeError("insufficientFunds", { account: "sub-account", provider, have, need });
  if (!account.isAcknowledged) throw new ComputeError("notAcknowledged", { provider, by: "user" });
  assertQueueOpen(provider, account);
}

/** Throws `deadQueue` or `taskConflict`: the newest deliverable is not acknowledged. */
export function assertQueueOpen(provider: ProviderId, account: FineTuningAccount): void {
  const newest = account.deliverables.at(-1);
  if (!newest || newest.isAcknowledged) return;
  if (newest.isSettled) throw new ComputeError("deadQueue", { provider, deliverable: newest.id });
  throw new ComputeError("taskConflict", { provider, why: "unfinished" });
}

/** The provider takes one task of a user at a time; Delivered counts as unfinished (spec 18). */
export async function assertNoUnfinishedTask(
  broker: TuningBroker,
  provider: ProviderId,
  signal?: AbortSignal,
): Promise<void> {
  const tasks = await broker.fineTuning.listTask(provider, { signal });
  if (tasks.some(({ stage }) => stage !== "Finished" && stage !== "Failed"))
    throw new ComputeError("taskConflict", { provider, why: "unfinished" });
}

/** Read, its signer is acknowledged by the owner; else throws `unknownProvider`, `notAcknowledged`. The chain is asked each time. */
export function tuningEntry(
  { fineTuning }: Pick<TuningBroker, "fineTuning">,
  provider: ProviderId,
  signal?: AbortSignal,
): EntryReader<FineTuningService> {
  return {
    provider,
    service: "fine-tuning",
    read: async () => {
      const entry = await fineTuning.getService(provider, { signal });
      if (!entry.isSignerAcknowledgedByOwner)
        throw new ComputeError("notAcknowledged", { provider, by: "owner" });
      return entry;
    },
    // Fine-tuning runs in one enclave, and no class of it relays.
    recipientOf: ({ url, teeSigner }) => ({
      ...{ provider, url, teeSigner },
      service: "fine-tuning",
      providerClass: "combined",
      privacy: "private",
    }),
    termsOf: ({ url, teeSigner, pricePerToken }) => [url, teeSigner, pricePerToken],
  };
}

export function spendableAt(account: FineTuningAccount | undefined): ReturnType<typeof neuron> {
  return neuron(account ? account.balance - account.pendingRefund : 0n);
}

/** What was looked at is no longer what would be sent. */
export function fileChanged(path: string): ComputeError {
  return new ComputeError("badFile", { path, detail: "it changed since it was checked" });
}

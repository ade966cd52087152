// Commands get the row they were started from; what they need of it is read here, and nothing else is trusted.
import type { ApiKeyId } from "../domain/apiKey.js";
import type { Address, ProviderId, TaskId, TransactionHash } from "../domain/ids.js";
import type { ServiceName } from "../domain/provider.js";
import type { RunId, StuckState } from "../services/fineTuning/types.js";
import type { Row } from "../view/rows.js";

function subjectOf(row: unknown): Row["subject"] {
  return typeof row === "object" && row !== null && "subject" in row ? (row as Row).subject : undefined;
}

export function providerOf(row: unknown): ProviderId | undefined {
  return subjectOf(row)?.provider;
}

export function addressOf(row: unknown): Address | undefined {
  return subjectOf(row)?.address ?? subjectOf(row)?.provider;
}

/** Which of a provider's two accounts a row is about; rows of providers of chat do not say. */
export function serviceOf(row: unknown): ServiceName {
  return subjectOf(row)?.service ?? "inference";
}

/** A task as commands name it: by a row, or by the two values a panel hands over. */
export interface TaskRef {
  readonly provider: ProviderId;
  readonly id: TaskId;
}

export function taskOf(row: unknown): TaskRef | undefined {
  const { provider, task } = subjectOf(row) ?? {};
  return provider && task ? { provider, id: task } : undefined;
}

export function runOf(row: unknown): RunId | undefined {
  return subjectOf(row)?.run;
}

export function transactionOf(row: unknown): TransactionHash | undefined {
  return subjectOf(row)?.transaction;
}

export function plannedOf(row: unknown): string | undefined {
  return subjectOf(row)?.planned;
}

export function stuckOf(row: unknown): StuckState | undefined {
  return subjectOf(row)?.stuck;
}

export function apiKeyOf(row: unknown): ApiKeyId | undefined {
  return subjectOf(row)?.apiKey;
}

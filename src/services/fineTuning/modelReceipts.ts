// The receipt of a tuned model: written once its file was checked, and again whenever more became of it. What it says is in the run's journal,
// and so is that it was written: whoever goes on after a killed process finds what is still due.
import type { Network } from "../../domain/networks.js";
import type { ModelState } from "../../domain/receipt.js";
import type { Sha256Hex } from "../../domain/ids.js";
import type { EnclaveGate } from "../ports.js";
import type { ModelReceiptKeeper } from "../receipts/receipts.js";
import { networkKeyOf } from "../wallets/scope.js";
import { stepOf } from "./runState.js";
import type { RunStore } from "./runStore.js";
import type { FineTuningRun, RunId } from "./types.js";

export interface ModelReceiptTools {
  readonly store: Pick<RunStore, "append">;
  readonly receipts: ModelReceiptKeeper;
  readonly gate: Pick<EnclaveGate, "verified">;
}

/** Writes what is due. A disk that refuses keeps no model from its user: it is tried again at the next step. */
export async function keepModelReceipt(
  { store, receipts, gate }: ModelReceiptTools,
  run: FineTuningRun,
  network: Network | undefined,
): Promise<void> {
  const state = dueReceipt(run);
  const { taskId: task, check } = run;
  if (!state || task === undefined || !check?.seal) return;
  if (!network || networkKeyOf(network) !== run.scope.networkKey) return;
  const { scope, provider, model, datasetHash, trainingParams, agreedFee, settledFee: fee } = run;
  const { transaction: acknowledgedBy } = stepOf(run, "acknowledge");
  const { settledBy } = run;
  const quoteDigest = await quoteDigestOf(gate, run);
  const facts = {
    ...{ network, user: scope.wallet, provider, task, state, model, trainingParams, check, seal: check.seal },
    ...(datasetHash === undefined ? {} : { datasetHash }),
    ...(acknowledgedBy === undefined ? {} : { acknowledgedBy }),
    ...(agreedFee === undefined ? {} : { agreedFee }),
    ...(fee === undefined ? {} : { fee }),
    ...(settledBy === undefined ? {} : { settledBy }),
    ...(quoteDigest === undefined ? {} : { quoteDigest }),
  };
  const id = await receipts.keepModel(facts, run.receipt?.id);
  if (id !== undefined) await store.append(run.id, { kind: "receipt", id, state });
}

/** Of the enclave that was verified last. A record of it that cannot be read keeps no receipt from anybody. */
async function quoteDigestOf(
  gate: ModelReceiptTools["gate"],
  { scope, provider }: FineTuningRun,
): Promise<Sha256Hex | undefined> {
  const pin = await gate.verified(scope.networkKey, provider, "fine-tuning").catch(() => undefined);
  return pin?.last.quotes?.[0]?.digest;
}

/** Undefined: there is nothing to tell yet, or nothing new. */
function dueReceipt(run: FineTuningRun): ModelState | undefined {
  if (!run.check?.seal || run.taskId === undefined) return undefined;
  const state = stateOf(run);
  return run.receipt?.state === state ? undefined : state;
}

function stateOf(run: FineTuningRun): ModelState {
  const { ending } = run;
  if (ending === "penalty" || ending === "abandoned") return ending;
  const isPast = (name: "acknowledge" | "settlement") =>
    ["done", "skipped"].includes(stepOf(run, name).state);
  if (isPast("settlement")) return "settled";
  return isPast("acknowledge") ? "acknowledged" : "delivered";
}

/** Of runs that nobody drives any more: their last receipt may be missing. */
export function dueRuns(runs: readonly FineTuningRun[]): readonly RunId[] {
  return runs.filter((run) => dueReceipt(run) !== undefined).map(({ id }) => id);
}

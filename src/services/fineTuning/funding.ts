// Money on the sub-account of a provider of fine-tuning: what is missing, and whether a transaction of ours is still on its way.
import type { Clock } from "../../domain/clock.js";
import { ComputeError } from "../../domain/error.js";
import type { Address, ProviderId } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import { wayOfMoney, type TopUp } from "../money/topUp.js";
import type { TuningBroker } from "./ports.js";

/** What would bring the sub-account to `wanted`, by the chain as it is. */
export function planFunding(
  { ledger }: TuningBroker,
  provider: ProviderId,
  wanted: Neuron,
  signal?: AbortSignal,
): Promise<TopUp> {
  return wayOfMoney(ledger, "fine-tuning", provider, (have) => neuron(wanted - have), signal);
}

const pauseMs = 2_000;
const maxLooks = 90;

/**
 * Resolves when no transaction of the wallet is on its way: what was sent by a process that died is mined, or is lost for good. Only then does
 * the chain tell whether it happened.
 */
export async function untilQuiet(
  { chain }: TuningBroker,
  wallet: Address,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  for (let looks = 0; looks < maxLooks; looks++) {
    if ((await chain.pendingTransactions(wallet, { signal })) === 0) return;
    await clock.sleep(pauseMs, signal);
  }
  throw new ComputeError("network", { what: "rpc", url: "", detail: "an earlier transaction still waits" });
}

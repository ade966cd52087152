// Money on the sub-account of a provider of fine-tuning: what is missing, and whether a transaction of ours is still on its way.
import { spendable } from "../../domain/account.js";
import type { Clock } from "../../domain/clock.js";
import { ComputeError } from "../../domain/error.js";
import type { Address, ProviderId } from "../../domain/ids.js";
import { maxNeuron, minNeuron, neuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { TuningBroker } from "./ports.js";

export interface Funding {
  /** Wallet -> ledger first; 0: not needed. */
  readonly deposit: Neuron;
  /** Ledger -> sub-account. */
  readonly transfer: Neuron;
  readonly hasLedger: boolean;
  /** Spendable at the provider now. */
  readonly balance: Neuron;
}

/** What would bring the sub-account to `wanted`, by the chain as it is. */
export async function planFunding(
  { ledger }: TuningBroker,
  provider: ProviderId,
  wanted: Neuron,
  signal?: AbortSignal,
): Promise<Funding> {
  const [account, main, { minLedger, minTransfer }] = await Promise.all([
    ledger.getSubAccount("fine-tuning", provider, { signal }),
    ledger.getLedger({ signal }),
    ledger.limits({ signal }),
  ]);
  const balance = account ? spendable(account) : zeroNeuron;
  const missing = maxNeuron(neuron(wanted - balance), zeroNeuron);
  const transfer = account ? missing : maxNeuron(missing, minTransfer);
  // Money asked back from this provider is taken first and does not leave the ledger (spec contracts.md 5.3).
  const fromRefunds = minNeuron(transfer, account?.pendingRefund ?? zeroNeuron);
  const short = maxNeuron(neuron(transfer - fromRefunds - (main?.available ?? 0n)), zeroNeuron);
  const deposit = main || short === 0n ? short : maxNeuron(short, minLedger);
  return { deposit, transfer, hasLedger: main !== undefined, balance };
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

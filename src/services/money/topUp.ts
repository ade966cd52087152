// How money gets to a sub-account, reckoned from the chain as it is, for every service.
import type { LedgerBroker } from "../../broker/ledger/api.js";
import { type LedgerOperation, spendable } from "../../domain/account.js";
import type { ProviderId } from "../../domain/ids.js";
import { maxNeuron, minNeuron, neuron, type Neuron, zeroNeuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";

/** The way of money to a sub-account: `deposit` from the wallet first (0: none), then `transfer` from the ledger. */
export interface TopUp {
  readonly service: ServiceName;
  readonly provider: ProviderId;
  readonly transfer: Neuron;
  readonly deposit: Neuron;
  readonly hasLedger: boolean;
}

/** In this order; each asks by itself. */
export function stepsOf({ service, provider, transfer, deposit, hasLedger }: TopUp): LedgerOperation[] {
  const kind = hasLedger ? ("depositFund" as const) : ("addLedger" as const);
  return [
    ...(deposit > 0n ? [{ kind, amount: deposit }] : []),
    ...(transfer > 0n ? [{ kind: "transferFund" as const, provider, service, amount: transfer }] : []),
  ];
}

/** `more`: how much a sub-account needs that has so much to spend. The first transfer has a minimum, for every service. */
export async function wayOfMoney(
  ledger: LedgerBroker,
  service: ServiceName,
  provider: ProviderId,
  more: (have: Neuron) => Neuron,
  signal: AbortSignal | undefined,
): Promise<TopUp> {
  const [account, main, { minLedger, minTransfer }] = await Promise.all([
    ledger.getSubAccount(service, provider, { signal }),
    ledger.getLedger({ signal }),
    ledger.limits({ signal }),
  ]);
  const needed = more(account ? spendable(account) : zeroNeuron);
  const transfer = maxNeuron(needed, account ? zeroNeuron : minTransfer);
  // Money asked back from this provider is taken first and does not leave the ledger (spec contracts.md 5.3).
  const fromRefunds = minNeuron(transfer, account?.pendingRefund ?? zeroNeuron);
  const short = maxNeuron(neuron(transfer - fromRefunds - (main?.available ?? 0n)), zeroNeuron);
  const deposit = main || short === 0n ? short : maxNeuron(short, minLedger);
  return { service, provider, transfer, deposit, hasLedger: main !== undefined };
}

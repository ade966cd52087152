// An account as the official tool shows it (spec contracts.md 9): section `display`.
import { refundRemaining, spendable, type Ledger, type SubAccount } from "../../domain/account.js";
import { exactOg, neuron } from "../../domain/money.js";

export interface AccountState {
  readonly ledger?: Ledger;
  readonly inference?: SubAccount;
  readonly fineTuning?: SubAccount;
}

/** 18 digits after the point. */
export function exact18(amount: bigint): string {
  const [whole, fraction = ""] = exactOg(neuron(amount)).split(".");
  return `${whole}.${fraction.padEnd(18, "0")}`;
}

/** What is shown of a state at `now` (unix seconds). */
export function displayOf(state: AccountState, now: number, lockTime: number): Record<string, unknown> {
  const { ledger, inference, fineTuning } = state;
  return {
    now,
    lockTime,
    ledger: ledger && {
      total: exact18(ledger.total),
      locked: exact18(ledger.total - ledger.available),
      available: exact18(ledger.available),
    },
    inferenceSubAccounts: inference ? [row(inference)] : [],
    fineTuningSubAccounts: fineTuning ? [row(fineTuning)] : [],
    inferenceRefunds: (inference?.refunds ?? []).map(({ amount, createdAt }) => {
      const remainingSeconds = refundRemaining(createdAt, lockTime, now);
      return {
        amount: exact18(amount),
        createdAt: String(createdAt),
        remainingSeconds,
        text: clock(remainingSeconds),
      };
    }),
  };
}

function row(account: SubAccount): Record<string, string> {
  return {
    provider: account.provider,
    balance: exact18(account.balance),
    pendingRefund: exact18(account.pendingRefund),
    spendable: exact18(spendable(account)),
  };
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}min ${seconds % 60}s`;
}

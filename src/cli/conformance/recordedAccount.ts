// A sub-account in the shape of section `flow`.
import type { Result } from "ethers";
import type { SubAccount } from "../../domain/account.js";
import type { ServiceName } from "../../domain/provider.js";

/** What our domain leaves out (nonce, slots, deliverables) is taken from the contract's own answer. */
export function recordedAccount(
  service: ServiceName,
  account: SubAccount | undefined,
  result: Result | undefined,
): unknown {
  if (!account || !result) return null;
  const raw = result[0] as Result;
  const common = {
    balance: String(account.balance),
    pendingRefund: String(account.pendingRefund),
    nonce: String(raw.getValue("nonce")),
    acknowledged: account.isAcknowledged,
    validRefunds: (account.refunds ?? []).map(({ amount, createdAt }) => ({
      amount: String(amount),
      createdAt: String(createdAt),
    })),
    refundSlots: (raw.getValue("refunds") as Result).length,
  };
  if (service === "inference")
    return {
      ...common,
      generation: String(account.generation),
      revokedBitmap: String(account.revokedBitmap),
    };
  return {
    ...common,
    deliverables: [...(raw.getValue("deliverables") as Result[])].map(recordedDeliverable),
  };
}

function recordedDeliverable(one: Result): unknown {
  const secret = one.getValue("encryptedSecret") as string;
  return {
    id: one.getValue("id") as string,
    acknowledged: one.getValue("acknowledged") as boolean,
    settled: one.getValue("settled") as boolean,
    secretBytes: (secret.length - 2) / 2,
  };
}

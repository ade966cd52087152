// The two acknowledgements of a provider's signer: the network operator's and the user's (spec inference.md 1.2, 7; contracts.md 6.4).
import type { TransactionResult } from "../../domain/account.js";
import { ComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import type { CallOptions, SendOptions, SignerStatus } from "../api.js";
import type { InferenceDeps } from "../context.js";
import { requireSigner } from "../wallet/signer.js";
import type { Services } from "./services.js";

/** Both as the chain has them now. Without a wallet or a sub-account nothing is acknowledged by the user. */
export async function checkProviderSignerStatus(
  deps: InferenceDeps,
  services: Services,
  provider: ProviderId,
  options: CallOptions = {},
): Promise<SignerStatus> {
  const [service, account] = await Promise.all([
    services.get(provider, { ...options, isFresh: true }),
    deps.signer ? deps.ledger.getSubAccount("inference", provider, options) : undefined,
  ]);
  return {
    teeSigner: service.teeSigner,
    isAcknowledgedByOwner: service.isSignerAcknowledgedByOwner,
    isAcknowledgedByUser: account?.isAcknowledged ?? false,
  };
}

/** Undefined when it stands already. Unlike the official client it never funds: without a sub-account it says what one needs. */
export async function acknowledgeProviderSigner(
  deps: InferenceDeps,
  provider: ProviderId,
  options: SendOptions = {},
): Promise<TransactionResult | undefined> {
  requireSigner(deps);
  const account = await deps.ledger.getSubAccount("inference", provider, options);
  if (account?.isAcknowledged) return undefined;
  if (!account) {
    const { minTransfer } = await deps.ledger.limits(options);
    throw new ComputeError("insufficientFunds", {
      account: "sub-account",
      provider,
      have: 0n,
      need: minTransfer,
    });
  }
  return deps.ledger.run(
    { kind: "acknowledge", provider, service: "inference", isAcknowledged: true },
    options,
  );
}

// The two acknowledgements of a provider's signer: the network operator's and the user's (spec fine-tuning.md 3, 4).
import type { TransactionResult } from "../../domain/account.js";
import type { ProviderId } from "../../domain/ids.js";
import type { CallOptions, SendOptions, SignerStatus } from "../api.js";
import type { InferenceDeps } from "../context.js";
import { requireSigner } from "../wallet/signer.js";
import { getService, noSubAccount } from "./services.js";

/** Both as the chain has them now. Without a wallet or a sub-account nothing is acknowledged by the user. */
export async function checkProviderSignerStatus(
  deps: InferenceDeps,
  provider: ProviderId,
  options: CallOptions = {},
): Promise<SignerStatus> {
  const [service, account] = await Promise.all([
    getService(deps, provider, options),
    deps.signer ? deps.ledger.getSubAccount("fine-tuning", provider, options) : undefined,
  ]);
  return {
    teeSigner: service.teeSigner,
    isAcknowledgedByOwner: service.isSignerAcknowledgedByOwner,
    isAcknowledgedByUser: account?.isAcknowledged ?? false,
  };
}

/** Undefined when it stands already, as it does after every transfer. Funds nothing. */
export async function acknowledgeProviderSigner(
  deps: InferenceDeps,
  provider: ProviderId,
  options: SendOptions = {},
): Promise<TransactionResult | undefined> {
  requireSigner(deps);
  const account = await deps.ledger.getSubAccount("fine-tuning", provider, options);
  if (account?.isAcknowledged) return undefined;
  if (!account) throw await noSubAccount(deps, provider, options);
  return deps.ledger.run(
    { kind: "acknowledge", provider, service: "fine-tuning", isAcknowledged: true },
    options,
  );
}

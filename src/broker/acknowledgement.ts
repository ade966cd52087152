// The two acknowledgements of a provider's signer, for either service: the network operator's and the user's (spec inference.md 1.2, 7;
// fine-tuning.md 3, 4; contracts.md 6.4).
import type { TransactionResult } from "../domain/account.js";
import { ComputeError } from "../domain/error.js";
import type { Address, ProviderId } from "../domain/ids.js";
import type { ServiceName } from "../domain/provider.js";
import type { CallOptions, SendOptions } from "./call.js";
import type { InferenceDeps } from "./context.js";
import type { SignerStatus } from "./inference/api.js";
import { requireSigner } from "./wallet/signer.js";

/** A service as it was read just now. */
interface Registered {
  readonly teeSigner: Address;
  readonly isSignerAcknowledgedByOwner: boolean;
}

/** Both as the chain has them now. Without a wallet or a sub-account nothing is acknowledged by the user. */
export async function signerStatus(
  deps: InferenceDeps,
  name: ServiceName,
  provider: ProviderId,
  reading: Promise<Registered>,
  options: CallOptions = {},
): Promise<SignerStatus> {
  const [service, account] = await Promise.all([
    reading,
    deps.signer ? deps.ledger.getSubAccount(name, provider, options) : undefined,
  ]);
  return {
    teeSigner: service.teeSigner,
    isAcknowledgedByOwner: service.isSignerAcknowledgedByOwner,
    isAcknowledgedByUser: account?.isAcknowledged ?? false,
  };
}

/** Undefined when it stands already. Unlike the official client it never funds: without a sub-account it says what one needs. */
export async function acknowledgeSigner(
  deps: InferenceDeps,
  name: ServiceName,
  provider: ProviderId,
  options: SendOptions = {},
): Promise<TransactionResult | undefined> {
  requireSigner(deps);
  const account = await deps.ledger.getSubAccount(name, provider, options);
  if (account?.isAcknowledged) return undefined;
  if (!account) throw await noSubAccount(deps, provider, options);
  return deps.ledger.run({ kind: "acknowledge", provider, service: name, isAcknowledged: true }, options);
}

/** There is none yet: what the first transfer needs at least. */
export async function noSubAccount(
  deps: InferenceDeps,
  provider: ProviderId,
  options: CallOptions,
): Promise<ComputeError> {
  const { minTransfer } = await deps.ledger.limits(options);
  return new ComputeError("insufficientFunds", {
    account: "sub-account",
    provider,
    have: 0n,
    need: minTransfer,
  });
}

// The two acknowledgements of a provider's signer: the network operator's and the user's (spec inference.md 1.2, 7; fine-tuning.md 3, 4;
// contracts.md 6.4).
import type { TransactionResult } from "../../domain/account.js";
import { ComputeError } from "../../domain/error.js";
import type { Address, ProviderId } from "../../domain/ids.js";
import type { ServiceName } from "../../domain/provider.js";
import type { CallOptions, SendOptions, SignerStatus } from "../api.js";
import type { InferenceDeps } from "../context.js";
import { requireSigner } from "../wallet/signer.js";

/** What both kinds of services tell of their signer. */
interface SignedService {
  readonly teeSigner: Address;
  readonly isSignerAcknowledgedByOwner: boolean;
}

/** Both as the chain has them now. Without a wallet or a sub-account nothing is acknowledged by the user. */
export async function signerStatus(
  { signer, ledger }: InferenceDeps,
  name: ServiceName,
  provider: ProviderId,
  reading: Promise<SignedService>,
  options: CallOptions = {},
): Promise<SignerStatus> {
  const [service, account] = await Promise.all([
    reading,
    signer ? ledger.getSubAccount(name, provider, options) : undefined,
  ]);
  return {
    teeSigner: service.teeSigner,
    isAcknowledgedByOwner: service.isSignerAcknowledgedByOwner,
    isAcknowledgedByUser: account?.isAcknowledged ?? false,
  };
}

/**
 * Undefined when it stands already, as it does after every transfer. Unlike the official client it never funds: without a sub-account it says
 * what one needs.
 */
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

/** What everything that needs a sub-account says when there is none. */
export async function noSubAccount(
  { ledger }: Pick<InferenceDeps, "ledger">,
  provider: ProviderId,
  options: CallOptions = {},
): Promise<ComputeError<"insufficientFunds">> {
  const { minTransfer } = await ledger.limits(options);
  return new ComputeError("insufficientFunds", {
    account: "sub-account",
    provider,
    have: 0n,
    need: minTransfer,
  });
}

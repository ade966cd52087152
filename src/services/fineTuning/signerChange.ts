// A service that names another signer than the one whose signature the model bears: settled by a key the user has not heard of. Pure.
import type { FineTuningService, ModelFileCheck } from "../../domain/fineTuning.js";
import { sameAddress, type Address } from "../../domain/ids.js";

/** The provider's signer is another than the one whose signature the model bears. */
export interface SignerChange {
  readonly signed: Address;
  readonly now: Address;
  readonly isAcknowledgedByOwner: boolean;
}

/** Undefined where the signature is the present signer's, and for a model nobody has checked. */
export function signerChangeOf(
  check: Pick<ModelFileCheck, "signer"> | undefined,
  service: Pick<FineTuningService, "teeSigner" | "isSignerAcknowledgedByOwner"> | undefined,
): SignerChange | undefined {
  if (!check || !service || sameAddress(check.signer, service.teeSigner)) return undefined;
  return {
    signed: check.signer,
    now: service.teeSigner,
    isAcknowledgedByOwner: service.isSignerAcknowledgedByOwner,
  };
}

// What a signer that changed after the delivery means: told before the model is paid for.
import type { SignerChange } from "../../services/fineTuning/signerChange.js";
import type { Translate } from "../translate.js";

export function signerChangeText({ signed, now, isAcknowledgedByOwner }: SignerChange, t: Translate): string {
  return [
    t(
      "The model is signed by {0}, the provider's key on the chain when it was delivered. The chain now names {1}.",
      signed,
      now,
    ),
    t(
      "The old signature holds: this is the file that was delivered. An enclave has a new key after it was set up anew, for an update for example; it may also be run by somebody else by now, who settles your fee and has the key to your model.",
    ),
    isAcknowledgedByOwner
      ? t("The network's operator has accepted the new key.")
      : t(
          "The network's operator has not accepted the new key: until that is done nothing can be settled, and no key to the model comes.",
        ),
    t(
      "Look with “Verify provider” first what runs there. If you trust it, acknowledge before the deadline; missing that costs the penalty and the model.",
    ),
  ].join(" ");
}

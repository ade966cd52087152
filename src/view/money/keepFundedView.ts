// What it means that an account is topped up by itself, asked before it is switched on.
import { mostUnaskedFee } from "../../domain/gasFee.js";
import type { ProviderId } from "../../domain/ids.js";
import type { Confirmation, KeepFundedRule } from "../../services/ports.js";
import { shortAddress } from "../address.js";
import { formatExact } from "./money.js";
import type { Translate } from "../translate.js";

export function keepFundedConfirmation(
  { provider, floor, topUp, dailyCap }: KeepFundedRule,
  t: Translate,
): Confirmation {
  return {
    title: t("Top up this account by itself?"),
    detail: [
      t("Provider: {0}.", provider),
      t(
        "Whenever less than {0} is usable there, {1} is transferred from your ledger, without asking: at most {2} in 24 hours, and never beyond your other limits.",
        formatExact(floor, t),
        formatExact(topUp, t),
        formatExact(dailyCap, t),
      ),
      t(
        "Nothing is taken from your wallet but the transactions' fees, of at most {0} each; they count for your limit of a day. It works while an editor is open; at the cap it stops and tells you.",
        formatExact(mostUnaskedFee(topUp), t),
      ),
    ].join("\n\n"),
    confirmLabel: t("Keep funded"),
  };
}

/** Of a question that asks money back from such accounts; empty where there are none. */
export function endOfKeepingText(providers: readonly ProviderId[] = [], t: Translate): string {
  if (providers.length === 0) return "";
  return t(
    "You keep {0} funded: that is switched off then, or it would be topped up again.",
    providers.map(shortAddress).join(", "),
  );
}

// What emptying the ledger and beginning anew means, asked before anything is signed.
import type { Emptying, EmptyingPlan } from "../../services/fineTuning/types.js";
import type { Confirmation } from "../../services/ports.js";
import { shortAddress } from "../address.js";
import { formatExact } from "../money/money.js";
import type { Telling } from "./taskFacts.js";
import { shortTask } from "./taskView.js";
import type { Translate } from "../translate.js";

export function emptyingConfirmation(plan: EmptyingPlan, { t, moment }: Telling): Confirmation {
  const { total, unlocksAt, undecrypted, newLedger } = plan;
  return {
    title: t("Empty your ledger and begin anew?"),
    detail: [
      t(
        "All money is asked back now, and can be collected at {0}. Go on then from the tasks view.",
        moment(unlocksAt * 1000),
      ),
      t(
        "{0} come back to your wallet; {1} of it go into the new ledger.",
        formatExact(total, t),
        formatExact(newLedger, t),
      ),
      t("The accounts with all providers are deleted with the ledger, for chats as well as for fine-tuning."),
      undecrypted.length === 0
        ? t("No key of a tuned model is lost: all are decrypted.")
        : t(
            "The keys of these tasks are lost for ever, because they are not decrypted: {0}.",
            undecrypted.map(shortTask).join(", "),
          ),
      t("Each transaction asks by itself."),
    ].join("\n\n"),
    confirmLabel: t("Ask all money back"),
  };
}

/** When an emptying can go on: its lock time is over, or it was cut off. */
export function emptyingOfferText({ provider, state }: Emptying, t: Translate): string {
  const address = shortAddress(provider);
  return state === "waiting"
    ? t(
        "The money you asked back to empty your ledger, for the account at {0}, can be collected now.",
        address,
      )
    : t("Emptying your ledger, for the account at {0}, was cut off and can go on.", address);
}

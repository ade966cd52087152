// States that do not go away by themselves (spec fine-tuning.md 12): what each is, what its way out costs, what nothing brings back.
import type { StuckState, WayOut } from "../../services/fineTuning/types.js";
import { shortAddress } from "../address.js";
import { formatCost } from "../money/money.js";
import { formatPeriod } from "../time.js";
import type { Translate } from "../translate.js";

/** The state in one sentence, and what is lost with it. */
export function stuckSentence(stuck: StuckState, t: Translate): string {
  return [stuckText(stuck, t), lostText(stuck, t)].filter((part) => part !== "").join(" ");
}

function stuckText({ name, provider, why }: StuckState, t: Translate): string {
  const at = shortAddress(provider);
  switch (name) {
    case "unacknowledgedQueue":
      return t("A delivered model is not acknowledged: {0} cannot deliver another before it is.", at);
    case "deadQueue":
      return t(
        "A model was settled without being acknowledged. {0} cannot deliver another to this account: each new task would train and then fail.",
        at,
      );
    case "abandoned":
      return t("{0} gave the task up. Nothing was charged, and there is no key.", at);
    case "keyMissing":
      if (why === "useless")
        return t("The fee is paid, but the key that {0} published does not open the model.", at);
      return why === "penalty"
        ? t("The model was not acknowledged in time: its key will never come.")
        : why === "abandoned"
          ? t("{0} gave the task up: its key will never come.", at)
          : t("The model is acknowledged, but {0} has not settled and published the key.", at);
    case "fileGone":
      return t("{0} keeps the encrypted file no longer. 0G Storage may still have it.", at);
  }
}

function lostText({ lost }: StuckState, t: Translate): string {
  if (lost.length === 0) return "";
  const names = lost.map((what) => {
    switch (what) {
      case "model":
        return t("the model");
      case "key":
        return t("its key");
      case "fee":
        return t("the fee");
      case "otherKeys":
        return t("the keys of models that are not decrypted yet");
    }
  });
  return t("What nothing brings back: {0}.", names.join(", "));
}

/** A way out as a choice: what it does, and below it what it costs and takes. */
export function wayOutView(
  way: WayOut,
  stuck: StuckState,
  t: Translate,
): { readonly label: string; readonly detail: string } {
  const cost = stuck.cost === undefined ? "" : t("Costs at most {0}.", formatCost(stuck.cost, t));
  const wait = stuck.seconds === undefined ? "" : t("Takes at least {0}.", formatPeriod(stuck.seconds, t));
  const say = (label: string, ...details: string[]) => ({
    label,
    detail: details.filter((part) => part !== "").join(" "),
  });
  switch (way) {
    case "acknowledge":
      return say(t("Download, check and acknowledge"), t("The fee is settled after that."), cost);
    case "acknowledgeBlind":
      return say(t("Acknowledge without the file"), t("Pays in full for a file that nobody has seen."), cost);
    case "emptyLedger":
      return say(
        t("Empty the ledger and begin anew"),
        t("All money is taken back, the ledger is deleted with its accounts, and a new one is made."),
        wait,
        cost,
      );
    case "otherProvider":
      return say(t("Use another provider"), t("The account there is not affected."));
    case "otherWallet":
      return say(t("Use another wallet"), t("It has accounts of its own."));
    case "wait":
      return say(t("Wait"), t("The provider may still settle. Leave its account enough for the fee."));
    case "downloadFromStorage":
      return say(t("Download from 0G Storage"), t("Works when the provider uploaded the file there."));
    case "newTask":
      return say(t("Train again"), t("A new task, with a new fee."));
  }
}

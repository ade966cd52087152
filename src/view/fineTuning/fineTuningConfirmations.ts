// What is asked before a delivered model is paid for, and before a dataset becomes public.
import { neuron, zeroNeuron } from "../../domain/money.js";
import type {
  AcknowledgeFacts,
  FineTuningTexts,
  PublicUploadFacts,
} from "../../services/fineTuning/ports.js";
import type { Confirmation } from "../../services/ports.js";
import { withFeeWarning } from "../money/feeWarning.js";
import { formatCost, formatExact } from "../money/money.js";
import { signerChangeText } from "../proof/signerChangeView.js";
import { dearerText, shortTask } from "./taskView.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

export function createFineTuningTexts(t: Translate, moment: (at: number) => string): FineTuningTexts {
  return {
    acknowledge: (facts) => acknowledgeConfirmation(facts, moment, t),
    publicUpload: (facts) => publicUploadConfirmation(facts, t),
  };
}

function acknowledgeConfirmation(
  facts: AcknowledgeFacts,
  moment: (at: number) => string,
  t: Translate,
): Confirmation {
  const { run, isBlind, network } = facts;
  const name = cleanText(run.model.name, 80);
  const confirmation = {
    title: isBlind ? t("Pay for a model nobody has seen?") : t("Acknowledge the tuned model of “{0}”?", name),
    detail: [
      isBlind
        ? t(
            "Its file was not downloaded and not checked. Acknowledging pays the whole fee, whether or not you ever get a file that can be read. Use it only to keep the account usable.",
          )
        : facts.signerChange
          ? t("Its file is on this machine and has the hash on the chain.")
          : t(
              "Its file is on this machine: it has the hash on the chain and is signed by the enclave's key.",
            ),
      facts.signerChange ? signerChangeText(facts.signerChange, t) : "",
      t("Provider: {0}. Task: {1}.", run.provider, shortTask(run.taskId ?? "")),
      feeLine(facts, t),
      dearerText(facts.fee, run, t) ?? "",
      t(
        "Until {0}. After that the provider keeps {1} % of the fee, and the model is lost.",
        moment(facts.deadline * 1000),
        facts.terms.penaltyPercentage,
      ),
      t(
        "Transaction fee: at most {0}, paid by your wallet “{1}” on {2}.",
        formatCost(neuron(facts.maxGasFee), t),
        cleanText(facts.wallet.name, 60),
        network.name,
      ),
      network.isSandbox ? t("This is the sandbox: its money is worth nothing.") : "",
    ]
      .filter((line) => line !== "")
      .join("\n\n"),
    confirmLabel: isBlind ? t("Pay without the file") : t("Acknowledge"),
  };
  return withFeeWarning(confirmation, neuron(facts.maxGasFee), facts.fee ?? zeroNeuron, t);
}

function feeLine({ fee, balance }: AcknowledgeFacts, t: Translate): string {
  const now = formatExact(balance, t);
  if (fee === undefined)
    return t("The provider then takes its fee from your account there, which holds {0}.", now);
  const after = fee > balance ? neuron(0n) : neuron(balance - fee);
  return t(
    "The provider then takes its fee of {0} from your account there: {1} now, {2} afterwards.",
    formatExact(fee, t),
    now,
    formatExact(after, t),
  );
}

function publicUploadConfirmation(facts: PublicUploadFacts, t: Translate): Confirmation {
  const { path, size, root, fee, maxGasFee, wallet, walletBalance, network } = facts;
  const after = neuron(walletBalance - fee - maxGasFee);
  const confirmation = {
    title: t("Make this dataset public for ever?"),
    detail: [
      t("{0}, {1} bytes", cleanText(path, 300), size),
      t(
        "0G Storage keeps it unencrypted. Everybody can read it, and nobody can delete it. The provider's enclave takes the same file without making it public.",
      ),
      t("It will be found by its root {0}.", root),
      t(
        "Storage: {0}. Transaction fee: at most {1}. Paid by your wallet “{2}” on {3}: {4} now, at least {5} afterwards.",
        formatExact(fee, t),
        formatCost(maxGasFee, t),
        cleanText(wallet.name, 60),
        network.name,
        formatExact(walletBalance, t),
        formatExact(after < 0n ? neuron(0n) : after, t),
      ),
    ].join("\n\n"),
    confirmLabel: t("Make it public"),
  };
  return withFeeWarning(confirmation, maxGasFee, fee, t);
}

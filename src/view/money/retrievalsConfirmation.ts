// One question about several transactions that bring money back: each with its providers, all of them with amount, fee and what is left.
import { askedIn, type TransactionPlan } from "../../domain/account.js";
import { neuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { Confirmation, RetrievalsFacts } from "../../services/ports.js";
import { withFeeWarning } from "./feeWarning.js";
import { endOfKeepingText } from "./keepFundedView.js";
import { formatCost, formatExact } from "./money.js";
import { someProviders } from "./retrievalLines.js";
import { cleanText } from "../text.js";
import { formatPeriod } from "../time.js";
import { waitingText } from "./transactionTexts.js";
import type { Translate } from "../translate.js";

export function retrievalsConfirmation(facts: RetrievalsFacts, t: Translate): Confirmation {
  const { plans, network, wallet } = facts;
  const [asked, collected, fee] = [
    sum(plans, askedIn),
    sum(plans, (plan) => plan.collected),
    sum(plans, feeOf),
  ];
  const before = plans[0]?.walletBefore ?? zeroNeuron;
  const confirmation = {
    title:
      asked > 0n
        ? t("Ask for {0} back in {1} transactions?", formatExact(asked, t), plans.length)
        : t("Collect {0} in {1} transactions?", formatExact(collected, t), plans.length),
    detail: [
      ...plans.map((plan, index) => transactionLine(plan, index + 1, t)),
      t("To: your own ledger."),
      collected > 0n ? t("{0} come to your ledger at once.", formatExact(collected, t)) : "",
      asked > 0n ? lockLine(facts, t) : "",
      endOfKeepingText(facts.keptFunded, t),
      t(
        "Fees: at most {0} together, paid by your wallet “{1}” on {2}.",
        formatCost(fee, t),
        cleanText(wallet.name, 60),
        cleanText(network.name, 40),
      ),
      t(
        "Wallet: {0} now, at least {1} afterwards",
        formatExact(before, t),
        formatExact(neuron(before - fee), t),
      ),
      waitingText(facts.waiting, t),
      t(
        "They go out one after the other. Should this be interrupted, asking for all money back within a day goes on with the rest, without asking you again.",
      ),
      network.isSandbox ? t("This is the sandbox: its money is worth nothing.") : "",
    ]
      .filter((line) => line !== "")
      .join("\n\n"),
    confirmLabel: asked > 0n ? t("Ask back") : t("Collect"),
  };
  return withFeeWarning(confirmation, fee, neuron(asked + collected), t);
}

function transactionLine(plan: TransactionPlan, number: number, t: Translate): string {
  const { operation } = plan;
  const providers = operation.kind === "retrieveFund" ? someProviders(operation.providers, t) : "";
  const fee = formatCost(plan.maxFee, t);
  const asked = askedIn(plan);
  return asked > 0n
    ? t("{0}. {1} from {2}; fee at most {3}", number, formatExact(asked, t), providers, fee)
    : t("{0}. {1} from {2}; fee at most {3}", number, formatExact(plan.collected, t), providers, fee);
}

/** Each service has a lock of its own: the longer one is no false promise. */
function lockLine({ plans, lockTime }: RetrievalsFacts, t: Translate): string {
  if (!lockTime) return t("It reaches your ledger after a lock period; call it again then.");
  const locks = plans.map(
    ({ operation }) => lockTime["service" in operation ? operation.service : "inference"],
  );
  return t(
    "What is asked back can be collected after {0}; until then the provider may still take open fees from it.",
    formatPeriod(Math.max(...locks), t),
  );
}

function feeOf({ maxFee }: TransactionPlan): Neuron {
  return maxFee;
}

function sum(plans: readonly TransactionPlan[], amount: (plan: TransactionPlan) => Neuron): Neuron {
  return plans.reduce((all, plan) => neuron(all + amount(plan)), zeroNeuron);
}

// What starting a fine-tuning amounts to, in four groups: what is trained, who sees the data, what it costs, what comes next. Lines are short:
// a list cuts them off, and nobody reads a dialog that is a wall of text.
import type { KeptError } from "../../domain/chat.js";
import { neuron } from "../../domain/money.js";
import { billedBy } from "../../domain/trainingFee.js";
import type { RunPlan } from "../../services/fineTuning/types.js";
import type { Confirmation } from "../../services/ports.js";
import { shortAddress } from "../address.js";
import { feeText, tokenText } from "./trainingAmounts.js";
import { errorView } from "../errors/errors.js";
import { formatCost, formatExact } from "../money/money.js";
import type { Telling } from "./taskFacts.js";
import { cleanText, fileName } from "../text.js";
import { formatPeriod } from "../time.js";
import type { Translate } from "../translate.js";
import { trainingMeaning, type TuningParameters } from "./tuningParameters.js";

export interface SummaryLine {
  readonly label: string;
  readonly description: string;
}

export interface SummaryGroup {
  readonly title: string;
  readonly lines: readonly SummaryLine[];
}

export interface Summary {
  readonly groups: readonly SummaryGroup[];
  /** What speaks against it. */
  readonly problems: readonly {
    readonly label: string;
    readonly detail: string;
    readonly error: KeptError;
  }[];
}

export function planSummary(plan: RunPlan, parameters: TuningParameters, telling: Telling): Summary {
  const { t } = telling;
  return {
    groups: [
      { title: t("What is trained"), lines: trainingLines(plan, parameters, t) },
      { title: t("Who sees the data"), lines: dataLines(plan, t) },
      { title: t("What it costs"), lines: moneyLines(plan, t) },
      { title: t("What comes next"), lines: nextLines(plan, telling) },
    ],
    problems: plan.checks.flatMap(({ error }) => (error ? [problemOf(error, t)] : [])),
  };
}

/** The first sentence, and below it the others. */
function problemOf(error: KeptError, t: Translate): Summary["problems"][number] {
  const [label = "", ...rest] = errorView(error, t).text.split(/(?<=[.:]) /);
  return { label, detail: rest.join(" "), error };
}

/** The last question: everything in one place, modal. */
export function startConfirmation(
  plan: RunPlan,
  parameters: TuningParameters,
  telling: Telling,
): Confirmation {
  const { t } = telling;
  const { groups } = planSummary(plan, parameters, telling);
  const text = ({ title, lines }: SummaryGroup) =>
    [title.toLocaleUpperCase(), ...lines.map(({ label, description }) => `${label}: ${description}`)].join(
      "\n",
    );
  return {
    title: t("Start this fine-tuning?"),
    detail: groups.map(text).join("\n\n"),
    confirmLabel: t("Start"),
  };
}

function trainingLines(plan: RunPlan, parameters: TuningParameters, t: Translate): readonly SummaryLine[] {
  const { dataset, service, pending, request } = plan;
  const { text, warnings } = trainingMeaning(parameters, dataset?.rows, t);
  const tokens = dataset && billedBy(request.model, dataset);
  return lines(
    [t("Model"), cleanText(request.model.name, 60)],
    [t("Provider"), service && t("{0}, {1} in the queue", shortAddress(service.provider), pending ?? "?")],
    [
      t("Rows"),
      dataset
        ? t("{0} in {1}", dataset.rows, cleanText(fileName(dataset.path), 50))
        : t("not known: the file is not here, or cannot be read"),
    ],
    [t("Tokens"), tokens ? tokenText(tokens, t) : t("counted by the provider alone")],
    [t("Training"), text],
    ...warnings.map((warning) => [t("Note"), warning] as const),
  );
}

function dataLines({ request }: RunPlan, t: Translate): readonly SummaryLine[] {
  const sent =
    request.datasetHash !== undefined
      ? t("nowhere, it is there already")
      : request.destination === "tee"
        ? t("to the provider's enclave, over TLS")
        : t("to public storage, unencrypted, for ever");
  return lines(
    [t("It goes"), sent],
    [
      t("Read by"),
      request.destination === "tee"
        ? t("its program alone, says the provider")
        : t("everybody, the provider too"),
    ],
    [t("The model's key"), t("you and the provider have it")],
  );
}

function moneyLines(plan: RunPlan, t: Translate): readonly SummaryLine[] {
  const { fee, deposit, transfer, storageFee, balanceBefore, balanceAfter } = plan;
  const moved = (amount: typeof deposit) => (amount > 0n ? formatExact(amount, t) : undefined);
  return lines(
    [t("Fee"), fee ? feeText(fee, t) : t("not known here; the provider sets it")],
    [
      t("At most"),
      t("{0}, all that is in your account there", formatExact(neuron(balanceBefore + transfer), t)),
    ],
    [t("Wallet to ledger"), moved(deposit)],
    [t("Ledger to account there"), moved(transfer)],
    [t("Storage"), storageFee ? t("at most {0}", formatCost(storageFee, t)) : undefined],
    [
      t("Account there, after the fee"),
      balanceAfter === undefined ? undefined : t("at least {0}", formatExact(balanceAfter, t)),
    ],
  );
}

function nextLines(plan: RunPlan, { t, moment }: Telling): readonly SummaryLine[] {
  const { untilWhen, deposit, transfer, storageFee, acknowledgesSigner } = plan;
  const asks = deposit > 0n || transfer > 0n || acknowledgesSigner || storageFee !== undefined;
  return lines(
    [t("Each transaction"), asks ? t("asks you first") : undefined],
    [t("The provider's key"), acknowledgesSigner ? t("is acknowledged") : undefined],
    [t("After delivery"), t("{0} to acknowledge it", formatPeriod(untilWhen.seconds, t))],
    [t("If delivered now"), t("until {0}", moment(untilWhen.at * 1000))],
    [t("Missing that"), t("costs {0} % of the fee, and the model", untilWhen.penaltyPercentage)],
    [t("Editor closed"), t("nothing of ours runs")],
  );
}

/** Those with something to say. */
function lines(...known: readonly (readonly [string, string | undefined])[]): readonly SummaryLine[] {
  return known.flatMap(([label, description]) => (description ? [{ label, description }] : []));
}

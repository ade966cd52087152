// Sums of the activity: in all, for each day, and for each provider with what is settled and what is not.
import type { Movement, MovementKind } from "../../domain/activity.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import { leftWallet } from "../../domain/movements.js";
import { neuron, zeroNeuron, type Neuron } from "../../domain/money.js";
import type { TotalsView } from "../../protocol/activity.js";
import { shortAddress } from "../address.js";
import { formatCost, formatExact, formatOg } from "../money/money.js";
import type { Translate } from "../translate.js";

/** What movements of some kinds came to for the user's own ledger. */
export function sumOf(movements: readonly Movement[], ...kinds: readonly MovementKind[]): Neuron {
  const counted = movements.filter(({ kind }) => kinds.includes(kind));
  return neuron(counted.reduce((sum, movement) => sum + countedAmount(movement), 0n));
}

function countedAmount({ kind, amount, note }: Movement): bigint {
  if (kind === "deposit" && note?.kind === "forOther") return 0n;
  return note?.kind === "tookBack" ? amount - note.amount : amount;
}

const daysShown = 366;

/** Newest first. `dayOf` gives a day's name by this machine's clock. */
export function totalsPerDay(
  movements: readonly Movement[],
  dayOf: (at: number) => string,
  t: Translate,
): TotalsView {
  const days = grouped(movements.toReversed(), ({ at }) => dayOf(at));
  const rows = [...days].slice(0, daysShown).map(([name, ofDay]) => ({
    name,
    title: "",
    cells: [
      change(-leftWallet(ofDay), t),
      amount(sumOf(ofDay, "deposit"), t),
      amount(sumOf(ofDay, "withdrawal"), t),
      cost(sumOf(ofDay, "networkFee"), t),
      cost(sumOf(ofDay, "storageFee", "sentElsewhere"), t),
      amount(sumOf(ofDay, "transfer"), t),
      amount(sumOf(ofDay, "refundCollected"), t),
      cost(sumOf(ofDay, "settlement", "fineTuningFee"), t),
      cost(sumOf(ofDay, "answer"), t),
    ],
  }));
  return {
    title: t("Totals per day"),
    head: [
      t("Day"),
      t("Wallet"),
      t("Deposited"),
      t("Withdrawn"),
      t("Network fees"),
      t("Storage, elsewhere"),
      t("To providers"),
      t("Back from providers"),
      t("Paid"),
      t("Answers (estimated)"),
    ],
    rows,
    note: [
      days.size > daysShown ? t("The last {0} days with movements.", daysShown) : "",
      t("“Wallet” is by how much its balance changed, but for what others sent to it."),
    ]
      .filter((sentence) => sentence !== "")
      .join(" "),
  };
}

export function totalsPerProvider(
  movements: readonly Movement[],
  unsettled: ReadonlyMap<string, Neuron>,
  t: Translate,
): TotalsView {
  const providers = grouped(movements, ({ provider }) => (provider ? addressKey(provider) : undefined));
  const rows = [...providers].map(([key, ofProvider]) => {
    const provider = ofProvider[0]?.provider ?? (key as ProviderId);
    const open = unsettled.get(key);
    return {
      name: shortAddress(provider),
      title: provider,
      cells: [
        amount(sumOf(ofProvider, "transfer"), t),
        amount(sumOf(ofProvider, "refundCollected"), t),
        cost(sumOf(ofProvider, "settlement"), t),
        open === undefined ? t("not known") : cost(open, t),
        cost(sumOf(ofProvider, "answer"), t),
        cost(sumOf(ofProvider, "fineTuningFee"), t),
        cost(sumOf(ofProvider, "networkFee"), t),
      ],
    };
  });
  return {
    title: t("Totals per provider"),
    head: [
      t("Provider"),
      t("Transferred"),
      t("Collected back"),
      t("Settled fees"),
      t("Not settled yet"),
      t("Answers (estimated)"),
      t("Fine-tuning fees"),
      t("Network fees"),
    ],
    rows,
    note: t(
      "Providers settle in batches, so settled fees follow answers with a delay. What is not settled yet is each provider's own word; answers are what this machine asked for and counted.",
    ),
  };
}

function amount(sum: Neuron, t: Translate): string {
  return sum === zeroNeuron ? "–" : formatOg(sum, t);
}

function cost(sum: Neuron, t: Translate): string {
  return sum === zeroNeuron ? "–" : formatFee(sum, t);
}

/** With its sign; every digit that a fee has. */
function change(sum: bigint, t: Translate): string {
  if (sum === 0n) return "–";
  const size = formatExact(neuron(sum < 0n ? -sum : sum), t);
  return sum < 0n ? `−${size}` : `+${size}`;
}

/** Small fees are worth their digits. */
export function formatFee(sum: Neuron, t: Translate): string {
  return sum < 1_000_000_000_000_000n ? formatExact(sum, t) : formatCost(sum, t);
}

function grouped(
  movements: readonly Movement[],
  keyOf: (movement: Movement) => string | undefined,
): Map<string, Movement[]> {
  const groups = new Map<string, Movement[]>();
  for (const movement of movements) {
    const key = keyOf(movement);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(movement);
    else groups.set(key, [movement]);
  }
  return groups;
}

// The activity's panel: the page of rows that fits filter, order and page, and the sums of all that fit.
import { movementKinds } from "../../domain/activity.js";
import { addressKey } from "../../domain/ids.js";
import { exactOg, neuron, type Neuron } from "../../domain/money.js";
import { ledgerTotalOf } from "../../domain/movements.js";
import type { Network } from "../../domain/networks.js";
import type { ActivityFilterView, ActivityPanelState } from "../../protocol/activity.js";
import type { ActivityState } from "../../services/activity/activity.js";
import { activityStrings, activityTitle } from "./activityStrings.js";
import {
  activityTable,
  fittingMovements,
  type ActivityFacts,
  type ActivityQuery,
  type ActivityTelling,
} from "./activityTable.js";
import { sumOf, totalsPerDay, totalsPerProvider } from "./activityTotals.js";
import { kindLabel, noteText } from "./activityWords.js";
import { nameAndAddress } from "../money/accountWords.js";
import { shortAddress } from "../address.js";
import { csv } from "../csv.js";
import { errorView } from "../errors/errors.js";
import { formatCost, formatExact, formatOg } from "../money/money.js";
import { formatAgo } from "../time.js";
import type { Translate } from "../translate.js";

export function activityPanelState(facts: ActivityFacts, telling: ActivityTelling): ActivityPanelState {
  const { state, query, network, wallet } = facts;
  const { t } = telling;
  const fitting = fittingMovements(state.movements, query);
  const problem = state.error && errorView(state.error, t);
  return {
    title: activityTitle(t),
    subtitle: wallet ? t("Wallet {0}", shortAddress(wallet)) : "",
    network: network?.name ?? "",
    isSandbox: network?.isSandbox === true,
    status: statusText(state, telling),
    ...(state.isReading ? progressOf(state, network) : {}),
    ...(problem ? { problem: { text: problem.text, action: problem.actions[0]?.title } } : {}),
    notices: [...slowNotice(state, t), ...notices(state, network, t)],
    sums: sums(state, t),
    filters: [providerFilter(facts, t), kindFilter(query, t)],
    canExport: fitting.length > 0,
    table: activityTable(fitting, facts, telling),
    totals:
      fitting.length === 0
        ? []
        : [totalsPerProvider(fitting, state.unsettled, t), totalsPerDay(fitting, telling.day, t)],
    strings: activityStrings(t),
  };
}

/** The rows that are filtered for, oldest first, with exact amounts and times in UTC. */
export function activityCsv({ state, query, network }: ActivityFacts, t: Translate): string {
  const head = [
    "time",
    "kind",
    "amount_0g",
    "amount_neuron",
    "provider",
    "service",
    "note",
    "transaction",
    "block",
    "link",
  ];
  const rows = fittingMovements(state.movements, query).map((movement) => {
    const { at, kind, amount, provider = "", service = "", note, hash = "", block } = movement;
    const link = hash && network?.explorer ? `${network.explorer}/tx/${hash}` : "";
    const words = noteText(note, t);
    return [
      ...[new Date(at).toISOString(), kind, exactOg(amount), amount.toString(), provider, service],
      ...[words, hash, block === undefined ? "" : String(block), link],
    ];
  });
  return csv([head, ...rows]);
}

const manySteps = 200;

function statusText(
  { isReading, history, readAt, error }: ActivityState,
  { t, now }: ActivityTelling,
): string {
  if (isReading && history && history.scannedTo < history.head)
    return t("Reading block {0} of {1}…", Math.max(0, history.scannedTo), history.head);
  if (readAt !== undefined)
    return t("Read up to block {0}, {1}", history?.scannedTo ?? 0, formatAgo(readAt, now, t));
  if (isReading) return t("Reading the chain…");
  return error && history
    ? t("Stopped at block {0} of {1}; it goes on from there.", history.scannedTo, history.head)
    : "";
}

function progressOf({ history }: ActivityState, network: Network | undefined): { progress?: number } {
  if (!history || !network || history.scannedTo >= history.head) return {};
  const first = firstBlock(network);
  const share = (history.scannedTo - first + 1) / Math.max(1, history.head - first + 1);
  return { progress: Math.min(1, Math.max(0, share)) };
}

/** A first reading over a node that gives few blocks at a time takes long: how long, and what would help. */
function slowNotice({ history, isReading }: ActivityState, t: Translate): string[] {
  const steps = history ? Math.ceil((history.head - history.scannedTo) / Math.max(1, history.span)) : 0;
  if (!isReading || !history || steps < manySteps) return [];
  return [
    t(
      "The RPC server gives {0} blocks at a time, so that about {1} requests are left. What was read is kept, also when you close this. The URL of an archive node in zgCompute.rpcUrls may be faster.",
      history.span,
      steps,
    ),
  ];
}

function notices(state: ActivityState, network: Network | undefined, t: Translate): string[] {
  const { history, movements, ledgerTotal, readAt } = state;
  if (!history || !network || readAt === undefined) return [];
  const found: string[] = [];
  const missing = neuron((ledgerTotal ?? 0n) - ledgerTotalOf(movements));
  if (history.callsFrom > firstBlock(network) && (missing !== 0n || history.events.length > 0))
    found.push(
      t(
        "The RPC server keeps no states from before block {0}. Deposits, withdrawals, accepted signers and network fees of that time leave no event on the chain and cannot be found there. Set the URL of an archive node in zgCompute.rpcUrls to see them.",
        history.callsFrom,
      ),
    );
  if (missing > 0n)
    found.push(
      t(
        "The ledger holds {0} more than the movements below explain: deposits that could not be found, or that somebody else made for you.",
        formatExact(missing, t),
      ),
    );
  if (missing < 0n)
    found.push(
      t(
        "The ledger holds {0} less than the movements below explain: withdrawals that could not be found.",
        formatExact(neuron(0n - missing), t),
      ),
    );
  return found;
}

function firstBlock({ createdAtBlock }: Network): number {
  return Math.min(...Object.values(createdAtBlock));
}

function sums(
  { movements, ledgerTotal, unsettled }: ActivityState,
  t: Translate,
): ActivityPanelState["sums"] {
  const open = neuron([...unsettled.values()].reduce((sum, fee) => sum + fee, 0n));
  const sum = (label: string, value: Neuron, format = formatOg) => ({
    label,
    value: format(value, t),
    exact: formatExact(value, t),
  });
  return [
    sum(t("Deposited"), sumOf(movements, "deposit")),
    sum(t("Withdrawn"), sumOf(movements, "withdrawal")),
    sum(t("Paid to providers"), sumOf(movements, "settlement", "fineTuningFee"), formatCost),
    sum(t("Network fees"), sumOf(movements, "networkFee"), formatCost),
    ...(unsettled.size > 0 ? [sum(t("Not settled yet"), open, formatCost)] : []),
    ...(ledgerTotal === undefined ? [] : [sum(t("In the ledger"), ledgerTotal)]),
  ];
}

function providerFilter(
  { state: { movements }, query: { provider }, providers }: ActivityFacts,
  t: Translate,
): ActivityFilterView {
  const known = new Map(
    movements.flatMap((one) => (one.provider ? [[addressKey(one.provider), one.provider]] : [])),
  );
  const options = [...known].map(([value, address]) => ({
    value,
    label: nameAndAddress(address, providers, t),
  }));
  return {
    what: "provider",
    label: t("Provider"),
    value: known.has(provider) ? provider : "",
    options: [{ value: "", label: t("All providers") }, ...options],
  };
}

function kindFilter({ kind }: ActivityQuery, t: Translate): ActivityFilterView {
  const options = movementKinds.map((value) => ({ value, label: kindLabel(value, t) }));
  return {
    what: "kind",
    label: t("Kind"),
    value: kind,
    options: [{ value: "", label: t("All kinds") }, ...options],
  };
}

// The activity's table: what is filtered for, in the order that is asked for, one page of it.
import type { Movement, MovementKind } from "../../domain/activity.js";
import { addressKey, type Address } from "../../domain/ids.js";
import type { Network } from "../../domain/networks.js";
import type {
  ActivityColumnView,
  ActivityRowView,
  ActivitySort,
  ActivityTableView,
} from "../../protocol/activity.js";
import type { ActivityState } from "../../services/activity/activity.js";
import type { ProviderItem } from "../../services/providers/providers.js";
import { nameAndAddress } from "../money/accountWords.js";
import { formatFee } from "./activityTotals.js";
import { kindLabel, noteText, routeOf } from "./activityWords.js";
import { shortAddress } from "../address.js";
import { formatExact, formatOg } from "../money/money.js";
import type { Translate } from "../translate.js";

export interface ActivityQuery {
  /** An `addressKey`, or "" for all. */
  readonly provider: string;
  readonly kind: MovementKind | "";
  readonly sort: ActivitySort;
  readonly isDescending: boolean;
  /** From 0; the last one when it is beyond. */
  readonly page: number;
}

export const firstQuery: ActivityQuery = {
  provider: "",
  kind: "",
  sort: "time",
  isDescending: true,
  page: 0,
};

export interface ActivityTelling {
  readonly t: Translate;
  readonly now: number;
  /** Day and time, and the day alone, by this machine's clock. */
  readonly moment: (at: number) => string;
  readonly day: (at: number) => string;
}

export interface ActivityFacts {
  readonly state: ActivityState;
  readonly query: ActivityQuery;
  readonly network: Network | undefined;
  readonly wallet: Address | undefined;
  /** For the names that the accounts view has; absent while they are not known. */
  readonly providers?: readonly ProviderItem[];
}

export const rowsPerPage = 50;

/** Those the filters let through, oldest first. */
export function fittingMovements(
  movements: readonly Movement[],
  { provider, kind }: ActivityQuery,
): Movement[] {
  return movements.filter(
    (one) =>
      (kind === "" || one.kind === kind) &&
      (provider === "" || (one.provider !== undefined && addressKey(one.provider) === provider)),
  );
}

export function activityTable(
  fitting: readonly Movement[],
  facts: ActivityFacts,
  telling: ActivityTelling,
): ActivityTableView {
  const { state, query } = facts;
  const { t } = telling;
  const pages = Math.max(1, Math.ceil(fitting.length / rowsPerPage));
  const page = Math.min(query.page, pages - 1);
  const from = page * rowsPerPage;
  const shown = inOrder(fitting, query, t).slice(from, from + rowsPerPage);
  const range = t("{0}–{1} of {2}", from + 1, from + shown.length, fitting.length);
  return {
    caption: t("Movements of money, {0}", fitting.length === 0 ? t("none") : range),
    columns: columns(query, t),
    rows: shown.map((movement) => row(movement, facts, telling)),
    empty: emptyText(state, t),
    paging: { text: fitting.length === 0 ? "" : range, page, pages },
  };
}

function emptyText({ movements, isReading, error }: ActivityState, t: Translate): string {
  if (movements.length > 0) return t("Nothing fits these filters.");
  if (isReading) return t("Reading the chain…");
  return error ? "" : t("Nothing has happened with this wallet's money yet.");
}

function columns({ sort, isDescending }: ActivityQuery, t: Translate): ActivityColumnView[] {
  const sortable = (id: ActivitySort, label: string): ActivityColumnView => ({
    id,
    label,
    sort: id,
    ...(sort === id ? { order: isDescending ? "descending" : "ascending" } : {}),
  });
  return [
    sortable("time", t("Time")),
    sortable("kind", t("Kind")),
    sortable("amount", t("Amount")),
    sortable("provider", t("Provider")),
    { id: "note", label: t("Details") },
    { id: "transaction", label: t("Transaction") },
  ];
}

function inOrder(
  movements: readonly Movement[],
  { sort, isDescending }: ActivityQuery,
  t: Translate,
): Movement[] {
  const ordered = [...movements].sort(comparison(sort, t)); // of equals, the older stays first
  return isDescending ? ordered.reverse() : ordered;
}

function comparison(sort: ActivitySort, t: Translate): (a: Movement, b: Movement) => number {
  switch (sort) {
    case "time":
      return (a, b) => a.at - b.at;
    case "kind":
      return (a, b) => kindLabel(a.kind, t).localeCompare(kindLabel(b.kind, t));
    case "amount":
      return (a, b) => (a.amount < b.amount ? -1 : a.amount > b.amount ? 1 : 0);
    case "provider":
      return (a, b) => addressKey(a.provider ?? "").localeCompare(addressKey(b.provider ?? ""));
  }
}

const fees: ReadonlySet<MovementKind> = new Set([
  "answer",
  "settlement",
  "fineTuningFee",
  "networkFee",
  "storageFee",
]);

function row(
  movement: Movement,
  { network, providers }: ActivityFacts,
  { t, moment }: ActivityTelling,
): ActivityRowView {
  const { id, kind, at, amount, provider = "", note, hash = "" } = movement;
  const isAmountless = amount === 0n && (kind === "acknowledgement" || note?.kind === "refused");
  return {
    id,
    time: moment(at),
    timestamp: new Date(at).toISOString(),
    label: kindLabel(kind, t),
    route: routeOf(movement, t),
    amount: isAmountless ? "–" : fees.has(kind) ? formatFee(amount, t) : formatOg(amount, t),
    exact: isAmountless ? "" : formatExact(amount, t),
    provider: provider && nameAndAddress(provider, providers, t),
    providerAddress: provider,
    note: noteText(note, t),
    transaction: hash && shortAddress(hash),
    hash,
    hasLink: hash !== "" && network?.explorer !== undefined,
  };
}

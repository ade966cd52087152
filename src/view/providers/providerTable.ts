// The provider table: every service with what it costs for this prompt and what was measured of it, in the order that is asked for.
import type { Network } from "../../domain/networks.js";
import type { Privacy } from "../../domain/provider.js";
import type {
  ProviderColumnView,
  ProviderSort,
  ProviderTableState,
  ProviderTableStrings,
} from "../../protocol/providerTable.js";
import type { ProviderItem, ProvidersState } from "../../services/providers/providers.js";
import { errorView } from "../errors/errors.js";
import { matches, serviceTypeName } from "./providerRows.js";
import { modelName } from "./modelNames.js";
import { providerTableRow, type ComparedProvider, type ProviderTelling } from "./providerTableRow.js";
import { sandboxStopped } from "../sandboxStopped.js";
import { formatAgo } from "../time.js";
import type { Translate } from "../translate.js";

export interface ProviderQuery {
  readonly prompt: string;
  readonly answerTokens: number;
  /** A service type, or "" for all. */
  readonly service: string;
  /** Words that must all occur; "" for all. */
  readonly find: string;
  readonly sort: ProviderSort;
  readonly isDescending: boolean;
}

export const firstProviderQuery: ProviderQuery = {
  ...{ prompt: "", answerTokens: 400, service: "", find: "", sort: "provider", isDescending: false },
};

export const mostAnswerTokens = 1_000_000;

export interface ProviderTableFacts {
  readonly state: Pick<ProvidersState, "isLoading" | "isStale" | "readAt" | "error">;
  readonly providers: readonly ComparedProvider[];
  readonly query: ProviderQuery;
  readonly promptTokens: number;
  readonly network: Network | undefined;
  /** It is the sandbox, and nothing starts it unasked. */
  readonly isSandboxStopped: boolean;
}

export function providerTableState(facts: ProviderTableFacts, telling: ProviderTelling): ProviderTableState {
  const { state, providers, query, network } = facts;
  const { t } = telling;
  const fitting = providers.filter(
    ({ item }) =>
      (query.service === "" || item.service.serviceType === query.service) &&
      (query.find.trim() === "" || matches(item, query.find.trim(), t)),
  );
  const context = { ...telling, all: fitting, find: query.find };
  const rows = inOrder(fitting, query, t).map((one) => providerTableRow(one, context));
  const problem = problemOf(facts, t);
  return {
    title: providerTableTitle(t),
    network: network?.name ?? "",
    isSandbox: network?.isSandbox === true,
    status: statusText(state, telling),
    ...(problem ? { problem } : {}),
    question: { prompt: query.prompt, answerTokens: query.answerTokens, note: noteText(facts, t) },
    filter: { value: query.service, options: serviceOptions(providers, t) },
    caption:
      rows.length === 1
        ? t("1 service, {0}", orderText(query, t))
        : t("{0} services, {1}", rows.length, orderText(query, t)),
    columns: columns(query, t),
    rows,
    empty: emptyText(facts, problem !== undefined, t),
    canCompare: providers.some(({ item }) => item.service.serviceType === "chatbot"),
    strings: providerTableStrings(t),
  };
}

function providerTableTitle(t: Translate): string {
  return t("Providers compared");
}

function providerTableStrings(t: Translate): ProviderTableStrings {
  return {
    refresh: t("Refresh"),
    compare: t("Compare answers…"),
    prompt: t("Your prompt"),
    promptPlaceholder: t("Type or paste a prompt to see what it costs with each provider"),
    answerTokens: t("Expected answer, in tokens"),
    answerTokensProblem: t("Not taken: a whole number from {0} to {1}.", 1, mostAnswerTokens),
    service: t("Service"),
    find: t("Find"),
    findPlaceholder: t("Model, address or kind"),
    table: t("Providers"),
  };
}

function statusText(
  { isLoading, isStale, readAt }: ProviderTableFacts["state"],
  { t, now }: ProviderTelling,
): string {
  if (readAt === undefined) return isLoading ? t("Loading providers…") : "";
  const ago = formatAgo(readAt, now, t);
  return isStale ? t("Read {0}; could not be read again", ago) : t("Read {0}", ago);
}

function noteText({ query, promptTokens }: ProviderTableFacts, t: Translate): string {
  if (query.prompt.trim() === "")
    return t("Prices are worked out on this machine, as for every question: nothing leaves it.");
  return t(
    "Prices for about {0} tokens sent and {1} answered. They are worked out on this machine, as for every question: nothing leaves it.",
    promptTokens,
    query.answerTokens,
  );
}

function problemOf(
  { state: { error, isLoading }, providers, isSandboxStopped }: ProviderTableFacts,
  t: Translate,
): ProviderTableState["problem"] {
  if (isSandboxStopped && providers.length === 0 && !isLoading) return sandboxStopped(t);
  if (!error) return undefined;
  const { text, actions } = errorView(error, t);
  return { text, action: actions[0]?.title };
}

/** Nothing where a problem says why. */
function emptyText({ providers, state }: ProviderTableFacts, hasProblem: boolean, t: Translate): string {
  if (providers.length > 0) return t("Nothing fits this filter.");
  if (state.isLoading) return t("Loading providers…");
  return hasProblem ? "" : t("No providers are registered here");
}

function serviceOptions(providers: readonly ComparedProvider[], t: Translate) {
  const types = [...new Set(providers.map(({ item }) => item.service.serviceType))];
  const named = types.map((value) => ({ value, label: serviceTypeName(value, t) }));
  return [{ value: "", label: t("All") }, ...named.sort((a, b) => a.label.localeCompare(b.label))];
}

function columnLabel(column: ProviderSort, t: Translate): string {
  switch (column) {
    case "provider":
      return t("Provider");
    case "class":
      return t("Class");
    case "price":
      return t("Your prompt");
    case "firstToken":
      return t("First token");
    case "speed":
      return t("Tokens/s");
    case "uptime":
      return t("Uptime");
  }
}

function columns({ sort, isDescending }: ProviderQuery, t: Translate): ProviderColumnView[] {
  const sortable = (id: ProviderSort, title?: string): ProviderColumnView => ({
    id,
    label: columnLabel(id, t),
    ...(title === undefined ? {} : { title }),
    sort: id,
    ...(sort === id ? { order: isDescending ? "descending" : "ascending" } : {}),
  });
  return [
    sortable("provider"),
    sortable("class", t("Who can read along, as the provider states it. Verify provider checks it.")),
    sortable(
      "price",
      t(
        "What one answer of the expected length costs; the first time, and where the provider keeps the prompt, again.",
      ),
    ),
    { id: "prices", label: t("Prices per M tokens") },
    sortable("firstToken", t("From sending to the first word, in answers that this machine got.")),
    sortable("speed", t("From the first word to the last, in answers that this machine got.")),
    sortable(
      "uptime",
      t("How many of your requests had a whole answer. Those that your own network kept away count as well."),
    ),
    { id: "measure", label: t("Measure") },
  ];
}

function orderText({ sort, isDescending }: ProviderQuery, t: Translate): string {
  const label = columnLabel(sort, t);
  return isDescending ? t("sorted by {0}, descending", label) : t("sorted by {0}, ascending", label);
}

/** What is not known stands last, whichever way round. */
function inOrder(
  providers: readonly ComparedProvider[],
  { sort, isDescending }: ProviderQuery,
  t: Translate,
): ComparedProvider[] {
  const valueOf = sortValue(sort, t);
  const known = providers.filter((one) => valueOf(one) !== undefined);
  const ordered = [...known].sort((a, b) => compare(valueOf(a), valueOf(b)) || byName(a, b, t));
  if (isDescending) ordered.reverse();
  const unknown = providers.filter((one) => valueOf(one) === undefined);
  return [...ordered, ...unknown.sort((a, b) => chatFirst(a, b) || byName(a, b, t))];
}

/** What nobody measured yet stands before what nobody can. */
function chatFirst(...pair: readonly [ComparedProvider, ComparedProvider]): number {
  const [a, b] = pair.map(({ item }) => Number(item.service.serviceType !== "chatbot"));
  return (a ?? 0) - (b ?? 0);
}

type SortValue = string | number | bigint | undefined;

const privacyRank: Readonly<Record<Privacy, number>> = { private: 0, authentic: 1, passedOn: 2, none: 3 };

function sortValue(sort: ProviderSort, t: Translate): (one: ComparedProvider) => SortValue {
  switch (sort) {
    case "provider":
      return ({ item }) => nameKey(item, t);
    case "class":
      return ({ item }) => privacyRank[item.service.privacy];
    case "price":
      return ({ price }) => price?.cost;
    case "firstToken":
      return ({ measured }) => measured?.firstTokenMs?.median;
    case "speed":
      return ({ measured }) => measured?.tokensPerSecond?.median;
    case "uptime":
      return ({ measured }) => measured && (measured.requests - measured.failures) / measured.requests;
  }
}

function compare(a: SortValue, b: SortValue): number {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b);
  return a === undefined || b === undefined || a === b ? 0 : a < b ? -1 : 1;
}

function byName(a: ComparedProvider, b: ComparedProvider, t: Translate): number {
  return nameKey(a.item, t).localeCompare(nameKey(b.item, t));
}

function nameKey({ service }: ProviderItem, t: Translate): string {
  return `${modelName(service, t)} ${service.provider.toLowerCase()}`;
}

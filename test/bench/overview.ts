// All of a user's money: ours `ledger.overview`, the SDK's `getLedgerWithDetail`, which its command `get-account` shows.
import type { Sides, User } from "./sides.js";
import type { Relay } from "./relay.js";
import { cost, inTurn } from "./measure.js";
import { comparisonData, comparisonTable, costLines, type Comparison, type Topic } from "./table.js";

const rounds = 15;
const farRounds = 7;

export interface OverviewOptions {
  readonly sides: Sides;
  readonly relay: Relay;
  /** With the number of sub-accounts that each has. */
  readonly users: readonly { readonly user: User; readonly subAccounts: number }[];
  readonly delayMs: number;
}

export async function measureOverview({ sides, relay, users, delayMs }: OverviewOptions): Promise<Topic> {
  const lines: Comparison[] = [];
  for (const { user, subAccounts } of users)
    lines.push(...(await measureUser(sides, relay, user, subAccounts, delayMs)));
  const notes = [
    "Ours also reads the wallet's balance, the block's time, refunds on their way and, the first time, the contracts' limits.",
    `Brokers that have read it before, but for "first". ${rounds} rounds, ${farRounds} with the delay.`,
  ];
  const tables = [comparisonTable("Ledger overview", lines, notes)];
  return { name: "overview", tables, data: comparisonData(lines) };
}

async function measureUser(
  sides: Sides,
  relay: Relay,
  user: User,
  subAccounts: number,
  delayMs: number,
): Promise<Comparison[]> {
  const rpcUrl = relay.url;
  const near = { ours: sides.ours(user), official: await sides.official(sides.wallet(user)) };
  const far = {
    ours: sides.ours(user, { rpcUrl, isBatching: true }),
    official: await sides.official(sides.wallet(user, { rpcUrl })),
  };
  type Pair = typeof near;
  const ours = async ({ ours }: Pair) =>
    check((await ours.ledger.overview()).subAccounts.length, subAccounts);
  const official = async ({ official }: Pair) =>
    check((await official.ledger.ledger.getLedgerWithDetail()).infers.length, subAccounts);
  const measure = (pair: Pair, times: number) =>
    inTurn(times, { ours: () => cost(() => ours(pair)), official: () => cost(() => official(pair)) });

  const first = {
    ours: await relay.count(() => ours(far)),
    official: await relay.count(() => official(far)),
  };
  const later = {
    ours: await relay.count(() => ours(far)),
    official: await relay.count(() => official(far)),
  };
  const here = await measure(near, rounds);
  relay.delayMs = delayMs;
  const away = await measure(far, farRounds);
  relay.delayMs = 0;

  const noun = subAccounts === 1 ? "sub-account" : "sub-accounts";
  const what = (text: string) => `${subAccounts} ${noun}: ${text}`;
  return [
    ...costLines(what("time"), here.ours, here.official),
    ...costLines(what(`node ${delayMs} ms away`), away.ours, away.official).slice(0, 1),
    { what: what("JSON-RPC calls, first"), ours: first.ours.rpcCalls, official: first.official.rpcCalls },
    { what: what("JSON-RPC calls"), ours: later.ours.rpcCalls, official: later.official.rpcCalls },
    { what: what("HTTP requests"), ours: later.ours.rpcRequests, official: later.official.rpcRequests },
  ];
}

function check(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`found ${found} of ${wanted} sub-accounts`);
}

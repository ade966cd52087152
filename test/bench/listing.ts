// Listing all providers. The SDK gives fifty at a time and does not say how many there are: here it is told.
import type { Sides, User } from "./sides.js";
import type { Relay } from "./relay.js";
import { cost, inTurn } from "./measure.js";
import { comparisonData, comparisonTable, costLines, type Comparison, type Topic } from "./table.js";

const pageSize = 50;
const rounds = 15;
const farRounds = 7;

export interface ListingOptions {
  readonly sides: Sides;
  readonly relay: Relay;
  readonly user: User;
  readonly count: number;
  readonly setUpMs: number;
  readonly delayMs: number;
}

export async function measureListing(options: ListingOptions): Promise<Topic> {
  const { sides, relay, user, count, setUpMs, delayMs } = options;
  const near = { ours: sides.ours(user), official: await sides.official(sides.wallet(user)) };
  const rpcUrl = relay.url;
  const far = {
    ours: sides.ours(user, { rpcUrl, isBatching: true }),
    official: await sides.official(sides.wallet(user, { rpcUrl })),
  };
  const offsets = Array.from({ length: Math.ceil(count / pageSize) }, (_, page) => page * pageSize);
  type Official = typeof near.official;
  const atOnce = ({ inference }: Official) =>
    Promise.all(offsets.map((offset) => inference.listService(offset, pageSize))).then((pages) =>
      pages.flat(),
    );
  const oneByOne = async ({ inference }: Official) => {
    const found: unknown[] = [];
    for (const offset of offsets) found.push(...(await inference.listService(offset, pageSize)));
    return found;
  };
  const whole = async (listing: Promise<unknown[]>) => {
    const { length } = await listing;
    if (length !== count) throw new Error(`listed ${length} of ${count} providers`);
  };
  const measure = ({ ours, official }: typeof near, times: number) =>
    inTurn(times, {
      ours: () => cost(() => whole(ours.inference.listService())),
      atOnce: () => cost(() => whole(atOnce(official))),
      oneByOne: () => cost(() => whole(oneByOne(official))),
    });

  const here = await measure(near, rounds);
  const ours = await relay.count(() => whole(far.ours.inference.listService()));
  const oursAgain = await relay.count(() => whole(far.ours.inference.listService()));
  const theirs = await relay.count(() => whole(atOnce(far.official)));
  const theirsOneByOne = await relay.count(() => whole(oneByOne(far.official)));
  relay.delayMs = delayMs;
  const away = await measure(far, farRounds);
  relay.delayMs = 0;

  const lines: Comparison[] = [
    ...costLines("four pages at once", here.ours, here.atOnce),
    ...costLines("one page after the other", here.ours, here.oneByOne),
    ...costLines(`node ${delayMs} ms away, at once`, away.ours, away.atOnce).slice(0, 1),
    ...costLines(`node ${delayMs} ms away, one after the other`, away.ours, away.oneByOne).slice(0, 1),
    { what: "JSON-RPC calls, first list", ours: ours.rpcCalls, official: theirs.rpcCalls },
    { what: "JSON-RPC calls, later lists", ours: oursAgain.rpcCalls, official: theirs.rpcCalls },
    { what: "HTTP requests, at once", ours: oursAgain.rpcRequests, official: theirs.rpcRequests },
    {
      what: "HTTP requests, one after the other",
      ours: oursAgain.rpcRequests,
      official: theirsOneByOne.rpcRequests,
    },
  ];
  const title = `Listing ${count} providers`;
  const notes = [
    "Ours is one call, listService(); it reads the number of providers from the first page.",
    "The SDK returns 50 and never says how many there are: it is given the four offsets, which its user does not know.",
    `${rounds} rounds, ${farRounds} with the delay. Registering ${count} providers took ${(setUpMs / 1000).toFixed(1)} s.`,
  ];
  const data = { count, setUpMs, lines: comparisonData(lines) };
  return { name: "listing", tables: [comparisonTable(title, lines, notes)], data };
}

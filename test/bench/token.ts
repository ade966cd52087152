// Making a broker, and its first token for a provider: the account's generation is read, the token signed.
import type { ProviderId } from "../../src/domain/ids.js";
import { cost, inTurn } from "./measure.js";
import type { Relay } from "./relay.js";
import { Replay } from "./replay.js";
import type { Sides, User } from "./sides.js";
import { comparisonData, comparisonTable, costLines, type Comparison, type Topic } from "./table.js";

const rounds = 20;

export async function measureToken(sides: Sides, relay: Relay, user: User): Promise<Topic> {
  const provider = sides.sandbox.ready.providers[0]?.address as ProviderId;
  const wallet = sides.wallet(user);
  const making = await inTurn(rounds, {
    ours: () => cost(async () => sides.ours(user)),
    official: () => cost(() => sides.official(wallet)),
  });
  const headers = await inTurn(rounds, {
    ours: async () => {
      const { inference } = sides.ours(user);
      return cost(() => inference.getRequestHeaders(provider));
    },
    official: async () => {
      const { inference } = await sides.official(wallet);
      return cost(() => inference.getRequestHeaders(provider));
    },
    // What getRequestHeaders does after it has looked after the balance.
    officialAlone: async () => {
      const { inference } = await sides.official(wallet);
      return cost(() => inference.requestProcessor.getHeader(provider));
    },
  });
  const signing = await measureSigning(sides, user, provider);
  const rpcUrl = relay.url;
  const far = sides.wallet(user, { rpcUrl });
  const calls = {
    ours: await relay.count(async () => sides.ours(user, { rpcUrl }).inference.getRequestHeaders(provider)),
    official: await relay.count(async () =>
      (await sides.official(far)).inference.getRequestHeaders(provider),
    ),
  };
  const lines: Comparison[] = [
    ...costLines("making a broker", making.ours, making.official),
    ...costLines("getRequestHeaders, cold", headers.ours, headers.official),
    ...costLines("the same without the SDK's auto-funding", headers.ours, headers.officialAlone),
    ...costLines("token from memory", signing.ours, signing.official),
    {
      what: "JSON-RPC calls, broker and token",
      ours: calls.ours.rpcCalls,
      official: calls.official.rpcCalls,
    },
    {
      what: "requests to the provider",
      ours: calls.ours.providerRequests,
      official: calls.official.providerRequests,
    },
  ];
  const notes = [
    "Token from memory: no request goes out. Ours still asks for the account, and a memory in place of the node answers;",
    "the SDK finds the account in its own cache, where it stays for five minutes, also after a revocation.",
    `${rounds} rounds. ethers gathers the SDK's calls for 10 ms before it sends them.`,
  ];
  return {
    name: "token",
    tables: [comparisonTable("A cold token", lines, notes)],
    data: comparisonData(lines),
  };
}

/** Ours with the chain's answers from memory, the SDK with the account's record in its cache. */
async function measureSigning(sides: Sides, user: User, provider: ProviderId) {
  const memory = new Replay();
  const { requestProcessor } = (await sides.official(sides.wallet(user))).inference;
  return inTurn(rounds, {
    ours: () => {
      const { inference } = sides.ours(user, { fetch: memory.fetch });
      return cost(() => inference.getRequestHeaders(provider));
    },
    official: () => cost(() => requestProcessor.generateSessionToken(provider)),
  });
}

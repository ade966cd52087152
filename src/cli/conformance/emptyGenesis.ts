// A chain on which nothing has happened yet but that these accounts were given money.
import { parseEther, toQuantity } from "ethers";
import { packImage } from "../../sandbox/chain/image.js";

const money = toQuantity(parseEther("100000")) as `0x${string}`;
const none = `0x${"00".repeat(32)}` as const;

/** The bytes `startChain` takes as its genesis. `timestamp` of block 0 in unix seconds. */
export function emptyGenesis(accounts: readonly string[], timestamp: number): Uint8Array {
  const state = Object.fromEntries(
    accounts.map((address) => [address.toLowerCase(), { balance: money, nonce: "0x0" as const }]),
  );
  const first = {
    number: 0,
    hash: `0x${"00".repeat(31)}01` as const,
    parentHash: none,
    timestamp,
    stateRoot: none,
    transactionsRoot: none,
    receiptsRoot: none,
    gasUsed: "0x0" as const,
    txs: [],
  };
  return packImage({ version: 1, entry: 0, root: none, state, blocks: [first], pool: [], offset: 0 });
}

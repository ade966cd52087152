// The fixed facts of the embedded chain.
import type { Common } from "@ethereumjs/common";
import { Hardfork, Mainnet, createCustomCommon } from "@ethereumjs/common";

/** The official SDK maps this id to the built-in contract addresses (spec/contracts.md section 1). */
export const chainId = 31337;
export const blockGasLimit = 30_000_000n;

const gwei = 1_000_000_000n;
/** Constant: a sandbox has no congestion, and a price that stands still keeps fee previews exact. */
export const baseFeePerGas = gwei;
/** What eth_maxPriorityFeePerGas suggests; eth_gasPrice is the sum of both. */
export const suggestedTip = gwei;

/** Receives the tips; the ASCII letters of "sandbox", so that nobody holds its key. */
export const coinbase = "0x73616e64626f7800000000000000000000000000";

export const clientVersion = "0g-compute-sandbox/1";

/** Contracts of spec/sandbox.md section 1, where the nonce table puts them. */
export const contractAddresses = {
  ledger: "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0",
  inference: "0x0165878A594ca255338adfa4d48449f69242Eb8F",
  fineTuning: "0xA51c1fc2f0D1a1b8494Ed1FE312d7C3a78Ed91C0",
  reward: "0x959922bE3CAee4b8Cd9a407cc3ac1C251C2007B1",
  flow: "0x9A9f2CCfdE556A7E9Ff0848998Aa4a0CFD8863AE",
  market: "0x68B1D87F95878fE05B998F19b66F4baba5De1aed",
} as const;

/** The hard fork and chain id for blocks, transactions and the machine that runs them. */
export function createRules(): Common {
  return createCustomCommon({ chainId, name: "0G Compute sandbox" }, Mainnet, { hardfork: Hardfork.Prague });
}

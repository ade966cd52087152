// The networks and what is fixed about them (spec contracts.md 1). A network is a row here; the sandbox is one of them.
import type { Address } from "./ids.js";

export const networkIds = ["mainnet", "testnet", "testnet-dev", "sandbox", "custom"] as const;

export type NetworkId = (typeof networkIds)[number];

export interface ContractAddresses {
  readonly ledger: Address;
  readonly inference: Address;
  readonly fineTuning: Address;
}

export interface Network {
  readonly id: NetworkId;
  /** Shown to people; not translated: it is a name. */
  readonly name: string;
  readonly chainId: number;
  /** Tried in order for reads; writes go to the first that answers and stay there. Empty for the sandbox until it runs. */
  readonly rpcUrls: readonly string[];
  readonly contracts: ContractAddresses;
  /** Base of links to addresses and transactions; absent where nobody runs an explorer. */
  readonly explorer?: string;
  readonly faucet?: string;
  /** Service health and model catalogue; absent where there is none. */
  readonly statusUrl?: string;
  readonly storageIndexer?: string;
  /** Flow contracts that may be paid for storage there (spec storage.md 9); absent: the one all nodes name is shown and taken. */
  readonly storageFlow?: readonly Address[];
  /** Blocks the three contracts were created in: lower bounds for log scans. */
  readonly createdAtBlock: {
    readonly ledger: number;
    readonly inference: number;
    readonly fineTuning: number;
  };
  /** Host outside this machine that chats are passed on to, whatever the chain says of the providers. */
  readonly passesOnTo?: string;
  /** True where only test money exists and well-known development keys are acceptable. */
  readonly isSandbox: boolean;
}

const address = (text: string) => text as Address;

const galileo = {
  chainId: 16602,
  rpcUrls: ["https://evmrpc-testnet.0g.ai"],
  explorer: "https://chainscan-galileo.0g.ai",
  faucet: "https://faucet.0g.ai",
  statusUrl: "https://compute-status-testnet.0g.ai",
  storageIndexer: "https://indexer-storage-testnet-turbo.0g.ai",
  // The network's documents and its node's configuration name different ones.
  storageFlow: [
    address("0x22E03a6A89B950F1c82ec5e74F8eCa321a105296"),
    address("0xbD75117F80b4E22698D0Cd7612d92BDb8eaff628"),
  ],
  isSandbox: false,
} as const;

export const networks: Readonly<Record<Exclude<NetworkId, "custom">, Network>> = {
  mainnet: {
    id: "mainnet",
    name: "Mainnet",
    chainId: 16661,
    rpcUrls: ["https://evmrpc.0g.ai"],
    contracts: {
      ledger: address("0x2dE54c845Cd948B72D2e32e39586fe89607074E3"),
      inference: address("0x47340d900bdFec2BD393c626E12ea0656F938d84"),
      fineTuning: address("0x4e3474095518883744ddf135b7E0A23301c7F9c0"),
    },
    explorer: "https://chainscan.0g.ai",
    statusUrl: "https://compute-status.0g.ai",
    storageIndexer: "https://indexer-storage-turbo.0g.ai",
    storageFlow: [address("0x62D4144dB0F0a6fBBaeb6296c785C71B3D57C526")],
    createdAtBlock: { ledger: 13219885, inference: 13220064, fineTuning: 24343771 },
    isSandbox: false,
  },
  testnet: {
    ...galileo,
    id: "testnet",
    name: "Testnet",
    contracts: {
      ledger: address("0xE70830508dAc0A97e6c087c75f402f9Be669E406"),
      inference: address("0xa79F4c8311FF93C06b8CfB403690cc987c93F91E"),
      fineTuning: address("0xC6C075D8039763C8f1EbE580be5ADdf2fd6941bA"),
    },
    createdAtBlock: { ledger: 6947899, inference: 6948111, fineTuning: 20295540 },
  },
  "testnet-dev": {
    ...galileo,
    id: "testnet-dev",
    name: "Testnet (dev)",
    contracts: {
      ledger: address("0x815B93ab4Ba4BDF530dbF1552649a3c534F8BbF7"),
      inference: address("0x41bD7Ac5c19000A974D5c192bcd5FB67b56C85c5"),
      fineTuning: address("0x4e4158DF35CfdC0ac63264D3E112F5B8E9a5c569"),
    },
    createdAtBlock: { ledger: 18583830, inference: 18584036, fineTuning: 18584678 },
  },
  sandbox: {
    id: "sandbox",
    name: "Sandbox",
    chainId: 31337,
    rpcUrls: [],
    contracts: {
      ledger: address("0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0"),
      inference: address("0x0165878A594ca255338adfa4d48449f69242Eb8F"),
      fineTuning: address("0xA51c1fc2f0D1a1b8494Ed1FE312d7C3a78Ed91C0"),
    },
    storageFlow: [address("0x9A9f2CCfdE556A7E9Ff0848998Aa4a0CFD8863AE")],
    createdAtBlock: { ledger: 0, inference: 0, fineTuning: 0 },
    isSandbox: true,
  },
};

// One error for each code and each set of facts that has a sentence of its own.
import { ComputeError, type ErrorCode, type ErrorFacts } from "../../src/domain/error.js";
import { type SettingFacts, type SettingFault, settingFaults } from "../../src/domain/settingFault.js";
import { address, og } from "./builders.js";

const provider = address("a");

/** What can be wrong with a setting, as services/settings.ts says it. */
const badSettings: Readonly<
  Record<SettingFault, readonly (readonly [string, Omit<SettingFacts, "setting" | "why">?])[]>
> = {
  choice: [["endpoint.prefer", { choices: ["price", "private"] }]],
  object: [["customNetwork"], ["customNetwork", { member: "contracts" }]],
  list: [["endpoint.order"]],
  text: [["customNetwork", { member: "name" }]],
  flag: [["privateOnly"]],
  decimalText: [["limits.perDay"]],
  amount: [["limits.perDay"]],
  positiveAmount: [["keepFunded", { member: "topUp" }]],
  positive: [["fineTuning.unpack.maxGigabytes", { max: 1_000_000 }]],
  whole: [
    ["confirmations", { min: 1, max: 64 }],
    ["customNetwork", { member: "createdAtBlock.ledger", min: 0 }],
  ],
  port: [["endpoint.port", { min: 1024, max: 65_535 }]],
  portTaken: [["endpoint.port", { port: 8080, value: "EADDRINUSE" }]],
  url: [["pccsUrl"], ["sandbox.upstream", { member: "baseUrl" }]],
  urls: [["rpcUrls", { member: "testnet" }]],
  noUrl: [["customNetwork", { member: "rpcUrls" }]],
  urlScheme: [["rpcUrls", { member: "testnet" }]],
  plainUrl: [["pccsUrl"]],
  origin: [["endpoint.allowedOrigins"]],
  address: [
    ["endpoint.order", { value: "0G team" }],
    ["customNetwork", { member: "contracts.ledger" }],
  ],
  twice: [["endpoint.order", { value: provider }]],
  topUp: [["keepFunded"]],
  missing: [["sandbox.upstream", { member: "model" }]],
  notSandbox: [["network"]],
  noStorage: [["customNetwork"]],
};

/** Every code, with each set of facts that has a sentence of its own. The compiler says when one is missing. */
const all: { readonly [C in ErrorCode]: readonly ErrorFacts[C][] } = {
  cancelled: [{}],
  noWallet: [{}],
  walletLocked: [{ why: "refused" }, { why: "missing" }, { why: "readBack" }],
  badWallet: [
    { why: "key" },
    { why: "mnemonic" },
    { why: "keystore" },
    { why: "password" },
    { why: "cliConfig" },
    { why: "devKey" },
  ],
  badApiKey: [{ why: "form" }, { why: "pass" }, { why: "signature" }, { why: "wallet" }, { why: "missing" }],
  noApiKeyLeft: [{ provider }],
  badAmount: [
    { text: "1,5", why: "notANumber" },
    { text: "0.0000000000000000001", why: "tooFine" },
    { text: "99", why: "tooLarge", max: og("10") },
    { text: "99", why: "tooLarge" },
    { text: "1", why: "tooSmall", min: og("3") },
    { text: "1", why: "tooSmall" },
    { text: "0", why: "zero" },
  ],
  insufficientFunds: [
    { account: "wallet", have: og("0.2"), need: og("3.0001") },
    { account: "ledger", have: og("0.5"), need: og("2") },
    { account: "sub-account", provider, have: og("0.2"), need: og("1") },
    { account: "sub-account", provider, have: og("0.999999999"), need: og("0.9999999999") },
  ],
  limitReached: [
    { limit: "perTransaction", max: og("5"), wanted: og("6"), spent: og("0") },
    { limit: "perDay", max: og("10"), wanted: og("4"), spent: og("7.5"), way: "wallet" },
    { limit: "perDay", max: og("10"), wanted: og("4"), spent: og("7.5"), way: "provider" },
    { limit: "keepFunded", max: og("2"), wanted: og("1"), spent: og("1.5"), provider },
    { limit: "perProvider", max: og("5"), wanted: og("0.004"), spent: og("4.999"), provider },
    { limit: "perKey", max: og("1"), wanted: og("0.004"), spent: og("0.998") },
    { limit: "unaskedFee", max: og("0.01"), wanted: og("15.51"), spent: og("0"), provider },
  ],
  notAcknowledged: [
    { provider, by: "user" },
    { provider, by: "owner" },
  ],
  privateOnly: (
    [
      "relays",
      "noEnclave",
      "passedOn",
      "notVerified",
      "notProven",
      "unknownPrograms",
      "failed",
      "changed",
    ] as const
  ).map((why) => ({ provider, service: "inference" as const, why })),
  publicStorage: [{}],
  enclaveChanged: [{ provider, service: "inference" }],
  noLedger: [{}],
  unknownProvider: [
    { provider },
    { provider: "" },
    { provider: "", why: "noTuning" },
    { provider, why: "development" },
  ],
  unknownServiceType: [{ provider, serviceType: "text-to-image" }],
  toolsCut: [
    { model: "qwen", by: "limit" },
    { model: "qwen", by: "filter" },
  ],
  tooLong: [{ model: "qwen", tokens: 40_000, context: 32_768 }],
  pictureGone: [{ path: "docs/shot.png" }],
  unpriced: [{ model: "qwen" }],
  unsupported: [
    { model: "qwen", what: "pictures" },
    { model: "qwen", what: "tools" },
  ],
  providerUnavailable: [
    { provider, status: 502, detail: "Bad Gateway" },
    { provider, detail: "no connection (ECONNREFUSED)" },
    { provider, detail: "cut" },
  ],
  rateLimited: [{ provider, retryAfterSeconds: 12 }, { provider }],
  refusedByProvider: [
    { provider, status: 400, detail: "prompt is too long" },
    { provider, status: 200, detail: "the picture could not be made" },
  ],
  rejectedByChain: [
    { reason: "TooManyRefunds", args: [address("c"), provider] },
    { reason: "MustWithdrawAllFundsFirst", args: ["1000"] },
    { reason: "TooManyProvidersForService", args: ["50", "50"] },
    { reason: "LedgerExists", args: [address("c")] },
    { reason: "ProviderCannotBeUser", args: [provider] },
    { reason: "CallFailed", args: [], hash: `0x${"1".repeat(64)}` },
  ],
  verificationFailed: [
    { what: "answer", why: "signature", provider },
    { what: "dataset", why: "hash", provider },
    { what: "storage", why: "proof" },
    { what: "model", why: "hash", provider },
    { what: "model", why: "signature", provider },
    { what: "model", why: "structure", provider },
  ],
  badParameters: [{ detail: "learning_rate is written with an exponent" }],
  badDataset: [
    { path: "data/support.jsonl", problems: 1, line: 7, detail: "" },
    { path: "data/support.jsonl", problems: 3, line: 7, detail: "" },
    { path: "data/support.jsonl", problems: 2, detail: "" },
    { path: "data/support.jsonl", problems: 1, detail: "OG001" },
    { path: "data/support.jsonl", problems: 1, detail: "OG006" },
    { path: "data/support.jsonl", problems: 2, line: 7, detail: "OG010" },
  ],
  taskConflict: [
    { provider, why: "unfinished" },
    { provider, why: "queueFull" },
    { provider, why: "busy" },
    { provider, why: "tooLate" },
    { provider, why: "notDelivered" },
  ],
  keyMissing: [
    { provider, why: "notAcknowledged" },
    { provider, why: "notSettled" },
    { provider, why: "penalty" },
    { provider, why: "abandoned" },
    { provider, why: "useless" },
  ],
  deadQueue: [{ provider, deliverable: "7d9f9a7e-4c0e-4d8a-9d43-3a2c9d0f3a11" }],
  network: [
    { what: "rpc", url: "https://rpc.example/key/abcdef", detail: "timeout after 10 s" },
    { what: "provider", url: "https://p.example", detail: "no connection (ENOTFOUND)" },
    { what: "storage", url: "https://s.example", detail: "HTTP 500" },
    { what: "status", url: "https://st.example", detail: "not JSON" },
  ],
  wrongChain: [{ url: "https://rpc.example", expected: 16602, actual: 1 }],
  sandboxFailed: [
    { detail: "exit code 1" },
    { detail: "the chain's log is damaged", why: "start" },
    { detail: "process 4711 holds its state", why: "taken", pid: 4711 },
  ],
  badSetting: settingFaults.flatMap((why) =>
    badSettings[why].map(([name, facts]) => ({ setting: `zgCompute.${name}`, why, ...facts })),
  ),
  apiKeysDamaged: [{ path: "/home/me/keys.testnet.0xcccc.json" }],
  journalDamaged: [{ name: "zgCompute.journal.testnet.0xcccc.json" }],
  badFile: [
    { path: "train.jsonl", detail: "EACCES" },
    { path: "train.jsonl", detail: "not JSON", line: 7 },
  ],
  diskFull: [{ path: "aaaa.json" }],
  untrustedWorkspace: [{}],
  internal: [{ detail: "x is undefined" }],
};

export const everyError: readonly ComputeError[] = (Object.keys(all) as ErrorCode[]).flatMap((code) =>
  all[code].map((facts) => new ComputeError(code, facts)),
);

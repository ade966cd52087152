// Whether facts that come from a file are those of their code: sentences are made of them, and a sentence must not fail.
import type { ErrorCode, ErrorFacts } from "./error.js";
import { settingFaults } from "./settingFault.js";

type Kind = "text" | "money" | "number" | "texts" | readonly string[];
/** A question mark: may be absent. */
type Shape<F> = { readonly [N in keyof F]-?: Kind | readonly ["?", Kind] };

const maybe = (kind: Kind): readonly ["?", Kind] => ["?", kind];

const shapes: { readonly [C in ErrorCode]: Shape<ErrorFacts[C]> } = {
  cancelled: {},
  noWallet: {},
  walletLocked: { why: "text" },
  badWallet: { why: ["key", "mnemonic", "keystore", "password", "cliConfig", "devKey"] },
  badApiKey: { why: ["form", "pass", "signature", "wallet", "missing"] },
  noApiKeyLeft: { provider: "text" },
  badAmount: {
    text: "text",
    why: ["notANumber", "tooFine", "tooLarge", "tooSmall", "zero"],
    min: maybe("money"),
    max: maybe("money"),
  },
  insufficientFunds: {
    account: ["wallet", "ledger", "sub-account"],
    provider: maybe("text"),
    have: "money",
    need: "money",
  },
  limitReached: {
    limit: ["perTransaction", "perDay", "perProvider", "keepFunded", "unaskedFee", "perKey"],
    max: "money",
    wanted: "money",
    spent: "money",
    provider: maybe("text"),
    way: maybe(["wallet", "provider"]),
  },
  notAcknowledged: { provider: "text", by: ["user", "owner"] },
  privateOnly: {
    provider: "text",
    service: ["inference", "fine-tuning"],
    why: [
      "relays",
      "noEnclave",
      "passedOn",
      "notVerified",
      "notProven",
      "unknownPrograms",
      "failed",
      "changed",
    ],
  },
  publicStorage: {},
  enclaveChanged: { provider: "text", service: ["inference", "fine-tuning"] },
  noLedger: {},
  unknownProvider: { provider: "text", why: maybe(["development", "noTuning"]) },
  unknownServiceType: { provider: "text", serviceType: "text" },
  unsupported: { model: "text", what: ["pictures", "tools"] },
  toolsCut: { model: "text", by: ["limit", "filter"] },
  tooLong: { model: "text", tokens: "number", context: "number" },
  pictureGone: { path: "text" },
  unpriced: { model: "text" },
  providerUnavailable: { provider: "text", status: maybe("number"), detail: "text" },
  rateLimited: { provider: "text", retryAfterSeconds: maybe("number") },
  refusedByProvider: { provider: "text", status: "number", detail: "text" },
  rejectedByChain: { reason: "text", args: "texts", hash: maybe("text") },
  verificationFailed: {
    what: ["answer", "image", "dataset", "model", "storage"],
    why: ["hash", "signature", "structure", "proof"],
    provider: maybe("text"),
    detail: maybe("text"),
  },
  badParameters: { detail: "text" },
  badDataset: { path: "text", problems: "number", line: maybe("number"), detail: "text" },
  taskConflict: { provider: "text", why: ["unfinished", "queueFull", "busy", "tooLate", "notDelivered"] },
  keyMissing: { provider: "text", why: ["notAcknowledged", "notSettled", "penalty", "abandoned", "useless"] },
  deadQueue: { provider: "text", deliverable: "text" },
  network: {
    what: ["rpc", "provider", "storage", "status"],
    url: "text",
    detail: "text",
    hash: maybe("text"),
  },
  wrongChain: { url: "text", expected: "number", actual: "number" },
  sandboxFailed: { detail: "text", why: maybe(["start", "taken"]), pid: maybe("number") },
  badSetting: {
    setting: "text",
    why: settingFaults,
    member: maybe("text"),
    value: maybe("text"),
    choices: maybe("texts"),
    port: maybe("number"),
    min: maybe("number"),
    max: maybe("number"),
  },
  journalDamaged: { name: "text" },
  apiKeysDamaged: { path: "text" },
  badFile: { path: "text", detail: "text", line: maybe("number") },
  diskFull: { path: "text" },
  untrustedWorkspace: {},
  internal: { detail: "text" },
};

export function areFactsOf(code: string, facts: Readonly<Record<string, unknown>>): code is ErrorCode {
  if (!Object.hasOwn(shapes, code)) return false;
  const shape: Readonly<Record<string, Kind | readonly ["?", Kind]>> = shapes[code as ErrorCode];
  return Object.entries(shape).every(([name, wanted]) => {
    const value = facts[name];
    if (!isOptional(wanted)) return fits(value, wanted);
    return value === undefined || fits(value, wanted[1]);
  });
}

function isOptional(wanted: Kind | readonly ["?", Kind]): wanted is readonly ["?", Kind] {
  return Array.isArray(wanted) && wanted[0] === "?";
}

function fits(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "money":
      return typeof value === "bigint";
    case "number":
      return typeof value === "number";
    case "texts":
      return Array.isArray(value) && value.every((one) => typeof one === "string");
    default:
      return kind.some((one) => one === value);
  }
}

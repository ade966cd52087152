// Settings as they may be given away: amounts, numbers, switches, words of ours, hosts and shortened addresses. Nothing else a user wrote.
import { isAddressText } from "../../domain/ids.js";
import { networkIds } from "../../domain/networks.js";
import { shortAddress } from "../address.js";
import { urlOf } from "../../domain/url.js";

export interface SettingValue {
  /** As in the settings file. */
  readonly name: string;
  readonly value: unknown;
  /** The words it may have, where these are a few. */
  readonly words?: readonly string[];
}

const hidden = "(text, not shown)";
/** Names of fields that are ours. */
const fields: ReadonlySet<string> = new Set([
  ...networkIds,
  ...[
    "floor",
    "topUp",
    "dailyCap",
    "name",
    "chainId",
    "rpcUrl",
    "rpcUrls",
    "contracts",
    "ledger",
    "inference",
  ],
  ...[
    "fineTuning",
    "explorer",
    "faucet",
    "statusUrl",
    "storageIndexer",
    "createdAtBlock",
    "baseUrl",
    "model",
  ],
]);
const deepest = 4;
const longestList = 20;

export function supportSetting({ name, value, words = [] }: SettingValue): string {
  return `${name}: ${JSON.stringify(plain(value, words, deepest))}`;
}

function plain(value: unknown, words: readonly string[], depth: number): unknown {
  if (typeof value === "boolean" || typeof value === "number" || value === null) return value;
  if (typeof value === "string") return plainText(value, words);
  if (typeof value !== "object" || depth === 0) return hidden;
  if (Array.isArray(value)) return value.slice(0, longestList).map((one) => plain(one, words, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, longestList)
      .map(([key, one]) => [plainKey(key), plain(one, words, depth - 1)]),
  );
}

function plainText(text: string, words: readonly string[]): string {
  if (text === "" || words.includes(text) || /^\d{1,12}(?:\.\d{1,18})?$/.test(text)) return text;
  if (isAddressText(text)) return shortAddress(text);
  return hostOnly(text) ?? hidden;
}

function plainKey(key: string): string {
  if (fields.has(key)) return key;
  return isAddressText(key) ? shortAddress(key) : hidden;
}

/** Of a URL the machine alone: paths, queries and names before an @ hold keys. Undefined for what is no web address. */
export function hostOnly(text: string): string | undefined {
  const url = urlOf(text);
  return url && /^https?:$/.test(url.protocol) ? url.host : undefined;
}

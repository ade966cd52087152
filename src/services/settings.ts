// Raw setting values, turned into checked ones. A bad value is never replaced by a default in silence: `badSetting` names it.
import { ComputeError } from "../domain/error.js";
import type { Event } from "../domain/event.js";
import { isAddressText, sameAddress, type Address, type ProviderId } from "../domain/ids.js";
import { parseOg, type Neuron } from "../domain/money.js";
import { networkIds, type ContractAddresses, type Network, type NetworkId } from "../domain/networks.js";
import type { SettingFacts, SettingFault } from "../domain/settingFault.js";
import type {
  AutoAcknowledge,
  EndpointPreference,
  KeepFundedRule,
  LimitName,
  Settings,
  UnpackLimits,
} from "./ports.js";
import { urlOf } from "../domain/url.js";

export interface SettingsSource {
  /** The raw value under `zgCompute.`, e.g. "limits.perDay". */
  get(name: string): unknown;
  /** What it is set to by the user, the workspace and each of its folders, whichever counts. */
  everywhere(name: string): readonly unknown[];
  readonly onDidChange: Event<void>;
}

/** Settings over any source; every read checks. */
export function createSettings(source: SettingsSource): Settings {
  return {
    network: () => parseNetworkId(source.get("network")),
    rpcUrls: (network) => parseRpcUrls(source.get("rpcUrls"), network),
    customNetwork: () => source.get("customNetwork"),
    limit: (name) => amountSetting(source.get(`limits.${name}`), `limits.${name}`, usualLimits[name]),
    keepFunded: () => parseKeepFunded(source.get("keepFunded")),
    lowBalance: () => amountSetting(source.get("lowBalance"), "lowBalance", "0.1"),
    privateOnly: () => parsePrivateOnly(source.everywhere("privateOnly")),
    sandboxUpstream: () => parseUpstream(source.get("sandbox.upstream")),
    autoAcknowledge: () => parseAutoAcknowledge(source.get("fineTuning.autoAcknowledge")),
    confirmations: () => parseConfirmations(source.get("confirmations")),
    unpackLimits: () => parseUnpackLimits((name) => source.get(`fineTuning.unpack.${name}`)),
    keepsReceiptBodies: () => flag(source.get("receipts.keepBodies"), "receipts.keepBodies", true),
    showsVerdictInText: () => flag(source.get("models.verdictInText"), "models.verdictInText", false),
    pccsUrl: () => parsePccsUrl(source.get("pccsUrl")),
    endpointPort: () => parsePort(source.get("endpoint.port")),
    endpointOrigins: () => parseOrigins(source.get("endpoint.allowedOrigins")),
    endpointOrder: () => parseOrder(source.get("endpoint.order")),
    endpointPrefers: () => parsePreference(source.get("endpoint.prefer")),
    onDidChange: source.onDidChange,
  };
}

export function parseNetworkId(raw: unknown): NetworkId {
  if (raw === undefined || raw === "") return "sandbox";
  return oneOf(raw, networkIds, "network");
}

function oneOf<C extends string>(raw: unknown, choices: readonly C[], setting: string): C {
  const found = choices.find((choice) => choice === raw);
  if (found === undefined) throw bad(setting, "choice", { choices });
  return found;
}

/** `{ "testnet": ["https://…"] }`; URLs are https, or http on this machine. */
export function parseRpcUrls(raw: unknown, network: NetworkId): readonly string[] {
  const all = optionalRecord(raw, "rpcUrls");
  const list = all[network];
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw bad("rpcUrls", "urls", { member: network });
  return list.map((url: unknown) => httpUrl(url, "rpcUrls", network));
}

const usualLimits: Readonly<Record<LimitName, string>> = {
  perTransaction: "5",
  perDay: "10",
  perProvider: "5",
};

/** Off for whoever is not listed; a rule that can be misread is refused, for it moves money without a question. */
export function parseKeepFunded(raw: unknown): readonly KeepFundedRule[] {
  const rules = Object.entries(optionalRecord(raw, "keepFunded"));
  return rules.map(([provider, rule], index) => {
    if (!isAddressText(provider)) throw bad("keepFunded", "address", { value: provider });
    const isSame = ([other]: (typeof rules)[number]) => other.toLowerCase() === provider.toLowerCase();
    if (rules.findIndex(isSame) !== index) throw bad("keepFunded", "twice", { value: provider });
    const amount = (name: string): Neuron => {
      const value = amountSetting(optionalRecord(rule, "keepFunded")[name] ?? "", "keepFunded", "");
      if (value === undefined || value === 0n) throw bad("keepFunded", "positiveAmount", { member: name });
      return value;
    };
    const [floor, topUp, dailyCap] = [amount("floor"), amount("topUp"), amount("dailyCap")];
    if (topUp > dailyCap) throw bad("keepFunded", "topUp");
    return { provider: provider as Address, floor, topUp, dailyCap };
  });
}

/** An amount of 0G as text; empty: undefined. */
function amountSetting(raw: unknown, name: string, standard: string): Neuron | undefined {
  const value = raw ?? standard;
  if (typeof value !== "string") throw bad(name, "decimalText");
  if (value.trim() === "") return undefined;
  try {
    return parseOg(value);
  } catch (error) {
    throw bad(name, "amount", {}, error);
  }
}

/** A folder cannot take back what the user wants: one yes is enough. */
export function parsePrivateOnly(values: readonly unknown[]): boolean {
  const set = values.filter((value) => value !== undefined && value !== null);
  if (set.some((value) => typeof value !== "boolean")) throw bad("privateOnly", "flag");
  return set.includes(true);
}

export function parseAutoAcknowledge(raw: unknown): AutoAcknowledge {
  if (raw === undefined || raw === "") return "ask";
  return oneOf(raw, ["ask", "always", "never"], "fineTuning.autoAcknowledge");
}

function parsePreference(raw: unknown): EndpointPreference {
  if (raw === undefined || raw === "") return "price";
  return oneOf(raw, ["price", "private"], "endpoint.prefer");
}

/** A list that can be misread is refused whole: who is asked learns the question. */
export function parseOrder(raw: unknown): readonly ProviderId[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) throw bad("endpoint.order", "list");
  const listed = raw.map((provider: unknown) => {
    if (typeof provider === "string" && isAddressText(provider)) return provider as ProviderId;
    throw bad("endpoint.order", "address", { value: String(provider) });
  });
  const twice = listed.find((one, index) => listed.findIndex((other) => sameAddress(one, other)) < index);
  if (twice !== undefined) throw bad("endpoint.order", "twice", { value: twice });
  return listed;
}

/** Roomy for an adapter with checkpoints. */
export function parseUnpackLimits(get: (name: "maxFiles" | "maxGigabytes") => unknown): UnpackLimits {
  return {
    maxEntries: whole(get("maxFiles") ?? 10_000, "fineTuning.unpack.maxFiles", 1, mostToUnpack),
    maxBytes: Math.floor(gigabytes(get("maxGigabytes") ?? 64) * 2 ** 30),
  };
}

const mostToUnpack = 1_000_000;

function gigabytes(raw: unknown): number {
  if (typeof raw === "number" && raw > 0 && raw <= mostToUnpack) return raw;
  throw bad("fineTuning.unpack.maxGigabytes", "positive", { max: mostToUnpack });
}

function whole(raw: unknown, name: string, min: number, max: number): number {
  if (typeof raw === "number" && Number.isInteger(raw) && raw >= min && raw <= max) return raw;
  throw bad(name, "whole", { min, max });
}

function flag(raw: unknown, name: string, standard: boolean): boolean {
  if (raw === undefined || raw === null) return standard;
  if (typeof raw === "boolean") return raw;
  throw bad(name, "flag");
}

/** A server for collateral learns who asks about which processors: over https, or not at all. */
export function parsePccsUrl(raw: unknown): string | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw !== "string") throw bad("pccsUrl", "url");
  if (raw.trim() === "") return undefined;
  const url = urlOf(raw.trim());
  const isPlain = url?.protocol === "https:" && !url.username && !url.password && !url.search && !url.hash;
  if (!url || !isPlain) throw bad("pccsUrl", "plainUrl");
  return url.href.replace(/\/+$/, "");
}

export const mostConfirmations = 64;

export function parseConfirmations(raw: unknown): number {
  if (raw === undefined || raw === null) return 1;
  return whole(raw, "confirmations", 1, mostConfirmations);
}

/** Below these, ports are the system's. */
const [firstPort, lastPort] = [1024, 65_535];

export function parsePort(raw: unknown): number {
  if (raw === undefined || raw === null) return 0;
  if (raw === 0 || (Number.isInteger(raw) && Number(raw) >= firstPort && Number(raw) <= lastPort))
    return Number(raw);
  throw bad("endpoint.port", "port", { min: firstPort, max: lastPort });
}

/** As browsers name them: scheme, host and port. No wildcards: every page of the web would be meant. */
export function parseOrigins(raw: unknown): readonly string[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) throw bad("endpoint.allowedOrigins", "list");
  return raw.map((origin: unknown) => {
    if (typeof origin !== "string" || !/^[a-z][a-z0-9+.-]*:\/\/[^\s/*?#]+$/i.test(origin))
      throw bad("endpoint.allowedOrigins", "origin");
    return origin.toLowerCase();
  });
}

/** The user's own OpenAI-compatible server behind the sandbox's chat. */
export function parseUpstream(raw: unknown): { baseUrl: string; model: string } | undefined {
  if (raw === undefined || raw === null || raw === "") return undefined;
  const { baseUrl, model } = optionalRecord(raw, "sandbox.upstream");
  if (baseUrl === undefined && model === undefined) return undefined;
  if (typeof model !== "string" || model.trim() === "")
    throw bad("sandbox.upstream", "missing", { member: "model" });
  return { baseUrl: httpUrl(baseUrl, "sandbox.upstream", "baseUrl"), model: model.trim() };
}

/** A network of the user's own: chain id, RPC, three contract addresses; the rest may be absent. */
export function parseCustomNetwork(raw: unknown): Network {
  const setting = "customNetwork";
  const value = optionalRecord(raw, setting);
  const { chainId, name = "" } = value;
  if (!isWhole(chainId, 1)) throw bad(setting, "whole", { member: "chainId", min: 1 });
  if (typeof name !== "string") throw bad(setting, "text", { member: "name" });
  const blocks = optionalRecord(value.createdAtBlock, setting, "createdAtBlock");
  return {
    id: "custom",
    name: name.trim().slice(0, 40) || "Custom",
    chainId,
    rpcUrls: customRpcUrls(value),
    contracts: contractAddresses(value.contracts),
    ...optionalUrl(value, "explorer"),
    ...optionalUrl(value, "faucet"),
    ...optionalUrl(value, "statusUrl"),
    ...optionalUrl(value, "storageIndexer"),
    createdAtBlock: {
      ledger: block(blocks, "ledger"),
      inference: block(blocks, "inference"),
      fineTuning: block(blocks, "fineTuning"),
    },
    isSandbox: false,
  };
}

/** A single one may stand under `rpcUrl`. */
function customRpcUrls({ rpcUrls, rpcUrl }: Record<string, unknown>): readonly string[] {
  const member = rpcUrls === undefined && rpcUrl !== undefined ? "rpcUrl" : "rpcUrls";
  const urls = member === "rpcUrl" ? [rpcUrl] : (rpcUrls ?? []);
  if (!Array.isArray(urls)) throw bad("customNetwork", "urls", { member });
  if (urls.length === 0) throw bad("customNetwork", "noUrl", { member });
  return urls.map((url: unknown) => httpUrl(url, "customNetwork", member));
}

function contractAddresses(raw: unknown): ContractAddresses {
  const value = optionalRecord(raw, "customNetwork", "contracts");
  const address = (name: keyof ContractAddresses): Address => {
    const text = value[name];
    if (typeof text !== "string" || !isAddressText(text))
      throw bad("customNetwork", "address", { member: `contracts.${name}` });
    return text as Address;
  };
  return { ledger: address("ledger"), inference: address("inference"), fineTuning: address("fineTuning") };
}

/** Absent: the first. A misread one would hide what came before it. */
function block(blocks: Record<string, unknown>, name: keyof Network["createdAtBlock"]): number {
  const raw = blocks[name] ?? 0;
  if (!isWhole(raw, 0)) throw bad("customNetwork", "whole", { member: `createdAtBlock.${name}`, min: 0 });
  return raw;
}

function isWhole(raw: unknown, min: number): raw is number {
  return Number.isSafeInteger(raw) && Number(raw) >= min;
}

function optionalUrl<N extends string>(value: Record<string, unknown>, name: N): Partial<Record<N, string>> {
  const raw = value[name];
  if (raw === undefined || raw === "") return {};
  return { [name]: httpUrl(raw, "customNetwork", name) } as Partial<Record<N, string>>;
}

/** Without a trailing slash. Plain http goes nowhere but to this machine: a request carries the wallet's address and tokens. */
function httpUrl(raw: unknown, setting: string, member: string): string {
  if (typeof raw !== "string") throw bad(setting, "url", { member });
  let url: URL;
  try {
    url = new URL(raw.trim());
  } catch {
    throw bad(setting, "url", { member });
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isOnThisMachine(url.href)))
    throw bad(setting, "urlScheme", { member });
  return url.href.replace(/\/+$/, "");
}

export function isOnThisMachine(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}

function optionalRecord(raw: unknown, setting: string, member?: string): Record<string, unknown> {
  if (raw === undefined || raw === null) return {};
  if (typeof raw !== "object" || Array.isArray(raw))
    throw bad(setting, "object", member === undefined ? {} : { member });
  return raw as Record<string, unknown>;
}

function bad(
  setting: string,
  why: SettingFault,
  more: Omit<SettingFacts, "setting" | "why"> = {},
  cause?: unknown,
): ComputeError<"badSetting"> {
  return new ComputeError("badSetting", { setting: `zgCompute.${setting}`, why, ...more }, { cause });
}

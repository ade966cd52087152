// Raw setting values, turned into checked ones. A bad value is never replaced by a default in silence: `badSetting` names it.
import { ComputeError } from "../domain/error.js";
import type { Event } from "../domain/event.js";
import { isAddressText, sameAddress, type Address, type ProviderId } from "../domain/ids.js";
import { parseOg, type Neuron } from "../domain/money.js";
import { networkIds, type ContractAddresses, type Network, type NetworkId } from "../domain/networks.js";
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
  const id = networkIds.find((known) => known === raw);
  if (!id) throw bad("network", `not one of ${networkIds.join(", ")}`);
  return id;
}

/** `{ "testnet": ["https://…"] }`; URLs are https, or http on this machine. */
export function parseRpcUrls(raw: unknown, network: NetworkId): readonly string[] {
  const all = optionalRecord(raw, "rpcUrls");
  const list = all[network];
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw bad("rpcUrls", `"${network}" is not a list of URLs`);
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
    if (!isAddressText(provider)) throw bad("keepFunded", `"${provider.slice(0, 60)}" is not an address`);
    const isSame = ([other]: (typeof rules)[number]) => other.toLowerCase() === provider.toLowerCase();
    if (rules.findIndex(isSame) !== index) throw bad("keepFunded", `"${provider}" has two rules`);
    const amount = (name: string): Neuron => {
      const value = amountSetting(optionalRecord(rule, "keepFunded")[name] ?? "", "keepFunded", "");
      if (value === undefined || value === 0n)
        throw bad("keepFunded", `"${name}" is not an amount above 0, in quotes`);
      return value;
    };
    const [floor, topUp, dailyCap] = [amount("floor"), amount("topUp"), amount("dailyCap")];
    if (topUp > dailyCap) throw bad("keepFunded", '"topUp" is more than "dailyCap"');
    return { provider: provider as Address, floor, topUp, dailyCap };
  });
}

/** An amount of 0G as text; empty: undefined. */
function amountSetting(raw: unknown, name: string, standard: string): Neuron | undefined {
  const value = raw ?? standard;
  if (typeof value !== "string") throw bad(name, 'not a decimal in quotes, such as "5"');
  if (value.trim() === "") return undefined;
  try {
    return parseOg(value);
  } catch (error) {
    throw new ComputeError(
      "badSetting",
      { setting: `zgCompute.${name}`, detail: "not an amount of 0G such as 5 or 0.05" },
      { cause: error },
    );
  }
}

/** A folder cannot take back what the user wants: one yes is enough. */
export function parsePrivateOnly(values: readonly unknown[]): boolean {
  const set = values.filter((value) => value !== undefined && value !== null);
  if (set.some((value) => typeof value !== "boolean")) throw bad("privateOnly", "not true or false");
  return set.includes(true);
}

export function parseAutoAcknowledge(raw: unknown): AutoAcknowledge {
  if (raw === undefined || raw === "") return "ask";
  if (raw === "ask" || raw === "always" || raw === "never") return raw;
  throw bad("fineTuning.autoAcknowledge", "not one of ask, always, never");
}

function parsePreference(raw: unknown): EndpointPreference {
  if (raw === undefined || raw === "") return "price";
  if (raw === "price" || raw === "private") return raw;
  throw bad("endpoint.prefer", "not one of price, private");
}

/** A list that can be misread is refused whole: who is asked learns the question. */
export function parseOrder(raw: unknown): readonly ProviderId[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) throw bad("endpoint.order", "not a list");
  const listed = raw.map((provider: unknown) => {
    if (typeof provider === "string" && isAddressText(provider)) return provider as ProviderId;
    throw bad("endpoint.order", `"${String(provider).slice(0, 60)}" is not an address`);
  });
  const twice = listed.find((one, index) => listed.findIndex((other) => sameAddress(one, other)) < index);
  if (twice !== undefined) throw bad("endpoint.order", `"${twice}" is listed twice`);
  return listed;
}

/** Roomy for an adapter with checkpoints. */
export function parseUnpackLimits(get: (name: "maxFiles" | "maxGigabytes") => unknown): UnpackLimits {
  return {
    maxEntries: Math.floor(above0(get("maxFiles") ?? 10_000, "maxFiles")),
    maxBytes: Math.floor(above0(get("maxGigabytes") ?? 64, "maxGigabytes") * 2 ** 30),
  };
}

function above0(raw: unknown, name: string): number {
  if (typeof raw === "number" && raw > 0 && raw <= 1e6) return raw;
  throw bad(`fineTuning.unpack.${name}`, "not a number above 0");
}

function flag(raw: unknown, name: string, standard: boolean): boolean {
  if (raw === undefined || raw === null) return standard;
  if (typeof raw === "boolean") return raw;
  throw bad(name, "neither true nor false");
}

/** A server for collateral learns who asks about which processors: over https, or not at all. */
export function parsePccsUrl(raw: unknown): string | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw !== "string") throw bad("pccsUrl", "not a URL");
  if (raw.trim() === "") return undefined;
  const url = urlOf(raw.trim());
  const isPlain = url?.protocol === "https:" && !url.username && !url.password && !url.search && !url.hash;
  if (!url || !isPlain) throw bad("pccsUrl", "not a plain https:// URL");
  return url.href.replace(/\/+$/, "");
}

export const mostConfirmations = 64;

export function parseConfirmations(raw: unknown): number {
  if (raw === undefined || raw === null) return 1;
  if (typeof raw === "number" && Number.isInteger(raw) && raw >= 1 && raw <= mostConfirmations) return raw;
  throw bad("confirmations", `not a whole number from 1 to ${mostConfirmations}`);
}

export function parsePort(raw: unknown): number {
  if (raw === undefined || raw === null) return 0;
  if (typeof raw === "number" && Number.isInteger(raw) && (raw === 0 || (raw >= 1024 && raw <= 65_535)))
    return raw;
  throw bad("endpoint.port", "not 0 and not a whole number from 1024 to 65535");
}

/** As browsers name them: scheme, host and port. No wildcards: every page of the web would be meant. */
export function parseOrigins(raw: unknown): readonly string[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) throw bad("endpoint.allowedOrigins", "not a list");
  return raw.map((origin: unknown) => {
    if (typeof origin !== "string" || !/^[a-z][a-z0-9+.-]*:\/\/[^\s/*?#]+$/i.test(origin))
      throw bad("endpoint.allowedOrigins", 'not an origin such as "http://localhost:5173"');
    return origin.toLowerCase();
  });
}

/** The user's own OpenAI-compatible server behind the sandbox's chat. */
export function parseUpstream(raw: unknown): { baseUrl: string; model: string } | undefined {
  if (raw === undefined || raw === null || raw === "") return undefined;
  const { baseUrl, model } = optionalRecord(raw, "sandbox.upstream");
  if (baseUrl === undefined && model === undefined) return undefined;
  if (typeof model !== "string" || model.trim() === "") throw bad("sandbox.upstream", '"model" is missing');
  return { baseUrl: httpUrl(baseUrl, "sandbox.upstream", "baseUrl"), model: model.trim() };
}

/** A network of the user's own: chain id, RPC, three contract addresses; the rest may be absent. */
export function parseCustomNetwork(raw: unknown): Network {
  const setting = "customNetwork";
  const value = optionalRecord(raw, setting);
  const { chainId } = value;
  if (typeof chainId !== "number" || !Number.isSafeInteger(chainId) || chainId <= 0)
    throw bad(setting, '"chainId" is not a whole number above 0');
  const urls: unknown[] = Array.isArray(value.rpcUrls) ? value.rpcUrls : [value.rpcUrl];
  if (urls.length === 0) throw bad(setting, '"rpcUrls" is empty');
  const blocks = optionalRecord(value.createdAtBlock, setting);
  return {
    id: "custom",
    name:
      typeof value.name === "string" && value.name.trim() !== "" ? value.name.trim().slice(0, 40) : "Custom",
    chainId,
    rpcUrls: urls.map((url) => httpUrl(url, setting, "rpcUrl")),
    contracts: contractAddresses(value.contracts),
    ...optionalUrl(value, "explorer"),
    ...optionalUrl(value, "faucet"),
    ...optionalUrl(value, "statusUrl"),
    ...optionalUrl(value, "storageIndexer"),
    createdAtBlock: {
      ledger: block(blocks.ledger),
      inference: block(blocks.inference),
      fineTuning: block(blocks.fineTuning),
    },
    isSandbox: false,
  };
}

function contractAddresses(raw: unknown): ContractAddresses {
  const value = optionalRecord(raw, "customNetwork");
  const address = (name: keyof ContractAddresses): Address => {
    const text = value[name];
    if (typeof text !== "string" || !isAddressText(text))
      throw bad("customNetwork", `"contracts.${name}" is not an address`);
    return text as Address;
  };
  return { ledger: address("ledger"), inference: address("inference"), fineTuning: address("fineTuning") };
}

function block(raw: unknown): number {
  return typeof raw === "number" && Number.isSafeInteger(raw) && raw >= 0 ? raw : 0;
}

function optionalUrl<N extends string>(value: Record<string, unknown>, name: N): Partial<Record<N, string>> {
  const raw = value[name];
  if (raw === undefined || raw === "") return {};
  return { [name]: httpUrl(raw, "customNetwork", name) } as Partial<Record<N, string>>;
}

/** Without a trailing slash. Plain http goes nowhere but to this machine: a request carries the wallet's address and tokens. */
function httpUrl(raw: unknown, setting: string, what: string): string {
  if (typeof raw !== "string") throw bad(setting, `"${what}" is not a URL`);
  let url: URL;
  try {
    url = new URL(raw.trim());
  } catch {
    throw bad(setting, `"${what}" is not a URL`);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isOnThisMachine(url.href)))
    throw bad(setting, `"${what}" must start with https:// (http:// only on this machine)`);
  return url.href.replace(/\/+$/, "");
}

export function isOnThisMachine(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}

function optionalRecord(raw: unknown, setting: string): Record<string, unknown> {
  if (raw === undefined || raw === null) return {};
  if (typeof raw !== "object" || Array.isArray(raw)) throw bad(setting, "not an object");
  return raw as Record<string, unknown>;
}

function bad(setting: string, detail: string): ComputeError<"badSetting"> {
  return new ComputeError("badSetting", { setting: `zgCompute.${setting}`, detail });
}

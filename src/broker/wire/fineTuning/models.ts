// The models that can be tuned: those every client has built in (spec fine-tuning.md 3.1) and those a provider describes itself (3.2).
import type { BaseModel, FeeRule } from "../../../domain/fineTuning.js";
import type { Hash, ProviderId } from "../../../domain/ids.js";
import { neuron } from "../../../domain/money.js";
import { asObject, asText, type JsonObject } from "../json.js";

interface Predefined extends BaseModel {
  readonly kind: "predefined";
  readonly feeRule: FeeRule;
  readonly chainIds: readonly number[];
}

const mainnet = 16661;
const testnet = 16602;

const predefined: readonly Predefined[] = [
  {
    name: "Qwen2.5-0.5B-Instruct",
    hash: "0xb4f76a886b8655c92bb021922d60b5e4d9271a5c9da98b6cb10937a06c2c75a7" as Hash,
    kind: "predefined",
    tokenizer: "Qwen/Qwen2.5-0.5B-Instruct",
    dataType: "text",
    description: "Qwen 2.5, 0.5 billion parameters, tuned for instructions",
    feeRule: { coefficient: 1n, storageReserve: neuron(10_000_000_000_000_000n) },
    chainIds: [mainnet, testnet],
  },
  {
    name: "Qwen3-32B",
    hash: "0x2e6f9620c35bdcb2b753cc7aa34e78077a8ed133e36fa36008fd6bdfd29af3a5" as Hash,
    kind: "predefined",
    tokenizer: "Qwen/Qwen3-32B",
    dataType: "text",
    description: "Qwen 3, 32 billion parameters, with and without thinking",
    feeRule: { coefficient: 8n, storageReserve: neuron(90_000_000_000_000_000n) },
    chainIds: [mainnet],
  },
];

/** Models that providers describe themselves, and whose fee is fixed for all the same: by chain and hash. */
const knownCustomised: readonly {
  readonly chainId: number;
  readonly hash: string;
  readonly feeRule: FeeRule;
}[] = [
  {
    // sandbox-lm, spec sandbox.md 3
    chainId: 31337,
    hash: "0x52e2f3ba59f47241ffe12e6ad64b704e377ba5311de74dc5260a15c4b0b50391",
    feeRule: { coefficient: 1n, storageReserve: neuron(10_000_000_000_000_000n) },
  },
];

/** Those offered on a chain. */
export function predefinedModels(chainId: number): BaseModel[] {
  return predefined.filter((model) => model.chainIds.includes(chainId)).map(withoutChains);
}

/** By hash, wherever it is offered: tasks of any chain may name it. Providers compare the lower-case text. */
export function predefinedModel(hash: string): BaseModel | undefined {
  const found = predefined.find((model) => model.hash === hash);
  return found && withoutChains(found);
}

function withoutChains({ chainIds, ...model }: Predefined): BaseModel {
  void chainIds;
  return model;
}

const maxName = 200;
const maxDescription = 20_000;

/** Whose model it is, and on which chain: there its fee may be known by its hash. */
export interface ModelOrigin {
  readonly provider: ProviderId;
  readonly chainId: number;
}

/** Undefined when it has no usable name, hash or type. Longer texts are cut: they are shown and nothing else. */
export function parseCustomisedModel(
  value: unknown,
  { provider, chainId }: ModelOrigin,
): BaseModel | undefined {
  const model = asObject(value);
  const name = asText(model?.name) ?? "";
  const hash = (asText(model?.hash) ?? "").toLowerCase();
  const dataType = model?.dataType;
  if (!model || name === "" || name.length > maxName) return undefined;
  if (!/^0x[0-9a-f]{64}$/.test(hash) || (dataType !== "text" && dataType !== "image")) return undefined;
  const feeRule = knownCustomised.find((one) => one.chainId === chainId && one.hash === hash)?.feeRule;
  return {
    name,
    hash: hash as Hash,
    kind: "customised",
    provider,
    tokenizer: cut(model, "tokenizer", maxName),
    dataType,
    description: cut(model, "description", maxDescription),
    ...(feeRule ? { feeRule } : {}),
  };
}

/** The models of a list, in its order; undefined when it is no list. Entries that are no models are left out. */
export function parseCustomisedModels(value: unknown, origin: ModelOrigin): BaseModel[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, 1000).flatMap((entry) => parseCustomisedModel(entry, origin) ?? []);
}

/**
 * What names a model in a provider's path: its hash. A name that starts like hex, or holds a slash, is never found there (spec 3.2).
 */
export function modelPathSegment(model: Pick<BaseModel, "hash">): string {
  return model.hash;
}

function cut(model: JsonObject, name: string, length: number): string {
  return (asText(model[name]) ?? "").slice(0, length);
}

// A receipt from bytes that anybody may have written. Every field is looked at; what this version does not know is left where it is.
import { isAddressText } from "../../domain/ids.js";
import { networkIds } from "../../domain/networks.js";
import {
  modelStates,
  receiptKindOf,
  receiptSchema,
  type AnswerReceipt,
  type Receipt,
  type ReceiptBody,
} from "../../domain/receipt.js";
import { checkStatuses, verdictLevels } from "../../domain/verdict.js";
import { asObject, type JsonObject } from "../wire/json.js";
import { beyond, type JsonBounds } from "../../domain/jsonBounds.js";

export type ReadReceipt =
  | { readonly receipt: Receipt; readonly text: string }
  | {
      readonly receipt?: undefined;
      readonly why:
        "tooLarge" | "tooMany" | "tooDeep" | "notJson" | "otherSchema" | "laterSchema" | "badField";
      readonly detail: string;
    };

/** Both bodies of an answer at their largest, in base64, and room for the rest. */
export const maxReceiptBytes = 128 * 1024 * 1024;

const laterSchema = /^0g-receipt\/[1-9]\d{0,5}$/;

/** What is known needs some hundred; the rest is room for what later versions add. */
const bounds: JsonBounds = { values: 10_000, depth: 32 };

/** What was sent is written anew to find what was signed; of what came back a part is read. Both may hold long lists of a stranger. */
const requestBounds: JsonBounds = { values: 200_000, depth: 256 };
const responseBounds: JsonBounds = { values: 1_000_000, depth: 256 };

/** Of one text that is not bytes; no contract and no provider's signature has a longer one. */
const maxText = 1024 * 1024;

/** Never throws. */
export function readReceipt(bytes: Uint8Array): ReadReceipt {
  if (bytes.length > maxReceiptBytes) return { why: "tooLarge", detail: String(bytes.length) };
  const many = beyond(bytes, bounds);
  if (many) return { why: many, detail: String(many === "tooMany" ? bounds.values : bounds.depth) };
  let text: string;
  let value: JsonObject | undefined;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = asObject(JSON.parse(text));
  } catch {
    return { why: "notJson", detail: "" };
  }
  if (!value) return { why: "notJson", detail: "" };
  if (value.schema !== receiptSchema) {
    const schema = typeof value.schema === "string" ? value.schema : "";
    // What is known of version 1 never changes: another number is a later one.
    return { why: laterSchema.test(schema) ? "laterSchema" : "otherSchema", detail: schema.slice(0, 40) };
  }
  const bad = (value.kind === "model" ? modelReceipt : answerReceipt)(value) ?? otherKind(value);
  if (bad !== undefined) return { why: "badField", detail: bad };
  const receipt = value as unknown as Receipt;
  const body = receipt.kind === "model" ? undefined : bodyBeyond(receipt);
  return body ? { why: "tooMany", detail: body } : { receipt, text };
}

/** What readers of JSON pass over before it begins: white space, and the mark of the byte order. */
const blank: readonly number[] = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf];

/** A body is a text of a stranger too, and read where it is JSON. */
function bodyBeyond({ request, response }: AnswerReceipt): "request" | "response" | undefined {
  const isBeyond = ({ base64 = "" }: ReceiptBody, most: JsonBounds) => {
    const bytes = Buffer.from(base64, "base64");
    const start = bytes.find((byte) => !blank.includes(byte));
    return (start === 0x7b || start === 0x5b) && beyond(bytes, most) !== undefined;
  };
  if (isBeyond(request, requestBounds)) return "request";
  return isBeyond(response, responseBounds) ? "response" : undefined;
}

/** A picture is judged by other rules than words: what it is called must be what its service made. */
function otherKind({ kind, service }: JsonObject): string | undefined {
  const serviceType = asObject(service)?.serviceType;
  return typeof serviceType === "string" && kind !== receiptKindOf(serviceType) ? "kind" : undefined;
}

/** What is wrong with a value: the path to it from here, "" for itself; undefined when nothing is. */
type Test = (value: unknown) => string | undefined;

const when =
  (isRight: (value: unknown) => boolean): Test =>
  (value) =>
    isRight(value) ? undefined : "";
const text = when((value) => typeof value === "string" && value.length <= maxText);
const flag = when((value) => typeof value === "boolean");
const count = when((value) => Number.isSafeInteger(value) && (value as number) >= 0);
const matching = (pattern: RegExp) => when((value) => typeof value === "string" && pattern.test(value));
const oneOf = (...known: readonly unknown[]) => when((value) => known.includes(value));
const optional =
  (test: Test): Test =>
  (value) =>
    value === undefined ? undefined : test(value);
const object =
  (fields: Readonly<Record<string, Test>>): Test =>
  (value) => {
    const found = asObject(value);
    if (!found) return "";
    for (const [name, test] of Object.entries(fields)) {
      const bad = test(found[name]);
      if (bad !== undefined) return bad === "" ? name : `${name}.${bad}`;
    }
    return undefined;
  };
const list =
  (test: Test, most: number): Test =>
  (value) => {
    if (!Array.isArray(value) || value.length > most) return "";
    const at = value.findIndex((item) => test(item) !== undefined);
    return at < 0 ? undefined : String(at);
  };
const record =
  (test: Test): Test =>
  (value) => {
    const found = asObject(value);
    return found ? Object.keys(found).find((name) => test(found[name]) !== undefined) : "";
  };

const address = when((value) => typeof value === "string" && isAddressText(value));
const sha256 = matching(/^[0-9a-f]{64}$/);
const hash = matching(/^0x[0-9a-f]{64}$/);
const amount = matching(/^(?:0|[1-9]\d{0,77})$/);
const time = when((value) => {
  const at = typeof value === "string" ? Date.parse(value) : NaN;
  return !Number.isNaN(at) && new Date(at).toISOString() === value;
});
const base64 = when(
  (value) => typeof value === "string" && Buffer.from(value, "base64").toString("base64") === value,
);

/** Of a model of some three TiB; they are hashed, and looked at for what else they may be. */
const tags: Test = (value) => base64(value) ?? text(value);

const head = {
  id: matching(/^[0-9a-f]{24}$/),
  madeAt: time,
  network: object({ id: oneOf(...networkIds), name: text, chainId: count, contract: address }),
  quoteDigest: optional(sha256),
  tools: record(text),
  digest: sha256,
};

const checks = list(
  object({
    id: text,
    status: oneOf(...checkStatuses),
    left: optional(text),
    right: optional(text),
    why: optional(text),
  }),
  64,
);

const body = object({ sha256, length: count, base64: optional(base64) });

const answerReceipt = object({
  ...head,
  kind: oneOf("answer", "image", "transcript"),
  service: object({
    provider: address,
    serviceType: text,
    url: text,
    model: text,
    verifiability: text,
    inputPrice: amount,
    outputPrice: amount,
    updatedAt: count,
    additionalInfo: text,
    teeSigner: address,
    isSignerAcknowledgedByOwner: flag,
  }),
  providerClass: oneOf("combined", "separated", "centralized", "standard"),
  model: text,
  chatId: optional(text),
  isStreamed: flag,
  ended: oneOf("complete", "stopped", "cut"),
  sentAt: time,
  finishedAt: time,
  request: body,
  response: body,
  arePicturesInBytes: optional(flag),
  cost: optional(amount),
  signed: optional(object({ text, signature: text, signer: optional(address) })),
  verdict: object({
    level: oneOf(...verdictLevels),
    reason: optional(text),
    checks,
    checkedAt: time,
    chain: optional(
      object({ block: optional(count), signer: optional(address), isSignerAcknowledgedByOwner: flag }),
    ),
  }),
});

const modelReceipt = object({
  ...head,
  kind: oneOf("model"),
  provider: address,
  user: address,
  task: text,
  state: oneOf(...modelStates),
  baseModel: text,
  baseModelHash: text,
  datasetHash: optional(text),
  trainingParams: text,
  teeSigner: address,
  isCurrentSigner: flag,
  modelRootHash: hash,
  file: object({
    hash,
    hashKind: oneOf("merkle", "keccak"),
    size: count,
    chunks: count,
    tagsDigest: hash,
    tags: optional(tags),
    signature: text,
    signer: address,
  }),
  checks,
  acknowledgedBy: optional(hash),
  settledBy: optional(hash),
  service: optional(
    object({
      provider: address,
      url: text,
      quota: object({
        cpuCount: count,
        nodeMemory: count,
        gpuCount: count,
        nodeStorage: count,
        gpuType: text,
      }),
      pricePerToken: amount,
      isOccupied: flag,
      models: list(text, 5_000),
      teeSigner: address,
      isSignerAcknowledgedByOwner: flag,
    }),
  ),
  block: optional(count),
  agreedFee: optional(amount),
  fee: optional(amount),
});

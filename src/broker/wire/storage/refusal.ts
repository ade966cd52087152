// Why a storage node refused (spec storage.md 6, "Error objects"). The reason stands in the message or in the data, by where in the
// node it arose, so both are read: the official client looks at one and gives up where waiting would have helped.
import { asCount, asObject, asText } from "../json.js";

export interface RpcFailure {
  readonly code: number;
  readonly message: string;
  readonly data?: string;
}

/**
 * present: it has the data already. busy: later again. waiting: it has not seen the entry yet. reverted: the entry is gone, ask anew.
 * unknownFile: nobody has it. fatal: the same request will never do.
 */
export type Refusal = "present" | "busy" | "waiting" | "reverted" | "unknownFile" | "fatal";

const reasons: readonly (readonly [RegExp, Refusal])[] = [
  [/already uploaded and finalized/i, "present"],
  [/segment has already been uploaded or is being uploaded/i, "present"],
  [/too many data writing/i, "busy"],
  [/caching of large file when tx is unavailable is not supported/i, "waiting"],
  [/transaction reverted/i, "reverted"],
  [/file not found/i, "unknownFile"],
];

const maxText = 300;

/** The `error` member of a JSON-RPC answer; undefined when there is none. */
export function parseRpcFailure(value: unknown): RpcFailure | undefined {
  const error = asObject(value);
  if (!error) return undefined;
  const data = asText(error.data)?.slice(0, maxText);
  const code = typeof error.code === "number" ? error.code : (asCount(error.code) ?? 0);
  return { code, message: (asText(error.message) ?? "").slice(0, maxText), ...(data ? { data } : {}) };
}

export function refusalOf({ message, data }: RpcFailure): Refusal {
  const text = `${message}\n${data ?? ""}`;
  return reasons.find(([pattern]) => pattern.test(text))?.[1] ?? "fatal";
}

/** For people and logs. */
export function failureText({ code, message, data }: RpcFailure): string {
  return [message || `error ${code}`, data].filter(Boolean).join(": ");
}

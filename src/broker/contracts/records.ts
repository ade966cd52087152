// From ethers Results to the domain's types. Names and texts in them were chosen by strangers: an unreadable text is shown as
// U+FFFD and an impossible number is clamped, so that one bad entry never hides the others.
import type { Result } from "ethers";
import type { Ledger, Refund, SubAccount } from "../../domain/account.js";
import { ComputeError } from "../../domain/error.js";
import type { Address } from "../../domain/ids.js";
import { neuron, type Neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";

/** An inference service as the contract holds it; what follows from `additionalInfoText` is read elsewhere. */
export interface InferenceServiceRecord {
  readonly provider: Address;
  readonly serviceType: string;
  readonly url: string;
  readonly model: string;
  readonly verifiability: string;
  readonly inputPrice: Neuron;
  readonly outputPrice: Neuron;
  /** Unix seconds. */
  readonly updatedAt: number;
  readonly additionalInfoText: string;
  readonly teeSigner: Address;
  readonly isSignerAcknowledgedByOwner: boolean;
}

/** One page of a list, and how many entries there are in all. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** `getLedger` (spec 5.2). */
export function parseLedger(result: Result): Ledger {
  const ledger = structAt(result, 0);
  return { available: amount(ledger, "availableBalance"), total: amount(ledger, "totalBalance") };
}

/** `getService` of InferenceServing (spec 6.1). */
export function parseInferenceService(result: Result): InferenceServiceRecord {
  return inferenceService(structAt(result, 0));
}

/** `getAllServices(offset, limit)` of InferenceServing. */
export function parseInferenceServices(result: Result): Page<InferenceServiceRecord> {
  return page(result, inferenceService);
}

/** `getAccount` of either service: with its live refunds. */
export function parseSubAccount(service: ServiceName, result: Result): SubAccount {
  return subAccount(service, structAt(result, 0), true);
}

/** `getAccountsByUser` of either service; fine-tuning gives summaries without refunds. */
export function parseSubAccounts(service: ServiceName, result: Result): Page<SubAccount> {
  return page(result, (entry) => subAccount(service, entry, service === "inference"));
}

/** Views that return one integer. */
export function parseInteger(result: Result): bigint {
  const value: unknown = read(() => result[0] as unknown);
  if (typeof value !== "bigint") throw unreadable("an integer");
  return value;
}

/** Views that return one small integer: seconds, counts. */
export function parseNumber(result: Result): number {
  return clamped(parseInteger(result));
}

/** `getServiceInfo`: the service's full name, "" when it is not registered (spec 5). */
export function parseServiceFullName(result: Result): string {
  return text(structAt(result, 0), "fullName");
}

function inferenceService(entry: Result): InferenceServiceRecord {
  return {
    provider: address(entry, "provider"),
    serviceType: text(entry, "serviceType"),
    url: text(entry, "url"),
    model: text(entry, "model"),
    verifiability: text(entry, "verifiability"),
    inputPrice: amount(entry, "inputPrice"),
    outputPrice: amount(entry, "outputPrice"),
    updatedAt: clamped(integer(entry, "updatedAt")),
    additionalInfoText: text(entry, "additionalInfo"),
    teeSigner: address(entry, "teeSignerAddress"),
    isSignerAcknowledgedByOwner: flag(entry, "teeSignerAcknowledged"),
  };
}

function subAccount(service: ServiceName, entry: Result, hasRefunds: boolean): SubAccount {
  const common = {
    service,
    provider: address(entry, "provider"),
    balance: amount(entry, "balance"),
    pendingRefund: amount(entry, "pendingRefund"),
    isAcknowledged: flag(entry, "acknowledged"),
    ...(hasRefunds ? { refunds: liveRefunds(entry) } : {}),
  };
  if (service !== "inference") return common;
  return {
    ...common,
    generation: clamped(integer(entry, "generation")),
    revokedBitmap: integer(entry, "revokedBitmap"),
  };
}

/** Only the first `validRefundsLength` slots are live; the array never shrinks (spec trap 10). */
function liveRefunds(entry: Result): Refund[] {
  const length = clamped(integer(entry, "validRefundsLength"));
  return list(entry.getValue("refunds"))
    .slice(0, length)
    .map((refund) => ({
      amount: amount(refund, "amount"),
      createdAt: clamped(integer(refund, "createdAt")),
    }));
}

function page<T>(result: Result, parse: (entry: Result) => T): Page<T> {
  const total: unknown = read(() => result[1] as unknown);
  if (typeof total !== "bigint") throw unreadable("a page");
  return { items: list(result[0]).map(parse), total: clamped(total) };
}

function list(value: unknown): Result[] {
  if (!Array.isArray(value)) throw unreadable("a list");
  return Array.from({ length: value.length }, (_, index) => structAt(value as Result, index));
}

function structAt(result: Result, index: number): Result {
  const value: unknown = read(() => result[index] as unknown);
  if (!Array.isArray(value)) throw unreadable("a struct");
  return value as Result;
}

function text(entry: Result, name: string): string {
  try {
    const value: unknown = entry.getValue(name);
    return typeof value === "string" ? value : "\ufffd";
  } catch {
    return "\ufffd"; // not UTF-8: ethers throws when the field is looked at
  }
}

function integer(entry: Result, name: string): bigint {
  const value: unknown = read(() => entry.getValue(name) as unknown);
  if (typeof value !== "bigint") throw unreadable(name);
  return value;
}

function amount(entry: Result, name: string): Neuron {
  return neuron(integer(entry, name));
}

function address(entry: Result, name: string): Address {
  const value: unknown = read(() => entry.getValue(name) as unknown);
  if (typeof value !== "string") throw unreadable(name);
  return value as Address;
}

function flag(entry: Result, name: string): boolean {
  const value: unknown = read(() => entry.getValue(name) as unknown);
  if (typeof value !== "boolean") throw unreadable(name);
  return value;
}

function clamped(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

function read<T>(get: () => T): T {
  try {
    return get();
  } catch (error) {
    throw unreadable("a value", error);
  }
}

function unreadable(what: string, cause?: unknown): ComputeError<"network"> {
  return new ComputeError(
    "network",
    { what: "rpc", url: "", detail: `the contract's answer does not hold ${what}` },
    { cause },
  );
}

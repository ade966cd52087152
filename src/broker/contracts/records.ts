// From ethers Results to the domain's types: the ledger, sub-accounts, and services of inference.
import type { Result } from "ethers";
import type { DeliverableCounts, Ledger, Refund, SubAccount } from "../../domain/account.js";
import type { Address } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";
import {
  address,
  amount,
  clamped,
  flag,
  integer,
  integerAt,
  list,
  page,
  structAt,
  text,
  type Page,
} from "./fields.js";

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
  return integerAt(result, 0);
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
  if (service !== "inference") return { ...common, ...deliverableCounts(entry, hasRefunds) };
  return {
    ...common,
    generation: clamped(integer(entry, "generation")),
    revokedBitmap: integer(entry, "revokedBitmap"),
  };
}

/** A summary tells only how many there are: then none counts as settled. Slots beyond that number are dead. */
function deliverableCounts(entry: Result, isWhole: boolean): { deliverables?: DeliverableCounts } {
  const total = clamped(integer(entry, "deliverablesCount"));
  if (total === 0) return {};
  const all = isWhole ? list(entry.getValue("deliverables")).slice(0, total) : [];
  return { deliverables: { total, settled: all.filter((one) => flag(one, "settled")).length } };
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

// What the contracts say about a user's money (spec contracts.md 4, 5.2, 6.1, 7.1).
import type { AccountOverview, ContractLimits, Ledger, SubAccount } from "../../domain/account.js";
import { ComputeError, isComputeError } from "../../domain/error.js";
import type { Address, ProviderId } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import type { ServiceName } from "../../domain/provider.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import {
  parseInteger,
  parseLedger,
  parseNumber,
  parseServiceFullName,
  parseSubAccount,
  parseSubAccounts,
} from "../contracts/records.js";
import { contractOf } from "./operation.js";

/** Largest page the services give (spec 11). */
const pageSize = 50;
const services: readonly ServiceName[] = ["inference", "fine-tuning"];

export async function readLedger(
  { chain }: BrokerContext,
  user: Address,
  options: CallOptions = {},
): Promise<Ledger | undefined> {
  try {
    return parseLedger(await chain.read("ledger", "getLedger", [user], options));
  } catch (error) {
    if (isComputeError(error, "noLedger")) return undefined;
    throw error;
  }
}

/** With live refunds; undefined when there is no such sub-account. */
export async function readSubAccount(
  { chain }: BrokerContext,
  user: Address,
  service: ServiceName,
  provider: ProviderId,
  options: CallOptions = {},
): Promise<SubAccount | undefined> {
  try {
    const args = [user, provider];
    return parseSubAccount(service, await chain.read(contractOf(service), "getAccount", args, options));
  } catch (error) {
    if (isComputeError(error, "rejectedByChain") && error.facts.reason === "AccountNotExists")
      return undefined;
    throw error;
  }
}

export async function readLimits(
  { chain }: BrokerContext,
  options: CallOptions = {},
): Promise<ContractLimits> {
  const [minLedger, minTransfer, maxProvidersPerRetrieve, inference, fineTuning] = await Promise.all([
    chain.read("ledger", "MIN_ACCOUNT_BALANCE", [], options),
    chain.read("ledger", "MIN_TRANSFER_AMOUNT", [], options),
    chain.read("ledger", "MAX_PROVIDERS_PER_BATCH", [], options),
    chain.read("inference", "lockTime", [], options),
    chain.read("fineTuning", "lockTime", [], options),
  ]);
  return {
    minLedger: neuron(parseInteger(minLedger)),
    minTransfer: neuron(parseInteger(minTransfer)),
    maxProvidersPerRetrieve: parseNumber(maxProvidersPerRetrieve),
    lockTime: { inference: parseNumber(inference), "fine-tuning": parseNumber(fineTuning) },
  };
}

/** The name the ledger knows a service contract by, such as "inference-v1.0" (spec 5). Throws `rejectedByChain` when it knows none. */
export async function readServiceName(
  { chain, network }: BrokerContext,
  service: ServiceName,
  options: CallOptions = {},
): Promise<string> {
  const contract = network.contracts[contractOf(service)];
  const name = parseServiceFullName(await chain.read("ledger", "getServiceInfo", [contract], options));
  if (name === "")
    throw new ComputeError("rejectedByChain", { reason: "ServiceNotRegistered", args: [contract] });
  return name;
}

export async function readOverview(
  context: BrokerContext,
  user: Address,
  limits: Promise<ContractLimits>,
  options: CallOptions = {},
): Promise<AccountOverview> {
  const { chain, clock } = context;
  const [walletBalance, ledger, block, known, ...subAccounts] = await Promise.all([
    chain.balance(user, options),
    readLedger(context, user, options),
    chain.latestBlock(options),
    limits,
    ...services.map((service) => readSubAccounts(context, user, service, options)),
  ]);
  return {
    address: user,
    walletBalance,
    ledger,
    subAccounts: subAccounts.flat(),
    limits: known,
    blockTimestamp: block.timestamp,
    readAt: clock.now(),
  };
}

async function readSubAccounts(
  context: BrokerContext,
  user: Address,
  service: ServiceName,
  options: CallOptions,
): Promise<SubAccount[]> {
  const found: SubAccount[] = [];
  for (;;) {
    const args = [user, found.length, pageSize];
    const result = await context.chain.read(contractOf(service), "getAccountsByUser", args, options);
    const page = parseSubAccounts(service, result);
    found.push(...page.items);
    if (page.items.length === 0 || found.length >= page.total) break;
  }
  return Promise.all(found.map((account) => withRefunds(context, user, account, options)));
}

/** Fine-tuning lists only summaries: the few accounts with something pending or delivered are read whole. */
async function withRefunds(
  context: BrokerContext,
  user: Address,
  account: SubAccount,
  options: CallOptions,
): Promise<SubAccount> {
  if (account.refunds) return account;
  if (account.pendingRefund === 0n && !account.deliverables) return { ...account, refunds: [] };
  return (await readSubAccount(context, user, account.service, account.provider, options)) ?? account;
}

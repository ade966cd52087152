// The contracts' events about a user's money, as the domain's facts (spec contracts.md 8).
import { type Interface, type LogDescription, type Result, zeroPadValue } from "ethers";
import type { ChainFact } from "../../domain/activity.js";
import { type Address, sameAddress } from "../../domain/ids.js";
import type { ServiceName } from "../../domain/provider.js";
import type { ContractAddresses } from "../../domain/networks.js";
import type { PastLog } from "../chain/access.js";
import { networkError } from "../chain/errors.js";
import { address, amount, clamped, flag, integer, text } from "../contracts/fields.js";
import { contractInterface, type ContractName, contractNames } from "../contracts/interfaces.js";

type Reader = (args: Result, service: ServiceName, contracts: ContractAddresses) => ChainFact | undefined;

const inBoth: Readonly<Record<string, Reader>> = {
  BalanceUpdated: (args, service) => ({
    kind: "balance",
    service,
    provider: address(args, "provider"),
    balance: amount(args, "amount"),
    pending: amount(args, "pendingRefund"),
  }),
  RefundRequested: (args, service) => ({
    kind: "refundRequested",
    service,
    provider: address(args, "provider"),
  }),
  AccountDeleted: (args, service) => ({
    kind: "accountDeleted",
    service,
    provider: address(args, "provider"),
  }),
};

const readers: Readonly<Record<ContractName, Readonly<Record<string, Reader>>>> = {
  ledger: {
    FundSpent: (args, _, contracts) => {
      const service = serviceAt(address(args, "service"), contracts);
      return service && { kind: "fundSpent", service, amount: amount(args, "amount") };
    },
  },
  inference: {
    ...inBoth,
    TEESettlementResult: (args) => ({
      kind: "settlementResult",
      status: clamped(integer(args, "status")),
      unsettled: amount(args, "unsettledAmount"),
    }),
  },
  fineTuning: {
    ...inBoth,
    FeesSettled: (args) => ({
      kind: "feesSettled",
      provider: address(args, "provider"),
      task: text(args, "deliverableId"),
      fee: amount(args, "fee"),
      isAcknowledged: flag(args, "acknowledged"),
    }),
    DeliverableAcknowledged: (args) => ({
      kind: "modelAcknowledged",
      provider: address(args, "provider"),
      task: text(args, "deliverableId"),
    }),
  },
};

/** First topics of every event that is read. */
export function eventTopics(): string[] {
  const topics = contractNames.flatMap((name) =>
    Object.keys(readers[name]).map((event) => topicOf(contractInterface(name), event)),
  );
  return [...new Set(topics)];
}

/** The topic that names the user in each of them. */
export function userTopic(user: Address): string {
  return zeroPadValue(user.toLowerCase(), 32);
}

/** Undefined for what is none of the events that are read; throws `network` for one that does not decode. */
export function factOf(log: PastLog, contracts: ContractAddresses): ChainFact | undefined {
  const name = contractNames.find((one) => sameAddress(contracts[one], log.address));
  if (!name) return undefined;
  const event = decoded(contractInterface(name), log);
  if (!event) return undefined;
  const read = readers[name][event.name];
  return read?.(event.args, name === "fineTuning" ? "fine-tuning" : "inference", contracts);
}

function decoded(contract: Interface, { topics, data }: PastLog): LogDescription | null {
  try {
    return contract.parseLog({ topics: [...topics], data });
  } catch {
    throw networkError("", "malformed event");
  }
}

function topicOf(contract: Interface, event: string): string {
  const fragment = contract.getEvent(event);
  if (!fragment) throw new TypeError(`no event ${event}`);
  return fragment.topicHash;
}

function serviceAt(contract: Address, contracts: ContractAddresses): ServiceName | undefined {
  if (sameAddress(contract, contracts.inference)) return "inference";
  return sameAddress(contract, contracts.fineTuning) ? "fine-tuning" : undefined;
}

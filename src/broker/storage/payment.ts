// Paying for storage (spec storage.md 5): what is submitted, for exactly how much, and which entry came of it.
import { ComputeError } from "../../domain/error.js";
import { type Address, sameAddress, type TransactionHash } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { SendOptions } from "../call.js";
import type { ContractCall, OtherContract, TransactionState } from "../chain/access.js";
import type { BrokerContext } from "../context.js";
import { parseInteger } from "../contracts/records.js";
import { flowInterface, marketInterface, parseSubmitLog, submitArguments } from "../wire/storage/flow.js";
import type { Merkle } from "../wire/storage/merkle.js";
import { foldNodes, identityOf, submissionFee, type SubmissionNode } from "../wire/storage/submission.js";
import { type FileIdentity, pace } from "./entry.js";
import { until } from "./waiting.js";

const minedPatienceMs = 5 * 60_000;

/** What the contract is to be told about a file. */
export interface Order {
  readonly file: FileIdentity;
  readonly nodes: readonly SubmissionNode[];
  readonly flow: Address;
  readonly submitter: Address;
}

/** The call with the exact fee at today's price: more would be a gift to the next who submits. */
export async function submitCall(
  context: BrokerContext,
  order: Order,
  signal: AbortSignal,
): Promise<ContractCall & { readonly value: Neuron }> {
  const { file, nodes, submitter } = order;
  const contract = flowContract(order.flow);
  const market: OtherContract = {
    name: "market",
    address: (await context.chain.read(contract, "market", [], { signal }))[0] as Address,
    interface: marketInterface(),
  };
  const price = parseInteger(await context.chain.read(market, "pricePerSector", [], { signal }));
  const args = submitArguments({ size: file.size, nodes, submitter });
  return { contract, method: "submit", args, value: submissionFee(price, nodes) };
}

/** Sends it. The fee must not be higher than the one that was confirmed. */
export async function pay(
  context: BrokerContext,
  order: Order,
  confirmedFee: Neuron,
  options: SendOptions & { readonly signal: AbortSignal },
): Promise<TransactionHash> {
  const call = await submitCall(context, order, options.signal);
  if (call.value > confirmedFee) throw new ComputeError("rejectedByChain", { reason: "feeRose", args: [] });
  return (await context.chain.send(call, options)).hash;
}

/**
 * The entry a transaction made for this file, once it is mined; undefined when it made none. One of an earlier run that nobody knows made
 * none either; one that was mined just now may not be known to every node yet.
 */
export async function entryOf(
  context: BrokerContext,
  merkle: Merkle,
  order: Pick<Order, "file" | "flow" | "nodes">,
  { hash, isNew }: { readonly hash: TransactionHash; readonly isNew: boolean },
  signal: AbortSignal,
): Promise<number | undefined> {
  const late = () => new ComputeError("network", { what: "rpc", url: "", detail: "not mined yet", hash });
  const state = await until({ ...pace(context), signal, patienceMs: minedPatienceMs, late }, async () => {
    const found = await context.chain.lookUp(hash, { signal });
    return found.kind === "pending" || (isNew && found.kind === "unknown") ? undefined : found;
  });
  return state.kind === "mined" && state.isSuccess ? entryIn(state, merkle, order) : undefined;
}

/** One transaction may submit several files, and other contracts may write the like: by address, identity and size. */
function entryIn(
  { logs }: Extract<TransactionState, { kind: "mined" }>,
  merkle: Merkle,
  { file, flow, nodes }: Pick<Order, "file" | "flow" | "nodes">,
): number | undefined {
  const identity = identityOf(merkle, nodes);
  return logs
    .filter(({ address }) => sameAddress(address, flow))
    .map(parseSubmitLog)
    .find((event) => event?.identity === identity && event.size === file.size)?.txSeq;
}

/** Throws `internal` rather than pay for something else than the file. */
export function checkNodes(merkle: Merkle, nodes: readonly SubmissionNode[], { root }: FileIdentity): void {
  if (foldNodes(merkle, nodes) !== root)
    throw new ComputeError("internal", { detail: "the submission does not stand for the file" });
}

function flowContract(address: Address): OtherContract {
  return { name: "flow", address, interface: flowInterface() };
}

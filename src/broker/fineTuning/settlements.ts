// What the contract took for a task, by its own event: the provider names the fee it settles, and nothing holds it to the one it quoted.
import { zeroPadValue } from "ethers";
import type { Settlement } from "../../domain/fineTuning.js";
import type { ProviderId, TaskId } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { amount, flag, text } from "../contracts/fields.js";
import { contractInterface } from "../contracts/interfaces.js";
import { requireSigner } from "../wallet/signer.js";
import { newestFirst } from "./pastEvents.js";

/** Undefined while it is not settled. */
export async function getSettlement(
  context: BrokerContext,
  provider: ProviderId,
  id: TaskId,
  { signal }: CallOptions = {},
): Promise<Settlement | undefined> {
  const { chain, network } = context;
  const events = contractInterface("fineTuning");
  const topic = events.getEvent("FeesSettled")?.topicHash;
  if (topic === undefined) return undefined;
  const user = requireSigner(context).address;
  const topics = [topic, ...[user, provider].map((one) => zeroPadValue(one.toLowerCase(), 32))];
  const { number: to } = await chain.latestBlock({ signal });
  const range = { from: network.createdAtBlock.fineTuning, to };
  for await (const entry of newestFirst(chain, topics, range, signal)) {
    const args = events.parseLog({ topics: [...entry.topics], data: entry.data })?.args;
    if (args && text(args, "deliverableId") === id)
      return {
        ...{ fee: amount(args, "fee"), isAcknowledged: flag(args, "acknowledged") },
        ...(entry.transaction === undefined ? {} : { transaction: entry.transaction }),
      };
  }
  return undefined;
}

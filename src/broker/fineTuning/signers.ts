// Whose signature a model file may bear (spec fine-tuning.md 11.2, 17.8): the service's signer now, or the one that was accepted when the
// model was delivered, as services change theirs.
import { zeroPadValue } from "ethers";
import { type Address, type ProviderId, zeroAddress } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { contractInterface } from "../contracts/interfaces.js";
import { newestFirst } from "./pastEvents.js";

/**
 * The signer that the network's operator had accepted for a service at that time (unix seconds): by the last `ProviderTEESignerAcknowledged`
 * before it. Undefined when there was none. Rotations are few, so the search goes backwards from today.
 */
export async function signerAt(
  context: BrokerContext,
  provider: ProviderId,
  timestamp: number,
  { signal }: CallOptions = {},
): Promise<Address | undefined> {
  const { chain, network } = context;
  const events = contractInterface("fineTuning");
  const topic = events.getEvent("ProviderTEESignerAcknowledged")?.topicHash;
  if (topic === undefined) return undefined;
  const topics = [topic, zeroPadValue(provider.toLowerCase(), 32)];
  const first = network.createdAtBlock.fineTuning;
  const { number: last } = await chain.latestBlock({ signal });
  for await (const entry of newestFirst(chain, topics, { from: first, to: last }, signal)) {
    const block = await chain.block(entry.blockNumber, { signal });
    if (block.timestamp > timestamp) continue;
    const event = events.parseLog({ topics: [...entry.topics], data: entry.data });
    const signer = event?.args.getValue("teeSignerAddress") as unknown;
    const isAccepted = event?.args.getValue("acknowledged") as unknown;
    return isAccepted === true && typeof signer === "string" && signer !== zeroAddress
      ? (signer as Address)
      : undefined;
  }
  return undefined;
}

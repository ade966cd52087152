// Activity's public face: binds the reading to a network and a signer.
import type { BrokerContext } from "../context.js";
import { requireSigner } from "../wallet/signer.js";
import type { ActivityBroker } from "./api.js";
import { scanHistory } from "./scan.js";

export function createActivity(context: BrokerContext): ActivityBroker {
  return { scan: (kept, options) => scanHistory(context, requireSigner(context).address, kept, options) };
}

// Looks after pictures that were ordered, until they are there. Each goes to the entry the order was placed with: the pass that goes along
// can spend what is on the account with that provider.
import type { Broker } from "../../broker/api.js";
import type { ImageExchange } from "../../broker/media/api.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import { agreedEntry, inferenceEntry } from "../entries.js";
import type { Confirmation, Dialogs, EnclaveGate } from "../ports.js";
import { orAborted } from "../sandbox.js";
import type { KeptOrder } from "./imageJobs.js";
import { isSameServer } from "./keptEntry.js";

export interface LooksOptions {
  readonly gate: EnclaveGate;
  readonly dialogs: Dialogs;
  readonly clock: Clock;
  /** The sentences before a pass goes to another server than the one an order was placed at; view/pictureOrders.ts makes them. */
  readonly movedText: (order: KeptOrder, now: InferenceService) => Confirmation;
}

/** A provider that cannot be reached for so many looks is given up until the next start. */
const mostFailures = 5;
const failurePauseMs = 5_000;
/** Before the first look. */
const firstPauseMs = 1_000;

/** Undefined: the provider knows nothing of it any more. Throws `enclaveChanged` and `privateOnly` before anything goes out. */
export async function fetchOrder(
  { gate, clock }: Pick<LooksOptions, "gate" | "clock">,
  broker: Broker,
  order: KeptOrder,
  signal: AbortSignal,
): Promise<ImageExchange | undefined> {
  const { job, service } = order;
  const { provider, serviceType } = service;
  if (!job) return undefined;
  const reader = inferenceEntry(broker, provider, serviceType, signal);
  await clock.sleep(firstPauseMs, signal);
  for (let failures = 0; ;) {
    let pauseMs = failurePauseMs;
    try {
      const now = await gate.beforeSendingUnasked(reader);
      if (!isSameServer(service, now))
        throw new ComputeError("enclaveChanged", { provider, service: "inference" });
      const look = await broker.inference.lookAtImageJob(service, job, { signal });
      if (look.kind === "done") return look.exchange;
      if (look.kind === "gone") return undefined;
      if (look.kind === "failed")
        throw new ComputeError("refusedByProvider", { provider, status: 200, detail: look.detail });
      failures = 0;
      pauseMs = look.seconds * 1000;
    } catch (error) {
      const mayPass = ["providerUnavailable", "network", "rateLimited"].includes(toComputeError(error).code);
      if (!mayPass || ++failures >= mostFailures) throw error;
    }
    await clock.sleep(pauseMs, signal);
  }
}

/** The entry that may be asked, once the user has agreed to whatever is not as it was. Throws `cancelled`. The price stays that of the order. */
export async function agreedServer(
  { gate, dialogs, movedText }: Pick<LooksOptions, "gate" | "dialogs" | "movedText">,
  broker: Broker,
  order: KeptOrder,
  signal: AbortSignal,
): Promise<InferenceService> {
  const { service } = order;
  const reader = inferenceEntry(broker, service.provider, service.serviceType, signal);
  const ask = async (now: InferenceService) => {
    if (isSameServer(service, now)) return { about: undefined, wasAsked: false };
    if (!(await orAborted(dialogs.confirm(movedText(order, now)), signal))) throw cancelled();
    return { about: undefined, wasAsked: true };
  };
  const { entry } = await agreedEntry(gate, reader, ask, signal);
  const { inputPrice, outputPrice } = service;
  return isSameServer(service, entry) ? service : { ...entry, inputPrice, outputPrice };
}

// Looks after pictures that were ordered, until they are there. Each goes to the entry the order was placed with: the pass that goes along
// can spend what is on the account with that provider.
import type { Broker } from "../../broker/api.js";
import type { ImageExchange } from "../../broker/media/api.js";
import type { Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, isComputeError, toComputeError } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import { agreedEntry, inferenceEntry } from "../providers/entries.js";
import type { Confirmation, Dialogs, EnclaveGate } from "../ports.js";
import { orAborted } from "../sandbox.js";
import type { KeptOrder } from "./imageJobs.js";
import { isSameServer } from "./keptEntry.js";

export interface LooksOptions {
  readonly gate: EnclaveGate;
  readonly dialogs: Dialogs;
  readonly clock: Clock;
  /** The sentences before a pass goes to another server than the one an order was placed at; view/media/pictureOrders.ts makes them. */
  readonly movedText: (order: KeptOrder, now: InferenceService) => Confirmation;
}

/** A provider that cannot be reached for so many looks, or does not know the job, is given up until the next time. */
const mostFailures = 5;
const failurePauseMs = 5_000;
/** Before the first look. */
const firstPauseMs = 1_000;
/** Whoever is at it for longer is asked after when the user wants it, and at the next start. */
const longestMs = 30 * 60_000;

export interface FetchedOrder {
  readonly broker: Broker;
  readonly exchange: ImageExchange;
}

/** Throws what keeps it from being there: `enclaveChanged` and `privateOnly` before anything goes out. */
export async function fetchOrder(
  { gate, clock }: Pick<LooksOptions, "gate" | "clock">,
  brokerOfOrder: () => Promise<Broker>,
  { job, service }: KeptOrder,
  signal: AbortSignal,
): Promise<FetchedOrder> {
  const { provider, serviceType } = service;
  const refused = (status: number, detail: string) =>
    new ComputeError("refusedByProvider", { provider, status, detail });
  if (!job) throw refused(404, "it named no job");
  const begunAt = clock.now();
  await clock.sleep(firstPauseMs, signal);
  for (let failures = 0; ;) {
    let pauseMs = failurePauseMs;
    try {
      const broker = await brokerOfOrder();
      const now = await gate.beforeSendingUnasked(inferenceEntry(broker, provider, serviceType, signal));
      if (!isSameServer(service, now))
        throw new ComputeError("enclaveChanged", { provider, service: "inference" });
      const look = await broker.inference.lookAtImageJob(service, job, { signal });
      if (look.kind === "done") return { broker, exchange: look.exchange };
      if (look.kind === "gone") throw refused(404, "it has no such job");
      if (look.kind === "failed") throw refused(200, look.detail);
      if (clock.now() - begunAt >= longestMs) throw refused(202, "it is still at it");
      failures = 0;
      pauseMs = look.seconds * 1000;
    } catch (error) {
      if (!isWorthAnotherLook(error) || ++failures >= mostFailures) throw error;
    }
    await clock.sleep(pauseMs, signal);
  }
}

/** What does not end by itself: somebody has to look, to pay, or to forget it. */
const lasting = [
  ...["refusedByProvider", "notAcknowledged", "insufficientFunds", "unknownProvider", "unknownServiceType"],
  ...["enclaveChanged", "privateOnly"],
];

export function mayPass(error: ComputeError): boolean {
  return !lasting.includes(error.code);
}

/** One that is just starting may not know its jobs yet. */
function isWorthAnotherLook(error: unknown): boolean {
  if (isComputeError(error, "refusedByProvider")) return error.facts.status === 404;
  return ["providerUnavailable", "network", "rateLimited"].includes(toComputeError(error).code);
}

/** The entry that may be asked, once the user has agreed to whatever is not as it was. Throws `cancelled`. */
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
  return isSameServer(service, entry) ? service : entry;
}

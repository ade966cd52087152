// What can be tuned, and where: every model of every provider that answers, with the queue there.
import pLimit from "p-limit";
import { orLate, type Clock } from "../../domain/clock.js";
import { cancelled, ComputeError, toComputeError } from "../../domain/error.js";
import type { BaseModel, FineTuningService } from "../../domain/fineTuning.js";
import type { TuningBroker } from "./ports.js";

/** A model at a provider. */
export interface TuningOffer {
  readonly service: FineTuningService;
  readonly model: BaseModel;
  /** Other people's tasks; absent when the provider did not say, or not soon. */
  readonly queue?: number;
}

const providersAtOnce = 8;
/** The list waits no longer than this for what is only told beside an offer. */
const queueMs = 3_000;

/** Providers that do not tell their models are left out, unless none does. Throws `unknownProvider` where there is none at all. */
export async function tuningOffers(
  { fineTuning }: Pick<TuningBroker, "fineTuning">,
  clock: Clock,
  signal?: AbortSignal,
): Promise<readonly TuningOffer[]> {
  const services = await fineTuning.listService({ signal });
  if (services.length === 0) throw new ComputeError("unknownProvider", { provider: "", why: "noTuning" });
  const atOnce = pLimit(providersAtOnce);
  const offersOf = async (service: FineTuningService): Promise<TuningOffer[]> => {
    const { provider } = service;
    const waiting = fineTuning.countPending(provider, { signal }).catch(() => undefined);
    const [models, queue] = await Promise.all([
      fineTuning.listModelOf(provider, { signal }),
      orLate(waiting, queueMs, undefined, clock),
    ]);
    return models.map((model) => ({ service, model, ...(queue === undefined ? {} : { queue }) }));
  };
  const asked = await Promise.allSettled(services.map((service) => atOnce(() => offersOf(service))));
  if (signal?.aborted) throw cancelled();
  const offers = asked.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  const failed = asked.find((one) => one.status === "rejected");
  if (offers.length === 0 && failed) throw toComputeError(failed.reason);
  return offers;
}

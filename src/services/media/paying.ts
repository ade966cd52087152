// What stands before and behind a request for pictures or a transcript: the same gates as for a question of a chat, the bill, the proof.
import type { Broker, SendingEvent } from "../../broker/api.js";
import type { BilledExchange } from "../../broker/media/api.js";
import { ComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import type { Neuron } from "../../domain/money.js";
import type { InferenceService } from "../../domain/provider.js";
import {
  askConsent,
  checkAccount,
  settleFailure,
  type Answered,
  type AnsweringOptions,
} from "../answering.js";
import { firstVerdict, type FirstVerdict, type FirstVerdictOptions } from "../firstVerdict.js";
import type { Scope } from "../scope.js";

export interface MediaOptions extends AnsweringOptions, FirstVerdictOptions {}

export interface Wanted {
  readonly provider: ProviderId;
  readonly serviceType: string;
  readonly worstCase: (service: InferenceService) => Neuron;
}

/** Of the network and the wallet that were asked, whatever is current by then. */
export interface Paying {
  readonly broker: Broker;
  readonly scope: Scope;
  readonly service: InferenceService;
  readonly hear: (event: SendingEvent) => void;
}

/** `cost`: what it came to; absent: nobody knows, so that the upper bound counts. */
export interface Paid<T> {
  readonly value: T;
  readonly cost?: Neuron;
}

/** Checks everything, asks for consent, sets the money aside, does the work. What was surely not taken costs nothing. */
export async function payFor<T>(
  options: MediaOptions,
  wanted: Wanted,
  work: (paying: Paying) => Promise<Paid<T>>,
  signal: AbortSignal,
): Promise<T> {
  const { session, limits, gate, log } = options;
  const scope = session.scope();
  if (!scope) throw new ComputeError("noWallet", {});
  const broker = await session.broker(signal);
  const service = await broker.inference.getService(wanted.provider, { signal });
  checkTrade(service, wanted.serviceType);
  await gate.beforeSending({ ...service, service: "inference" }, signal);
  const worstCase = wanted.worstCase(service);
  limits.checkAnswer(scope, wanted.provider, worstCase);
  await checkAccount(options, service, signal);
  await askConsent(options, scope, service, service.model, worstCase, signal);
  const reservation = await limits.reserveAnswer(scope, wanted.provider, worstCase);
  let isOut = false;
  const hear = ({ kind }: SendingEvent) => {
    if (kind !== "waiting") isOut = kind === "sent";
  };
  try {
    const { value, cost } = await work({ broker, scope, service, hear });
    // Not waited for: until it is written the upper bound counts.
    reservation
      .done(cost !== undefined && cost <= worstCase ? cost : worstCase)
      .catch((error: unknown) => log.error("The journal could not be written", error));
    return value;
  } catch (error) {
    await settleFailure(reservation, isOut);
    throw error;
  }
}

function checkTrade(
  { provider, serviceType, isSignerAcknowledgedByOwner }: InferenceService,
  wanted: string,
): void {
  if (serviceType !== wanted) throw new ComputeError("unknownServiceType", { provider, serviceType });
  if (!isSignerAcknowledgedByOwner) throw new ComputeError("notAcknowledged", { provider, by: "owner" });
}

export interface Proof extends FirstVerdict {
  readonly cost: Neuron;
}

/** The receipt is written beside the check, and a signature that comes late is asked for again, after a reload too. */
export async function prove(options: MediaOptions, bought: Answered<BilledExchange>): Promise<Proof> {
  return { ...(await firstVerdict(options, bought)), cost: bought.cost };
}

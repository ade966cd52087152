// What stands before and behind everything that is asked of a provider for money: gate, limits, account and consent; then the bill.
import type { Broker } from "../../broker/api.js";
import type { ChatEvent } from "../../broker/inference/exchange.js";
import { providerReserve, spendable, type SubAccount } from "../../domain/account.js";
import { isFresh, type Clock } from "../../domain/clock.js";
import { cancelled, ComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import { type Neuron, zeroNeuron } from "../../domain/money.js";
import type { InferenceService } from "../../domain/provider.js";
import type { AccountsService } from "./accounts.js";
import { agreedEntry, asItIsNow, checkUnchanged, inferenceEntry } from "../providers/entries.js";
import type { LimitsService } from "./limits.js";
import type { ConfirmationTexts, Dialogs, EnclaveGate } from "../ports.js";
import type { Reservation } from "./reservation.js";
import { orAborted } from "../sandbox.js";
import { neededScope, type Scope } from "../wallets/scope.js";
import type { Session } from "../wallets/session.js";

export interface PayingOptions {
  readonly session: Session;
  readonly accounts: AccountsService;
  readonly limits: LimitsService;
  readonly dialogs: Dialogs;
  readonly texts: ConfirmationTexts;
  readonly gate: EnclaveGate;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Priced {
  readonly worstCase: Neuron;
}

export interface Wanted<P extends Priced> {
  readonly provider: ProviderId;
  readonly serviceType: string;
  /** As the consent names it; absent: the service's own. */
  readonly model?: string;
  /** What is sent, once the service is known; again, should it change before the user has agreed. */
  readonly plan: (service: InferenceService) => P | Promise<P>;
  /** At the prices of what was planned last; absent: at its own. */
  readonly priced?: (service: InferenceService) => InferenceService;
  /** Told what counts where it was asked, failed, and may be billed all the same. */
  readonly lost?: (most: Neuron) => void;
}

/** Of the network and the wallet that were asked, whatever is current by then. */
export interface Paying<P> {
  readonly broker: Broker;
  readonly scope: Scope;
  /** The entry that everything was checked and asked about: the one to send to. */
  readonly service: InferenceService;
  readonly plan: P;
  /** See `costThatCounts`. */
  readonly takeable: Neuron;
  /** See `BilledCallOptions`. */
  readonly admitAgain: () => Promise<void>;
  readonly hear: (event: Pick<ChatEvent, "kind">) => void;
}

/** `cost`: what it came to; absent: nobody knows, so that the upper bound counts unless it was surely not taken. */
export interface Paid<T> {
  readonly value: T;
  readonly cost?: Neuron;
}

/** A height that lasts: at the reserve itself, the first fee ends the service. */
export const comfortableBalance = (2n * providerReserve) as Neuron;
/** An overview younger than this spares a question its own look at the sub-account. */
const freshMs = 60_000;

/** Checks everything, asks for consent, sets the money aside, does the work. What was surely not taken costs nothing. */
export async function payFor<P extends Priced, T>(
  options: PayingOptions,
  { provider, serviceType, model, plan: make, priced = (service) => service, lost }: Wanted<P>,
  work: (paying: Paying<P>) => Promise<Paid<T>>,
  signal: AbortSignal,
): Promise<T> {
  const { session, limits, gate } = options;
  const scope = neededScope(session);
  const broker = await session.broker(signal);
  const limit = limits.limitPerProvider();
  const ask = async (service: InferenceService) => {
    const plan = await make(service);
    const { worstCase } = plan;
    limits.checkAnswer(scope, provider, worstCase);
    const { balance: takeable } = await checkAccount(options, service, signal);
    const facts = {
      service: priced(service),
      model: model ?? service.model,
      worstCase,
      ...(limit === undefined ? {} : { limit }),
    };
    return { about: { plan, takeable }, wasAsked: await askConsent(options, scope, facts, signal) };
  };
  const reader = inferenceEntry(broker, provider, serviceType, signal);
  const { entry: service, about, wasAsked } = await agreedEntry(gate, reader, ask, signal);
  const { plan, takeable } = about;
  if (wasAsked && limit !== undefined) await limits.giveConsent(scope, provider, limit);
  const reservation = await limits.reserveAnswer(scope, provider, plan.worstCase);
  const admitAgain = async () => {
    await checkUnchanged(gate, asItIsNow(reader), service);
    limits.checkAnswer(scope, provider, zeroNeuron); // its own worst case is among what is spent
  };
  const paying = (hear: Paying<P>["hear"]) =>
    work({ broker, scope, service, plan, takeable, admitAgain, hear });
  return spend(options, reservation, paying, () => lost?.(plan.worstCase));
}

/** Exactly one end for the money, whichever way the work ends: an answer nobody saw may still be billed. */
export async function spend<T>(
  { log }: Pick<PayingOptions, "log">,
  reservation: Reservation,
  work: (hear: Paying<unknown>["hear"]) => Promise<Paid<T>>,
  lost?: () => void,
): Promise<T> {
  let isOut = false;
  const hear = ({ kind }: Pick<ChatEvent, "kind">) => {
    if (kind === "sent") isOut = true;
    else if (kind === "refused") isOut = false;
  };
  const settle = (cost?: Neuron) => {
    if (cost !== undefined) return reservation.done(cost);
    return isOut ? reservation.done() : reservation.drop();
  };
  try {
    const { value, cost } = await work(hear);
    // Not waited for: a window that closes takes no writes any more, and until they arrive the upper bound counts.
    settle(cost).catch((error: unknown) => log.error("The journal could not be written", error));
    return value;
  } catch (error) {
    if (isOut) lost?.();
    await settle();
    throw error;
  }
}

/** The account; throws what is missing before the provider refuses. Nothing is funded or acknowledged here. */
export async function checkAccount(
  { session, accounts, clock }: Pick<PayingOptions, "session" | "accounts" | "clock">,
  { provider }: InferenceService,
  signal: AbortSignal,
): Promise<SubAccount> {
  const { readAt, isStale } = accounts.state;
  const isKnown = !isStale && isFresh(readAt, clock.now(), freshMs);
  const known = isKnown ? accounts.subAccount("inference", provider) : undefined;
  if (known?.isAcknowledged === true && spendable(known) >= comfortableBalance) return known;
  const broker = await session.broker(signal);
  const account = await broker.ledger.getSubAccount("inference", provider, { signal });
  const have = account ? spendable(account) : zeroNeuron;
  if (have < providerReserve)
    throw new ComputeError("insufficientFunds", {
      account: "sub-account",
      provider,
      have,
      need: providerReserve,
    });
  if (!account?.isAcknowledged) throw new ComputeError("notAcknowledged", { provider, by: "user" });
  return account;
}

interface Asked extends Priced {
  readonly service: InferenceService;
  readonly model: string;
  readonly limit?: Neuron;
}

/** One consent per wallet and provider, which names the limit. With the sandbox wallet, trying the sandbox was the consent. True when asked. */
async function askConsent(
  { session, limits, dialogs, texts }: PayingOptions,
  scope: Scope,
  asked: Asked,
  signal: AbortSignal,
): Promise<boolean> {
  const network = session.network();
  const wallet = session.wallet();
  if (!wallet) throw new ComputeError("noWallet", {});
  if (network.isSandbox && wallet.kind === "sandbox") return false;
  const { provider } = asked.service;
  if (!limits.needsConsent(scope, provider, asked.worstCase)) return false;
  const facts = { ...asked, network, wallet, spent: limits.spentAt(scope, provider) };
  if (!(await orAborted(dialogs.confirm(await texts.consent(facts)), signal))) throw cancelled();
  return true;
}

// Entries of the chain that somebody's words are about to be sent to. What passed every question is what is sent to: by the time a question
// was answered the chain may name another address, key, class or price.
import type { Broker } from "../../broker/api.js";
import { ComputeError } from "../../domain/error.js";
import type { ProviderId } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { EnclaveGate, EntryReader } from "../ports.js";

/**
 * `freshMs`: so old it may be when it is asked for as it is now. Read, it is of that type (absent: of any) and the network's operator vouches for its key; else throws `unknownServiceType`,
 * `notAcknowledged`.
 */
export function inferenceEntry(
  broker: { readonly inference: Pick<Broker["inference"], "getService"> },
  provider: ProviderId,
  serviceType: string | undefined,
  signal?: AbortSignal,
  freshMs = 0,
): EntryReader<InferenceService> {
  return {
    provider,
    service: "inference",
    read: async (isFresh) => {
      const age = isFresh ? { maxAgeMs: freshMs } : {};
      const entry = await broker.inference.getService(provider, { signal, ...age });
      if (serviceType !== undefined && entry.serviceType !== serviceType)
        throw new ComputeError("unknownServiceType", { provider, serviceType: entry.serviceType });
      if (!entry.isSignerAcknowledgedByOwner)
        throw new ComputeError("notAcknowledged", { provider, by: "owner" });
      return entry;
    },
    recipientOf: (entry) => ({ ...entry, service: "inference" }),
    termsOf: ({ url, teeSigner, additionalInfoText, model, inputPrice, outputPrice }) => [
      ...[url, teeSigner, additionalInfoText, model, inputPrice, outputPrice],
    ],
  };
}

/** What a question was about, and whether the user had to answer it. */
export interface Agreed<A> {
  readonly about: A;
  readonly wasAsked: boolean;
}

/** Through the gate, then `ask`; where that kept a question open, the entry as it is by then must be the same, or all of it begins anew. */
export async function agreedEntry<E, A>(
  gate: Pick<EnclaveGate, "beforeSending">,
  reader: EntryReader<E>,
  ask: (entry: E) => Promise<Agreed<A>>,
  signal?: AbortSignal,
): Promise<Agreed<A> & { readonly entry: E }> {
  const again = asItIsNow(reader);
  let entry = await gate.beforeSending(reader, signal);
  for (;;) {
    const agreed = await ask(entry);
    const before = entry;
    if (agreed.wasAsked) entry = await gate.beforeSending(again, signal);
    if (isSameEntry(reader, before, entry)) return { ...agreed, entry };
  }
}

/** However young what was read of it is. */
export function asItIsNow<E>(reader: EntryReader<E>): EntryReader<E> {
  return { ...reader, read: () => reader.read(true) };
}

/** Once more, by the time it waited until: throws what keeps it from being sent, and `providerUnavailable` where it is no longer what was looked at. */
export async function checkUnchanged<E>(
  gate: Pick<EnclaveGate, "beforeSendingUnasked">,
  reader: EntryReader<E>,
  entry: E,
): Promise<void> {
  const { provider } = reader;
  if (!isSameEntry(reader, entry, await gate.beforeSendingUnasked(reader)))
    throw new ComputeError("providerUnavailable", { provider, detail: "what it sells has changed" });
}

/** In what a question is about. */
function isSameEntry<E>(reader: EntryReader<E>, one: E, other: E): boolean {
  const [before, now] = [reader.termsOf(one), reader.termsOf(other)];
  return before.every((term, index) => term === now[index]);
}

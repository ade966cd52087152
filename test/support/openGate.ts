// For tests of something else than enclaves.
import type { EnclaveGate, EntryReader, Recipient } from "../../src/services/ports.js";

/** Lets everything through, and has verified nobody. */
export const openGate: EnclaveGate = {
  allow: async () => undefined,
  allowPublic: async () => undefined,
  beforeSending: (reader) => reader.read(true),
  verified: async () => undefined,
  beforeSendingUnasked: (reader) => reader.read(true),
};

/** An entry that is always read as this one. */
export function readerOf(recipient: Recipient): EntryReader<Recipient> {
  const { provider, service } = recipient;
  return { provider, service, read: async () => recipient, recipientOf: (entry) => entry, termsOf: () => [] };
}

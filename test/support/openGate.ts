// For tests of something else than enclaves.
import type { EnclaveGate } from "../../src/services/ports.js";

/** Lets everything through, and has verified nobody. */
export const openGate: EnclaveGate = {
  allow: async () => undefined,
  allowPublic: async () => undefined,
  beforeSending: async () => undefined,
  verified: async () => undefined,
  beforeSendingUnasked: async () => undefined,
};

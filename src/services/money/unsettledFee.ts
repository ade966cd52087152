// What a provider has not settled yet, by its own word. It tells that only to who shows a pass, and a pass can be spent: it is asked only where
// the user has chatted and so agreed to passes, and at the server and key that messages would go to now. And a word is no more than a word: nobody is owed more than the account holds.
import type { Broker } from "../../broker/api.js";
import type { SubAccount } from "../../domain/account.js";
import { minNeuron, type Neuron } from "../../domain/money.js";
import { inferenceEntry } from "../providers/entries.js";
import type { LimitsService } from "./limits.js";
import type { EnclaveGate } from "../ports.js";
import type { Scope } from "../wallets/scope.js";

/** Undefined where nobody is asked. Throws what keeps a message from going out unasked. */
export async function askUnsettledFee(
  broker: Broker,
  gate: Pick<EnclaveGate, "beforeSendingUnasked">,
  limits: Pick<LimitsService, "spentAt">,
  scope: Scope,
  { provider, balance }: Pick<SubAccount, "provider" | "balance">,
  signal?: AbortSignal,
): Promise<Neuron | undefined> {
  if (limits.spentAt(scope, provider) === 0n) return undefined;
  const service = await gate.beforeSendingUnasked(inferenceEntry(broker, provider, undefined, signal));
  return minNeuron(await broker.inference.getUnsettledFee(service, { signal }), balance);
}

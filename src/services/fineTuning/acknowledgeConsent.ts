// The user's first yes to paying for a delivered model: with it, and by setting, others may be paid for without a word.
import type { Settings, StateStore } from "../ports.js";
import { scopeKey, type Scope } from "../wallets/scope.js";

const consentKey = (scope: Scope) => `zgCompute.fineTuning.acknowledgeConsent.${scopeKey(scope)}`;

interface Consent {
  readonly settings: Pick<Settings, "autoAcknowledge">;
  readonly state: StateStore;
}

/** By setting, after a first yes with this wallet on this network. Throws `badSetting`. */
export function mayAcknowledgeAlone({ settings, state }: Consent, scope: Scope): boolean {
  return settings.autoAcknowledge() === "always" && typeof state.get<unknown>(consentKey(scope)) === "number";
}

/** A yes with this wallet on this network, at that time in milliseconds since 1970. */
export async function rememberConsent(
  { state }: Pick<Consent, "state">,
  scope: Scope,
  at: number,
): Promise<void> {
  await state.update(consentKey(scope), at);
}

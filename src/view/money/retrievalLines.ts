// Where money comes back from, in a question of bounded height: a native dialog does not scroll.
import { askedIn, spendable, type TransactionPlan } from "../../domain/account.js";
import type { Neuron } from "../../domain/money.js";
import { shortAddress } from "../address.js";
import { formatExact } from "./money.js";
import type { Translate } from "../translate.js";

const mostLines = 8;

/** One provider with its whole address; of several a line each, as far as there is room. */
export function retrievalLines({ operation, subAccounts }: TransactionPlan, t: Translate): string {
  const providers = operation.kind === "retrieveFund" ? operation.providers : [];
  const [only] = providers;
  if (providers.length === 1 && only) return t("From: {0}. To: your own ledger.", only);
  const shown = subAccounts.length > mostLines ? subAccounts.slice(0, mostLines - 1) : subAccounts;
  const rest = subAccounts.slice(shown.length);
  return [
    t("To: your own ledger, from:"),
    ...shown.map((account) => line(shortAddress(account.provider), spendable(account), t)),
    ...(rest.length > 0 ? [line(t("{0} more", rest.length), askedIn({ subAccounts: rest }), t)] : []),
  ].join("\n");
}

/** Nothing is asked back where only what is due is collected. */
function line(name: string, asked: Neuron, t: Translate): string {
  return asked > 0n ? t("{0}: {1}", name, formatExact(asked, t)) : name;
}

/** The first ones by name, where a line is all there is. */
export function someProviders(providers: readonly string[], t: Translate): string {
  const shown = providers.length > 3 ? providers.slice(0, 2) : providers;
  const names = shown.map(shortAddress).join(", ");
  const rest = providers.length - shown.length;
  return rest > 0 ? t("{0} and {1} more", names, rest) : names;
}

// What sub-accounts are called, in rows and pickers alike.
import type { SubAccount } from "../../domain/account.js";
import { sameAddress } from "../../domain/ids.js";
import type { ServiceName } from "../../domain/provider.js";
import type { ProviderItem } from "../../services/providers/providers.js";
import { shortAddress } from "../address.js";
import { modelName } from "../providers/modelNames.js";
import type { Translate } from "../translate.js";

export function serviceLabel(service: ServiceName, t: Translate): string {
  return service === "inference" ? t("Inference") : t("Fine-tuning");
}

/** The model behind a chat's account, with the address where another of `accounts` has that name; the address alone where none is known. */
export function accountLabel(
  account: Pick<SubAccount, "service" | "provider">,
  accounts: readonly Pick<SubAccount, "service" | "provider">[],
  providers: readonly ProviderItem[] | undefined,
  t: Translate,
): string {
  const name = nameOf(account, providers, t);
  const { provider } = account;
  if (name === undefined) return shortAddress(provider);
  const hasTwin = accounts.some(
    (other) => !sameAddress(other.provider, provider) && nameOf(other, providers, t) === name,
  );
  return hasTwin ? t("{0} · {1}", name, shortAddress(provider)) : name;
}

function nameOf(
  { service, provider }: Pick<SubAccount, "service" | "provider">,
  providers: readonly ProviderItem[] | undefined,
  t: Translate,
): string | undefined {
  const known =
    service === "inference" && providers?.find((item) => sameAddress(item.service.provider, provider));
  return known ? modelName(known.service, t) : undefined;
}

/** "phi-4 · 0xa48f…1c27": for lists in which each provider stands on its own. */
export function nameAndAddress(
  provider: string,
  providers: readonly ProviderItem[] | undefined,
  t: Translate,
): string {
  const known = providers?.find((item) => sameAddress(item.service.provider, provider));
  const address = shortAddress(provider);
  return known ? t("{0} · {1}", modelName(known.service, t), address) : address;
}

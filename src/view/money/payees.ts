// Who can be paid, and which accounts there are, as entries of a quick pick. Names are the providers' own words.
import { spendable, type SubAccount } from "../../domain/account.js";
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { ProviderId } from "../../domain/ids.js";
import type { ServiceName } from "../../domain/provider.js";
import type { ProviderItem } from "../../services/providers/providers.js";
import { accountLabel, serviceLabel } from "./accountWords.js";
import { shortAddress } from "../address.js";
import type { Entry } from "../choice.js";
import { modelName } from "../providers/modelNames.js";
import { formatOg } from "./money.js";
import { serviceTypeName } from "../providers/providerRows.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

/** Money goes to one provider for one service. */
export interface Payee {
  readonly provider: ProviderId;
  readonly service: ServiceName;
}

export function payeeEntries(
  providers: readonly ProviderItem[],
  tuners: readonly Pick<FineTuningService, "provider" | "models">[],
  t: Translate,
): readonly (Entry & { readonly payee: Payee })[] {
  const chats = providers.map(({ service }) => ({
    label: modelName(service, t),
    description: shortAddress(service.provider),
    detail: serviceTypeName(service.serviceType, t),
    payee: { provider: service.provider, service: "inference" as const },
  }));
  const trainers = tuners.map(({ provider, models }) => ({
    label: shortAddress(provider),
    description: serviceLabel("fine-tuning", t),
    detail: cleanText(models.join(", ")),
    payee: { provider, service: "fine-tuning" as const },
  }));
  return [...chats, ...trainers];
}

export function accountEntries(
  accounts: readonly SubAccount[],
  providers: readonly ProviderItem[] | undefined,
  t: Translate,
): readonly (Entry & { readonly account: SubAccount })[] {
  return accounts.map((account) => ({
    label: accountLabel(account, accounts, providers, t),
    description: formatOg(spendable(account), t),
    detail: `${serviceLabel(account.service, t)} · ${account.provider}`,
    account,
  }));
}

// What is said before an API key is made or revoked, and what its list and its choices are called.
import { type LedgerOperation, spendable } from "../../domain/account.js";
import type { ApiKeyTexts, NewApiKeyFacts } from "../../services/apiKeys/apiKeys.js";
import type { Confirmation } from "../../services/ports.js";
import { modelName } from "../providers/modelNames.js";
import { formatOg } from "../money/money.js";
import { cleanText } from "../text.js";
import { formatPeriod } from "../time.js";
import type { Translate } from "../translate.js";

const dayMs = 86_400_000;

export interface LifetimeChoice {
  readonly label: string;
  readonly detail?: string;
  /** Absent: until it is revoked. */
  readonly lifetimeMs?: number;
}

/** The first is what is proposed. */
export function lifetimeChoices(t: Translate): readonly LifetimeChoice[] {
  const days = [30, 1, 7, 90, 365];
  return [
    ...days.map((count) => ({
      label: count === 1 ? t("24 hours") : t("{0} days", count),
      lifetimeMs: count * dayMs,
    })),
    {
      label: t("Until it is revoked"),
      detail: t("A key that is lost sight of stays good for ever."),
    },
  ];
}

/** How long a key is good that is made now. */
export function lifetimeText(
  { lifetimeMs, now }: Pick<NewApiKeyFacts, "lifetimeMs" | "now">,
  t: Translate,
  moment: (at: number) => string,
): string {
  if (lifetimeMs === undefined) return t("It is good until you revoke it.");
  return t(
    "It is good for {0}, until {1}, or until you revoke it.",
    formatPeriod(lifetimeMs / 1000, t),
    moment(now + lifetimeMs),
  );
}

export function createApiKeyTexts(t: Translate, moment: (at: number) => string): ApiKeyTexts {
  return { create: (facts) => createConfirmation(facts, t, moment) };
}

function createConfirmation(
  facts: NewApiKeyFacts,
  t: Translate,
  moment: (at: number) => string,
): Confirmation {
  const { label, service, account, network, wallet } = facts;
  return {
    title: t("Create the API key “{0}”?", cleanText(label, 60)),
    detail: [
      t("Provider: {0} (“{1}”), on {2}.", service.provider, modelName(service, t), network.name),
      t(
        "Whoever has this key can use this provider in your name and spend the money on your account with it: {0} at the moment, and whatever you add. The limits you set here do not hold for it.",
        formatOg(spendable(account), t),
      ),
      lifetimeText(facts, t, moment),
      account.isAcknowledged
        ? ""
        : t("You have not accepted this provider's signer yet: until then it refuses the key."),
      network.isSandbox || network.id === "mainnet"
        ? ""
        : t(
            "A key does not name its network: if the same wallet has an account with the same provider on another network, it may be good there too.",
          ),
      t(
        "Your wallet “{0}” signs it. Nothing is sent and nothing is paid now. It is shown once, then kept in your system's keychain.",
        cleanText(wallet.name, 60),
      ),
    ]
      .filter((line) => line !== "")
      .join("\n\n"),
    confirmLabel: t("Create key"),
  };
}

type Revocation = Extract<LedgerOperation, { kind: "revokeToken" | "revokeAllTokens" }>;

export function revocationTexts(
  operation: Revocation,
  t: Translate,
): { readonly title: string; readonly consequence: string; readonly confirmLabel: string } {
  if (operation.kind === "revokeToken")
    return {
      title: t("Revoke the API key “{0}”?", cleanText(operation.label, 60)),
      consequence: t(
        "Whoever uses it (id {0}) is refused from then on, within some minutes: providers look at the chain now and then. This cannot be undone, and your other keys stay good. Should you ever delete your ledger, the network forgets this; revoking all keys it never forgets.",
        operation.tokenId,
      ),
      confirmLabel: t("Revoke key"),
    };
  return {
    title: t("Revoke all API keys of this provider?"),
    consequence: t(
      "Every key for this provider that this wallet ever signed stops, those made with other tools too, and with them every running session: tools and machines that use this provider with your wallet are refused until they sign in anew. Chats of this extension do that by themselves. All 255 ids are free again. This cannot be undone.",
    ),
    confirmLabel: t("Revoke all keys"),
  };
}

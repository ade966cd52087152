// API keys as rows: one root, under it the providers, under each its keys with what the chain says of them.
import type { AccountOverview } from "../../domain/account.js";
import { type ApiKeyState, isOver, isRevocable, revokedIds } from "../../domain/apiKey.js";
import type { KeptError } from "../../domain/chat.js";
import { addressKey, type ProviderId, sameAddress } from "../../domain/ids.js";
import type { ApiKey, ApiKeyBook } from "../../services/apiKeys/apiKeyBook.js";
import type { ProvidersState } from "../../services/providers/providers.js";
import { shortAddress } from "../address.js";
import { errorView } from "../errors/errors.js";
import { modelName } from "../providers/modelNames.js";
import type { Row } from "../rows.js";
import type { Telling } from "../fineTuning/taskFacts.js";
import { cleanText, markdownText } from "../text.js";
import { formatRemaining } from "../time.js";
import type { Translate } from "../translate.js";

export interface ApiKeyRowsOptions extends Telling {
  readonly book: ApiKeyBook;
  /** Undefined while the accounts were not read. */
  readonly stateOf: (key: ApiKey) => ApiKeyState | undefined;
  readonly accounts?: AccountOverview;
  /** For the names of the models. */
  readonly providers: ProvidersState;
  /** Why the list could not be read the last time. */
  readonly error?: KeptError;
}

export function apiKeysRow(options: ApiKeyRowsOptions): Row {
  const { t, book, stateOf, accounts, error } = options;
  if (error) return brokenRow(error, t);
  const revoked = (accounts?.subAccounts ?? []).filter(({ revokedBitmap = 0n }) => revokedBitmap !== 0n);
  const owners = [...book.keys, ...revoked].map(({ provider }) => [addressKey(provider), provider] as const);
  const providers = [...new Map(owners).values()];
  const active = book.keys.filter((key) => stateOf(key) === "active").length;
  return {
    // Another row once it has children: the editor would keep it folded, as it was without any.
    id: providers.length > 0 ? "apiKeys" : "apiKeys:none",
    label: t("API keys"),
    description: book.keys.length === 0 ? t("none") : accounts ? t("{0} active", active) : undefined,
    tooltip: () =>
      t(
        "A key lets any program use a provider with the money on your account there, until it is revoked or expires.",
      ),
    icon: "lock",
    context: "apiKeys",
    ...(providers.length > 0 ? { children: providers.map((one) => providerRow(one, options)) } : {}),
  };
}

/** Nothing is made and nothing is listed meanwhile: an id could be used twice. */
function brokenRow(error: KeptError, t: Translate): Row {
  const { text, actions } = errorView(error, t);
  const mend = actions.find(({ id }) => id === "zgCompute.setApiKeysAside");
  return {
    id: "apiKeys:error",
    label: t("API keys"),
    description: mend ? t("the list is damaged: click to set it aside") : t("the list cannot be read"),
    tooltip: () => markdownText(text, 500),
    icon: "warning",
    command: { id: mend ? mend.id : "zgCompute.refreshAccounts" },
  };
}

function providerRow(provider: ProviderId, options: ApiKeyRowsOptions): Row {
  const { t, book, providers } = options;
  const known = providers.value?.find((item) => sameAddress(item.service.provider, provider))?.service;
  const keys = book.keys.filter((key) => sameAddress(key.provider, provider));
  return {
    id: `apiKeys:${addressKey(provider)}`,
    label: known ? modelName(known, t) : shortAddress(provider),
    description: known ? shortAddress(provider) : undefined,
    tooltip: () => t("Provider: {0}", provider),
    icon: "server",
    context: "apiKeyProvider address",
    subject: { provider, address: provider },
    children: [
      ...[...keys].sort((a, b) => b.createdAt - a.createdAt).map((key) => keyRow(key, options)),
      ...elsewhereRow(provider, keys, options),
    ],
  };
}

function keyRow(key: ApiKey, options: ApiKeyRowsOptions): Row {
  const { t, stateOf } = options;
  const state = stateOf(key);
  const description = [
    isBack(key, state) ? t("active again") : stateWord(state, options),
    state === "active" ? endWords(key, options) : "",
    key.origin === "elsewhere" ? t("made elsewhere") : "",
  ];
  return {
    id: `apiKey:${key.id}`,
    label: cleanText(key.label, 60),
    description: description.filter((part) => part !== "").join(" · "),
    tooltip: () => keyTooltip(key, state, options),
    icon: isBack(key, state) ? "warning" : stateIcon(state),
    context: ["apiKey", isOver(state) ? "" : "copyableKey", isRevocable(state) ? "revocableKey" : ""]
      .filter((word) => word !== "")
      .join(" "),
    subject: { provider: key.provider, apiKey: key.id },
  };
}

function isBack({ wasRevoked }: ApiKey, state: ApiKeyState | undefined): boolean {
  return wasRevoked === true && state === "active";
}

export function stateWord(state: ApiKeyState | undefined, { t }: Pick<Telling, "t">): string {
  switch (state) {
    case "active":
      return t("active");
    case "expired":
      return t("expired");
    case "revoked":
      return t("revoked");
    case "revokedWithAll":
      return t("revoked with all keys");
    case "ahead":
      return t("unknown to this chain");
    case "noAccount":
      return t("no account with this provider");
    case undefined:
      return t("state unknown");
  }
}

function stateIcon(state: ApiKeyState | undefined): string {
  switch (state) {
    case "active":
      return "pass";
    case "expired":
      return "history";
    case "revoked":
    case "revokedWithAll":
      return "circle-slash";
    default:
      return "question";
  }
}

function endWords({ expiresAt }: ApiKey, { t, now }: Telling): string {
  return expiresAt === undefined
    ? t("until it is revoked")
    : t("{0} left", formatRemaining(expiresAt - now, t));
}

function keyTooltip(key: ApiKey, state: ApiKeyState | undefined, options: Telling): string {
  const { t, moment } = options;
  const { label, tokenId, generation, createdAt, expiresAt, provider, origin } = key;
  return [
    `**${markdownText(label, 60)}**`,
    t("State: {0}", stateWord(state, options)),
    isBack(key, state)
      ? t(
          "You revoked it, but your ledger was deleted since, and the network forgot. Revoke it again, or all keys.",
        )
      : stateReason(state, options),
    expiresAt === undefined
      ? t("Ends: when it is revoked")
      : t("Ends: {0}", markdownText(moment(expiresAt), 60)),
    t("Made: {0}", markdownText(moment(createdAt), 60)),
    origin === "elsewhere" ? t("Made with another tool and added here.") : "",
    t("Id {0}, generation {1}", tokenId, generation),
    t("Provider: {0}", provider),
  ]
    .filter((line) => line !== "")
    .join("\n\n");
}

function stateReason(state: ApiKeyState | undefined, { t }: Telling): string {
  switch (state) {
    case "revoked":
      return t("Only as long as this account lives: a new ledger would not know of it.");
    case "revokedWithAll":
      return t("All keys of its time were revoked at once.");
    case "ahead":
      return t(
        "The chain is younger than the key, as after a new start of the sandbox. The provider refuses it.",
      );
    case "noAccount":
      return t("The provider refuses it until there is an account again. Only then can it be revoked.");
    case undefined:
      return t("The accounts were not read yet.");
    default:
      return "";
  }
}

/** What the bitmap says of ids that are in no row. Those made elsewhere and not revoked nobody can see. */
function elsewhereRow(
  provider: ProviderId,
  keys: readonly ApiKey[],
  { t, accounts }: ApiKeyRowsOptions,
): readonly Row[] {
  const account = accounts?.subAccounts.find(
    (one) => one.service === "inference" && sameAddress(one.provider, provider),
  );
  const { generation = 0, revokedBitmap = 0n } = account ?? {};
  const listed = new Set(keys.filter((key) => key.generation === generation).map(({ tokenId }) => tokenId));
  const others = revokedIds(revokedBitmap).filter((id) => !listed.has(id));
  if (others.length === 0) return [];
  return [
    {
      id: `apiKeys:${addressKey(provider)}:others`,
      label: others.length === 1 ? t("1 other key") : t("{0} other keys", others.length),
      description: t("revoked"),
      tooltip: () =>
        t(
          "Ids {0}: made elsewhere, or removed from this list. The chain says they are revoked.",
          others.join(", "),
        ),
      icon: "circle-slash",
    },
  ];
}

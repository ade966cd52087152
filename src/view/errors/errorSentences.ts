// The longer sentences of view/errors/errors.ts: wallets, money and tools.
import { providerReserve } from "../../domain/account.js";
import type { ErrorFacts } from "../../domain/error.js";
import { exactOg, neuron, type Neuron } from "../../domain/money.js";
import type { Bound } from "../../services/money/limits.js";
import { shortAddress } from "../address.js";
import type { ErrorAction } from "./errorAction.js";
import { formatCost, formatOg } from "../money/money.js";
import { modelName } from "../providers/modelNames.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

type WalletError =
  | { readonly code: "walletLocked"; readonly facts: ErrorFacts["walletLocked"] }
  | { readonly code: "badWallet"; readonly facts: ErrorFacts["badWallet"] };

export function walletText(error: WalletError, t: Translate): string {
  if (error.code === "walletLocked") {
    switch (error.facts.why) {
      case "missing":
        return t("The key of this wallet is no longer in the system's keychain. Import the wallet again.");
      case "readBack":
        return t("The system's keychain did not keep the key: reading it back gave something else.");
      default:
        return t("The system's keychain refused access to the key.");
    }
  }
  switch (error.facts.why) {
    case "key":
      return t("That is not a private key: it has 64 characters, 0 to 9 and a to f.");
    case "mnemonic":
      return t("Those are not valid recovery words. Check their spelling and order.");
    case "keystore":
      return t("That is not a keystore file this extension can read.");
    case "password":
      return t("The password does not open this keystore.");
    case "cliConfig":
      return t("That file holds no private key of the 0G command line tool.");
    case "devKey":
      return t("This is a test key. It can be used in the sandbox only.");
  }
}

type ApiKeyError =
  | { readonly code: "badApiKey"; readonly facts: ErrorFacts["badApiKey"] }
  | { readonly code: "noApiKeyLeft"; readonly facts: ErrorFacts["noApiKeyLeft"] };

export function apiKeyText(error: ApiKeyError, t: Translate): string {
  if (error.code === "noApiKeyLeft")
    return t(
      "All 255 key ids of {0} are used up. Revoking all its keys frees them.",
      shortAddress(cleanText(error.facts.provider, 60)),
    );
  switch (error.facts.why) {
    case "form":
      return t("That is not an API key: one begins with app-sk- and is some 500 characters long.");
    case "pass":
      return t("That is a short pass, not an API key: it ends within a day by itself.");
    case "signature":
      return t("That key was not signed by the wallet it names. No provider takes it.");
    case "wallet":
      return t("That key belongs to another wallet than the one in use. Switch to its wallet first.");
    case "missing":
      return t("This key is not in the system's keychain. Revoke it and create another.");
  }
}

/** Another key, or another wallet. */
export function apiKeyAction({ why }: ErrorFacts["badApiKey"], t: Translate): ErrorAction {
  switch (why) {
    case "wallet":
      return { id: "zgCompute.switchWallet", title: t("Switch wallet") };
    case "missing":
      return { id: "zgCompute.createApiKey", title: t("Create API key") };
    default:
      return { id: "zgCompute.addApiKey", title: t("Add another") };
  }
}

export function badAmountText({ text, why, min, max }: ErrorFacts["badAmount"], t: Translate): string {
  switch (why) {
    case "notANumber":
      return t("“{0}” is not an amount. Type a number such as 2 or 0.05.", cleanText(text, 40));
    case "tooFine":
      return t("An amount has at most 18 decimals.");
    case "tooLarge":
      return max === undefined ? t("That is too much.") : t("That is too much: at most {0}.", exact(max, t));
    case "tooSmall":
      return min === undefined
        ? t("That is too little.")
        : t("That is too little: at least {0}.", exact(min, t));
    case "zero":
      return t("The amount must be above zero.");
  }
}

export function shortFundsText(
  { account, provider, have, need }: ErrorFacts["insufficientFunds"],
  t: Translate,
): string {
  const [there, needed] = pair(neuron(have), neuron(need), t);
  switch (account) {
    case "wallet":
      return t("Your wallet holds {0}; this needs {1}.", there, needed);
    case "ledger":
      return t("Your ledger has {0} available; this needs {1}.", there, needed);
    case "sub-account": {
      const name = shortAddress(cleanText(provider ?? "", 60));
      return need === providerReserve
        ? t(
            "Your account with {0} holds {1}. Providers answer only while at least {2} are there, whatever an answer costs; what is not used stays yours.",
            ...[name, there, needed],
          )
        : t("Your account with {0} holds {1}; this needs {2}.", name, there, needed);
    }
  }
}

export function limitText(facts: ErrorFacts["limitReached"], t: Translate): string {
  const max = formatOg(neuron(facts.max), t);
  const wanted = formatCost(neuron(facts.wanted), t);
  const spent = formatOg(neuron(facts.spent), t);
  switch (facts.limit) {
    case "perTransaction":
      return t(
        "{0} is more than your limit of {1} for one transaction. {2}",
        wanted,
        max,
        setIn(facts.limit, t),
      );
    case "perDay":
      return facts.way === "provider"
        ? t(
            "{0} more would pass your limit of {1} a day; {2} went to providers in the last 24 hours. {3}",
            ...[wanted, max, spent, setIn(facts.limit, t)],
          )
        : t(
            "{0} more would pass your limit of {1} a day; {2} left the wallet in the last 24 hours. {3}",
            ...[wanted, max, spent, setIn(facts.limit, t)],
          );
    case "keepFunded":
      return t(
        "Keeping the account with {0} funded has reached its cap of {1} a day; {2} moved there in the last 24 hours. {3}",
        shortAddress(cleanText(facts.provider ?? "", 60)),
        max,
        spent,
        setIn(facts.limit, t),
      );
    case "unaskedFee":
      return t(
        "The network asks for a fee of up to {0}, which is unusually high: without a question at most {1} is paid.",
        wanted,
        max,
      );
    case "perProvider":
      return t(
        "This answer may cost up to {0}, which would pass your limit of {1} for {2}; {3} is spent or set aside there, and that sum never starts anew: raise the limit to go on. {4}",
        wanted,
        max,
        shortAddress(cleanText(facts.provider ?? "", 60)),
        spent,
        setIn(facts.limit, t),
      );
    case "perKey":
      return t(
        "This answer may cost up to {0}, which would pass the budget of {1} of this key; {2} is spent or set aside with it.",
        wanted,
        max,
        spent,
      );
  }
}

/** What may still be moved, in the words of the refusal that comes beyond it. */
export function boundText(bound: Bound, t: Translate): string {
  const [max, spent, where] = [formatOg(bound.max, t), formatOg(bound.spent, t), setIn(bound.limit, t)];
  if (bound.limit === "perTransaction") return t("Your limit is {0} for one transaction. {1}", max, where);
  return bound.way === "provider"
    ? t("Your limit is {0} a day; {1} went to providers in the last 24 hours. {2}", max, spent, where)
    : t("Your limit is {0} a day; {1} left the wallet in the last 24 hours. {2}", max, spent, where);
}

export function toolsCutText(facts: ErrorFacts["toolsCut"], t: Translate): string {
  return facts.by === "limit"
    ? t(
        "“{0}” reached the limit of tokens while it asked for tools, so none is called. Let it write more tokens, or ask for less at once.",
        modelName(facts, t),
      )
    : t(
        "The provider's filter ended the answer while “{0}” asked for tools, so none is called.",
        modelName(facts, t),
      );
}

/** The name of the setting behind a limit. */
export function limitSetting(limit: SetLimit): string {
  return limit === "keepFunded" ? "zgCompute.keepFunded" : `zgCompute.limits.${limit}`;
}

type SetLimit = Exclude<ErrorFacts["limitReached"]["limit"], "unaskedFee" | "perKey">;

function setIn(limit: SetLimit, t: Translate): string {
  return t("It is set in {0}.", limitSetting(limit));
}

/** Two amounts whose short forms read the same are given with every digit. */
function pair(have: Neuron, need: Neuron, t: Translate): readonly [string, string] {
  const short = [formatOg(have, t), formatOg(need, t)] as const;
  return short[0] === short[1] && have !== need ? [exact(have, t), exact(need, t)] : short;
}

function exact(amount: bigint, t: Translate): string {
  return t("{0} 0G", exactOg(neuron(amount)));
}

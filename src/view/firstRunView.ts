import type { TrySandboxStep } from "../services/firstRun.js";
import type { Translate } from "./translate.js";

/** What "Try the sandbox" is doing, for its progress notification. */
export function trySandboxStepText(step: TrySandboxStep, t: Translate): string {
  switch (step) {
    case "start":
      return t("Starting a network on this machine…");
    case "wallet":
      return t("Making a wallet for it…");
    case "fund":
      return t("Giving the wallet test money…");
    case "provider":
      return t("Looking for a provider…");
    case "account":
      return t("Opening an account with the provider…");
    case "chat":
      return t("Opening the chat…");
  }
}

// The sentences and buttons of what stands between the user's words and a provider beside money; which error has which stands in errors.ts.
import type { ErrorFacts } from "../../domain/error.js";
import { shortAddress } from "../address.js";
import type { ErrorAction, ErrorLike } from "./errorAction.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

type EnclaveError = Extract<ErrorLike, { code: "privateOnly" | "publicStorage" | "enclaveChanged" }>;

export function enclaveText(error: EnclaveError, t: Translate): string {
  switch (error.code) {
    case "privateOnly":
      return privateOnlyText(error.facts, t);
    case "publicStorage":
      return t(
        "Only private providers are allowed here, and everybody can read what is in 0G Storage, for ever.",
      );
    case "enclaveChanged":
      return t(
        "{0} is not as you verified or accepted it, or its last verification failed. Look at it before anything is sent there.",
        shortAddress(cleanText(error.facts.provider, 60)),
      );
  }
}

/** Why a provider is refused where only private ones are allowed. */
function privateOnlyText({ provider, why }: ErrorFacts["privateOnly"], t: Translate): string {
  const name = shortAddress(cleanText(provider, 60));
  switch (why) {
    case "relays":
      return t(
        "Only private providers are allowed here, and {0} relays to a company that reads along.",
        name,
      );
    case "noEnclave":
      return t("Only private providers are allowed here, and {0} runs in no enclave.", name);
    case "passedOn":
      return t(
        "Only private providers are allowed here, and the sandbox passes what you ask on to your server outside this machine.",
      );
    case "notVerified":
      return t("Only private providers are allowed here, and you have not verified {0} yet.", name);
    case "notProven":
      return t("Only private providers are allowed here, and what {0} claims is not proven.", name);
    case "unknownPrograms":
      return t(
        "Only private providers are allowed here, and which programs the enclave of {0} starts cannot be read from its report.",
        name,
      );
    case "failed":
      return t("Only private providers are allowed here, and the verification of {0} failed.", name);
    case "changed":
      return t("Only private providers are allowed here, and {0} is not as you verified it.", name);
  }
}

export function enclaveActions(
  error: EnclaveError,
  settings: (name: string) => ErrorAction,
  t: Translate,
): readonly ErrorAction[] {
  if (error.code === "publicStorage") return [settings("zgCompute.privateOnly")];
  const { provider, service } = error.facts;
  const why = error.code === "privateOnly" ? error.facts.why : undefined;
  if (why === "relays" || why === "noEnclave") return [settings("zgCompute.privateOnly")];
  if (why === "passedOn") return [settings("zgCompute.sandbox.upstream")];
  const subject = { provider, service };
  return [{ id: "zgCompute.verifyProvider", title: t("Verify provider"), arguments: [{ subject }] }];
}

// The official check of an answer (spec inference.md 6.5): does the right key stand behind some text? It does not compare that text with the
// answer; `verifyResponse` does. Kept for those who call it by its documented name, with its results.
import { ComputeError } from "../../domain/error.js";
import { sameAddress } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BrokerContext } from "../context.js";
import { officialCounts } from "../wire/fees.js";
import { recoverPersonal } from "../wire/hash.js";
import { asText, parseJsonObject } from "../wire/json.js";
import { unavailable } from "./providerHttp.js";
import { askSignature } from "./signatureFetch.js";

/** The strings the official client takes for verifiable, case and all. */
export function isVerifiability(value: string): boolean {
  return value === "OpML" || value === "TeeML" || value === "ZKML";
}

/** Null without a chatID. Throws `unknownServiceType`, and `providerUnavailable` or `network` when no signature could be had. */
export async function processResponse(
  context: BrokerContext,
  service: InferenceService,
  chatId: string | undefined,
): Promise<boolean | null> {
  const { provider, serviceType } = service;
  if (!officialCounts(serviceType, ""))
    throw new ComputeError("unknownServiceType", { provider, serviceType });
  if (!chatId) return null;
  if (!isVerifiability(service.verifiability) || !service.isSignerAcknowledgedByOwner) return false;
  const signer = officialSigner(service);
  if (signer === undefined) return false;
  const answer = await askSignature(context, service, chatId, service.model);
  if (answer.status < 200 || answer.status > 299)
    throw new ComputeError("providerUnavailable", {
      provider,
      status: answer.status,
      detail: "getting signature error",
    });
  const value = parseJsonObject(answer.text);
  const text = asText(value?.text);
  const recovered = text === undefined ? undefined : recoverPersonal(text, asText(value?.signature) ?? "");
  if (!recovered) throw unavailable(service, "there is no signature in the answer");
  return sameAddress(recovered, signer);
}

/** Whose key the official client expects: it knows no `standard` providers. Undefined when additionalInfo is no JSON. */
function officialSigner(service: InferenceService): string | undefined {
  const info = parseJsonObject(service.additionalInfoText);
  if (!info) return undefined;
  const target = asText(info.TargetTeeAddress);
  const isSeparated = info.TargetSeparated === true && info.ProviderType !== "centralized";
  return isSeparated && target ? target : service.teeSigner;
}

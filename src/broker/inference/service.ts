// A service as the contract holds it, with what follows from its texts (spec inference.md 1).
import type { InferenceService } from "../../domain/provider.js";
import type { InferenceServiceRecord } from "../contracts/records.js";
import { parseAdditionalInfo, privacyOf, providerClass } from "../wire/additionalInfo.js";

/** `passesOnTo`: see `Network`. What the chain claims of a chat's privacy is not so then. */
export function toService(record: InferenceServiceRecord, passesOnTo?: string): InferenceService {
  const info = parseAdditionalInfo(record.additionalInfoText);
  const isPassedOn = passesOnTo !== undefined && record.serviceType === "chatbot";
  return {
    ...record,
    url: record.url.trim().replace(/\/+$/, ""),
    info,
    providerClass: providerClass(info),
    privacy: isPassedOn ? "passedOn" : privacyOf(info),
  };
}

// A service as the contract holds it, with what follows from its texts (spec inference.md 1).
import type { InferenceService } from "../../domain/provider.js";
import type { InferenceServiceRecord } from "../contracts/records.js";
import { parseAdditionalInfo, privacyOf, providerClass } from "../wire/additionalInfo.js";

export function toService(record: InferenceServiceRecord): InferenceService {
  const info = parseAdditionalInfo(record.additionalInfoText);
  return {
    ...record,
    url: record.url.trim().replace(/\/+$/, ""),
    info,
    providerClass: providerClass(info),
    privacy: privacyOf(info),
  };
}

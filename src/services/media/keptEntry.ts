// A provider's entry as an order was placed with it, in a journal: amounts as text, and back.
import { neuron } from "../../domain/money.js";
import { expectedSigner, type InferenceService } from "../../domain/provider.js";

export interface KeptEntry extends Omit<InferenceService, "inputPrice" | "outputPrice"> {
  readonly inputPrice: string;
  readonly outputPrice: string;
}

export function entryToKeep(service: InferenceService): KeptEntry {
  return { ...service, inputPrice: String(service.inputPrice), outputPrice: String(service.outputPrice) };
}

/** Undefined for what is none: anybody may have changed the file. */
export function entryOfKept(value: unknown): InferenceService | undefined {
  const kept = (value ?? {}) as Partial<KeptEntry>;
  const { provider, serviceType, url, model, teeSigner, providerClass, info } = kept;
  const texts = [provider, serviceType, url, model, teeSigner, providerClass];
  if (!texts.every((text) => typeof text === "string") || typeof info !== "object") return undefined;
  const prices = [kept.inputPrice, kept.outputPrice];
  if (!prices.every((price) => typeof price === "string" && /^\d{1,78}$/.test(price))) return undefined;
  const { inputPrice = "", outputPrice = "" } = kept;
  return {
    ...(kept as KeptEntry),
    inputPrice: neuron(BigInt(inputPrice)),
    outputPrice: neuron(BigInt(outputPrice)),
  };
}

/** Whoever gets a pass there is who was looked at: the address, and the keys that answer for it. Prices are not compared. */
export function isSameServer(one: InferenceService, other: InferenceService): boolean {
  const termsOf = (entry: InferenceService) => [
    ...[entry.url, entry.teeSigner, expectedSigner(entry), entry.providerClass],
  ];
  const now = termsOf(other);
  return termsOf(one).every((term, index) => term === now[index]);
}

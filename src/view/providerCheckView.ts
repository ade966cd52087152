// What was checked about a provider of fine-tuning, as a document: proven, observed or not checked, and never more than that.
import type { CheckStatus } from "../domain/verdict.js";
import type { ProviderCheck } from "../services/fineTuning/providerCheck.js";
import { statusLabel } from "./checkView.js";
import { markdownText } from "./text.js";
import type { Translate } from "./translate.js";

export function providerCheckView(check: ProviderCheck, t: Translate): string {
  const { provider, url, teeSigner, isAcknowledgedByOwner, isAcknowledgedByUser } = check;
  const line = (status: CheckStatus, label: string, text: string) =>
    `- **${statusLabel({ status }, t)}** · ${label}: ${text}`;
  return [
    `# ${t("What is known about this provider")}`,
    "",
    `${provider} · ${markdownText(url, 200)}`,
    "",
    line("proven", t("Signer on the chain"), teeSigner),
    isAcknowledgedByOwner
      ? line("proven", t("Accepted by the network's operator"), t("yes, on the chain"))
      : line("failed", t("Accepted by the network's operator"), t("no; do not use this provider")),
    line(
      "proven",
      t("Accepted by you"),
      isAcknowledgedByUser ? t("yes, on the chain") : t("not yet; your first transfer does it"),
    ),
    quoteLine(check, line, t),
    line(
      "not-checked",
      t("The quote itself"),
      t(
        "this version does not check that the quote was signed by a real enclave, nor which program runs in it",
      ),
    ),
    "",
  ].join("\n");
}

function quoteLine(
  { quote, quotedSigner }: ProviderCheck,
  line: (status: CheckStatus, label: string, text: string) => string,
  t: Translate,
): string {
  const label = t("Signer in the provider's quote");
  if (quotedSigner === undefined) return line(quote, label, t("the provider gave no quote that names one"));
  return quote === "failed"
    ? line(quote, label, t("{0}, which is another one than on the chain", quotedSigner))
    : line(quote, label, t("{0}, the same as on the chain; this is the provider's word", quotedSigner));
}

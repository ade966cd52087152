// One check of a verdict in plain words: what was compared, and what it means.
import type { Check } from "../../domain/verdict.js";
import type { CheckView } from "../../protocol.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

interface CheckContext {
  readonly t: Translate;
  readonly isSandbox: boolean;
  /** A moment as this user reads it; default: by the standard. */
  readonly moment?: (at: number) => string;
}

export function checkView(check: Check, context: CheckContext): CheckView {
  const { t } = context;
  const sides = sideLabels(check, t);
  const side = (label: string, value: string | undefined) =>
    value === undefined ? undefined : { label, value: cleanText(value, 300) };
  return {
    status: check.status,
    statusLabel: statusLabel(check, t),
    label: checkLabel(check, t),
    explanation: explanation(check, context),
    left: side(sides.left, check.left),
    right: side(sides.right, check.right),
    ...(check.id === "enclave" ? { follow: t("Show the chain of custody") } : {}),
  };
}

export function statusLabel({ status }: Pick<Check, "status">, t: Translate): string {
  switch (status) {
    case "proven":
      return t("proven");
    case "observed":
      return t("observed");
    case "not-checked":
      return t("not checked");
    case "failed":
      return t("failed");
  }
}

function checkLabel({ id }: Check, t: Translate): string {
  switch (id) {
    case "signature":
      return t("There is a signature");
    case "signer":
      return t("Made by the provider's key");
    case "owner-acknowledged":
      return t("Key accepted by the network");
    case "user-acknowledged":
      return t("Key accepted by you");
    case "request-hash":
      return t("Covers your question");
    case "response-hash":
      return t("Covers this answer");
    case "routing":
      return t("Names the company that answered");
    case "certificate":
      return t("Certificate of the server named");
    case "enclave":
      return t("Key held by an enclave");
  }
}

function sideLabels({ id }: Check, t: Translate): { left: string; right: string } {
  switch (id) {
    case "request-hash":
      return { left: t("SHA-256 of the bytes sent"), right: t("SHA-256 in the signed text") };
    case "response-hash":
      return { left: t("SHA-256 of the bytes received"), right: t("SHA-256 in the signed text") };
    case "signer":
      return { left: t("Key named on chain"), right: t("Key that signed") };
    case "routing":
      return { left: t("Announced"), right: t("Signed") };
    case "certificate":
      return { left: t("Fingerprint we saw"), right: t("Fingerprint in the signed text") };
    case "signature":
      return { left: t("Answer number"), right: t("Signed text") };
    case "enclave":
      return { left: t("Key in the quote"), right: t("Key that signed") };
    case "owner-acknowledged":
    case "user-acknowledged":
      return { left: t("Expected"), right: t("Found") };
  }
}

function explanation(check: Check, context: CheckContext): string {
  switch (check.status) {
    case "proven":
    case "observed":
      return passed(check, context);
    case "failed":
      return failed(check, context);
    case "not-checked":
      return notChecked(check, context);
  }
}

function passed(check: Check, context: CheckContext): string {
  const { id, why } = check;
  const { t, isSandbox } = context;
  const when = momentOf(check, context);
  switch (id) {
    case "signature":
      return t("The provider gave out a signature for this answer.");
    case "signer":
      return isSandbox
        ? t(
            "The key recovered from the signature is the one the sandbox's chain names. It is an ordinary key, not an enclave's.",
          )
        : t("The key recovered from the signature is the one the chain names for this provider.");
    case "owner-acknowledged":
      return t("The network's operator accepts this key; so says the node we asked.");
    case "user-acknowledged":
      return t("You accept this key; so says the node we asked.");
    case "request-hash":
      return why === "rewritten"
        ? t(
            "The signed text holds the hash of your question as the provider writes it anew: other bytes that say the same.",
          )
        : t("The signed text holds the hash of exactly the bytes we sent.");
    case "response-hash":
      if (why === "pictures")
        return t("The signed text holds the hashes of exactly the pictures in this answer.");
      return why === "rewritten"
        ? t(
            "The signed text holds the hash of this answer as the provider wrote it anew: other bytes that say the same.",
          )
        : t("The signed text holds the hash of exactly the bytes we received.");
    case "routing":
      return t("The signed text names the company that the provider announces on chain.");
    case "certificate":
      return when === undefined
        ? t(
            "The server that the provider names for that company shows the certificate that the signed text names. That it is the company's is the provider's word.",
          )
        : t(
            "The server that the provider names for that company showed the certificate that the signed text names when it was asked, {0}. That it is the company's is the provider's word.",
            when,
          );
    case "enclave":
      if (why === "noSignature")
        return t(
          "This provider's enclave was verified {0}, but no signature ties this answer to it.",
          when ?? "",
        );
      return when === undefined
        ? t("A hardware quote ties this key to an enclave.")
        : t("A hardware quote that was verified {0} ties this key to an enclave.", when);
  }
}

/** Undefined: found with the answer. */
function momentOf({ at }: Check, { moment }: CheckContext): string | undefined {
  if (at === undefined) return undefined;
  return moment ? moment(at) : new Date(at).toISOString();
}

function failed(check: Check, context: CheckContext): string {
  const { id, why } = check;
  const { t } = context;
  switch (id) {
    case "signature":
      return why === "unreadable"
        ? t("What the provider gave out as a signature cannot be read.")
        : t("The provider gave out no signature for this answer.");
    case "signer":
      return why === "signerRotated"
        ? t("The provider changed its key around this answer, so the chain does not name one key for it.")
        : t("The signature was made by another key than the one the chain names.");
    case "owner-acknowledged":
      return t("On chain, the network's operator does not accept this key.");
    case "user-acknowledged":
      return t("On chain, you have not accepted this key.");
    case "request-hash":
      return t(
        "The signed text holds the hash of other bytes than those we sent: the provider changed the request, or signed for another one.",
      );
    case "response-hash":
      return t("The signed text holds the hash of other bytes than those we received.");
    case "routing":
      return why === "noRoutingProof"
        ? t("The signed text does not say which company answered.")
        : t("The signed text does not name the company that the provider announces on chain.");
    case "certificate":
      return t(
        "The server that the provider names for that company shows another certificate than the signed text names.",
      );
    case "enclave":
      if (why === "changed")
        return t(
          "The enclave that was looked at {0} is not the one you verified, and you have not accepted it.",
          momentOf(check, context) ?? "",
        );
      return why === "verification"
        ? t(
            "The provider's reports did not pass when they were verified, {0}.",
            momentOf(check, context) ?? "",
          )
        : t("The quote does not tie this key to an enclave.");
  }
}

function notChecked(check: Check, context: CheckContext): string {
  const { id, why } = check;
  const { t } = context;
  switch (why) {
    case "sandbox":
      return t("There is no enclave in the sandbox.");
    case "stopped":
      return t("You stopped the answer; a signature covers only the whole of it.");
    case "cut":
      return t("The answer broke off; a signature covers only the whole of it.");
    case "notFound":
      return t("The provider has no signature for this answer.");
    case "noChatId":
      return t("The provider gave this answer no number to ask by.");
    case "unreachable":
      return id === "user-acknowledged"
        ? t("The chain did not answer.")
        : t("The provider could not be reached.");
    case "unreadable":
      return t("What the provider gave out as a signature cannot be read.");
    case "unknownForm":
      return t("The signed text has no known form, so there is nothing in it to compare with.");
    case "picturesElsewhere":
      return t("The signed hashes may be of pictures that are not in the bytes we received.");
    case "standardProvider":
      return t("This kind of provider never signs.");
  }
  if (id === "enclave") return noEnclave(check, context);
  if (id === "certificate") return noCertificate(check, context);
  return t("Nothing to compare with, because an earlier check did not pass.");
}

function noEnclave(check: Check, context: CheckContext): string {
  const { t, isSandbox } = context;
  const when = momentOf(check, context) ?? "";
  if (isSandbox) return t("There is no enclave in the sandbox.");
  switch (check.why) {
    case "notVerified":
      return t("This provider's enclave has not been verified from here yet: the chain's word was taken.");
    case "unproven":
      return t("When the provider's reports were verified, {0}, they proved no enclave.", when);
    case "otherKey":
      return t(
        "The enclave that was verified {0} holds another key than the one that signed this answer.",
        when,
      );
    default:
      return t("Whether this key is held by an enclave was not checked here: the chain's word was taken.");
  }
}

function noCertificate(check: Check, context: CheckContext): string {
  const { t } = context;
  const when = momentOf(check, context) ?? "";
  switch (check.why) {
    case "noRoutingProof":
      return t("The signed text names no certificate.");
    case "otherCertificate":
      return t(
        "When it was asked, {0}, the server that the provider names for that company showed another certificate. Companies have several, so this proves nothing.",
        when,
      );
    default:
      return t("The server that the provider names for that company was not asked for its certificate.");
  }
}

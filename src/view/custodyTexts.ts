// What each step of a chain of custody is called, and what its two values are. What it found, in a sentence: view/proofText.ts.
import type { CustodyStep, CustodyStepId } from "../domain/attestation.js";
import type { CustodyTexts } from "./proofLinks.js";
import type { Translate } from "./translate.js";

export const custodyTexts: CustodyTexts = (step, { t }) => ({
  label: stepLabel(step.id, t),
  explanation: "",
  ...sideLabels(step, t),
});

export function stepLabel(id: CustodyStepId, t: Translate): string {
  switch (id) {
    case "report":
      return t("The report");
    case "structure":
      return t("Form of the quote");
    case "root":
      return t("Root of the certificates");
    case "chain":
      return t("Chain of certificates");
    case "qe-report":
      return t("Report of the quoting enclave");
    case "qe-identity":
      return t("Identity of the quoting enclave");
    case "qe-binding":
      return t("Key that signs quotes");
    case "quote-signature":
      return t("Signature of the quote");
    case "tdx-module":
      return t("Module that keeps enclaves apart");
    case "debug":
      return t("Closed to debuggers");
    case "tcb-level":
      return t("Patches and revocation");
    case "report-data":
      return t("What the quote binds");
    case "signer":
      return t("Provider's key");
    case "llm-signer":
      return t("Model's key");
    case "nonce":
      return t("Made for this question");
    case "rtmr-replay":
      return t("Event log");
    case "event-digests":
      return t("Digests of the events");
    case "compose-hash":
      return t("Files that were started");
    case "tcb-info":
      return t("Summary of the report");
    case "image-digests":
      return t("Images by digest");
    case "images":
      return t("Announced image");
    case "os-image":
      return t("Operating system");
    case "gpu":
      return t("Graphics processor");
    case "unbound":
      return t("Parts nobody vouches for");
    case "owner-acknowledged":
      return t("Key accepted by the network");
    case "pinned":
      return t("As when first verified");
    case "routing":
      return t("Proof of who was asked");
    case "identity":
      return t("Company that answered");
    case "certificate":
      return t("That company's certificate");
  }
}

function sideLabels({ id, left }: CustodyStep, t: Translate): { left: string; right: string } {
  switch (id) {
    case "root":
      return { left: t("Key in this extension"), right: t("Key of the root certificate") };
    case "qe-binding":
      return { left: t("SHA-256 of the signing key"), right: t("Named by the quoting enclave") };
    case "report-data":
      return { left: t("In the quote"), right: t("Beside the quote") };
    case "signer":
    case "llm-signer":
      return { left: t("Key named on chain"), right: t("Key bound by the quote") };
    case "nonce":
      return { left: t("Sent with the question"), right: t("In the report") };
    case "rtmr-replay":
      return { left: t("Registers in the quote"), right: t("Replayed from the log") };
    case "event-digests":
      return { left: t("Digest of the event"), right: left === undefined ? t("Events") : t("In the log") };
    case "compose-hash":
      return { left: t("SHA-256 of the files"), right: t("In the event log") };
    case "images":
      return { left: t("Announced"), right: t("Started") };
    case "pinned":
      return { left: t("First verified"), right: t("Now") };
    case "identity":
      return { left: t("Announced"), right: t("Signed") };
    case "certificate":
      return { left: t("Fingerprint in the signed text"), right: t("Fingerprint we saw") };
    case "structure":
      return { left: t("Expected"), right: t("Bytes") };
    case "chain":
      return { left: t("Expected"), right: t("Certificates") };
    case "debug":
      return { left: t("Expected"), right: t("Attributes") };
    case "image-digests":
      return { left: t("Expected"), right: t("Images") };
    default:
      return { left: t("Expected"), right: t("Found") };
  }
}

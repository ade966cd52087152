// The chain of custody in plain words: one sentence for each step and what became of it. Never claims more than was compared.
import type { CustodyStep, RootOrganisation } from "../../domain/attestation.js";
import { reasonSentence } from "./proofReasons.js";
import type { Translate } from "../translate.js";

export interface ProofContext {
  readonly t: Translate;
  /** Whose root the report of the step ends at; "unknown" for steps of the service. */
  readonly root: RootOrganisation;
}

export function stepLabel({ id }: Pick<CustodyStep, "id">, t: Translate): string {
  switch (id) {
    case "report":
      return t("The report");
    case "structure":
      return t("Form of the quote");
    case "root":
      return t("Root certificate");
    case "chain":
      return t("Certificates");
    case "qe-report":
      return t("Report of the quoting enclave");
    case "qe-identity":
      return t("Maker of the quoting enclave");
    case "qe-binding":
      return t("Key that signs quotes");
    case "quote-signature":
      return t("Signature of the quote");
    case "tdx-module":
      return t("Module that keeps enclaves apart");
    case "debug":
      return t("Closed to inspection");
    case "tcb-level":
      return t("Updates and revocation");
    case "report-data":
      return t("What the quote binds");
    case "signer":
      return t("Provider's key");
    case "llm-signer":
      return t("Model's key");
    case "nonce":
      return t("Freshness");
    case "rtmr-replay":
      return t("Start log");
    case "event-digests":
      return t("Entries of the log");
    case "compose-hash":
      return t("Programs that were started");
    case "tcb-info":
      return t("Summary of the measures");
    case "image-digests":
      return t("Container images");
    case "images":
      return t("Announced image");
    case "os-image":
      return t("Operating system");
    case "gpu":
      return t("Graphics cards");
    case "unbound":
      return t("Other parts of the report");
    case "owner-acknowledged":
      return t("Key accepted by the network");
    case "pinned":
      return t("Same as last time");
    case "routing":
      return t("Proof of relaying");
    case "identity":
      return t("Company named");
    case "certificate":
      return t("Certificate of the server named");
  }
}

/** What the two values of a step are called. */
export function stepSides({ id }: Pick<CustodyStep, "id">, t: Translate): { left: string; right: string } {
  switch (id) {
    case "signer":
    case "llm-signer":
      return { left: t("Key named on chain"), right: t("Key in the report") };
    case "rtmr-replay":
      return { left: t("Measures in the quote"), right: t("Measures the log adds up to") };
    case "compose-hash":
      return { left: t("SHA-256 of the compose file"), right: t("SHA-256 in the log") };
    case "report-data":
      return { left: t("In the quote"), right: t("Beside the quote") };
    case "images":
      return { left: t("Announced"), right: t("In the compose file") };
    case "identity":
      return { left: t("Announced"), right: t("Signed") };
    case "certificate":
      return { left: t("Fingerprint in the signed text"), right: t("Fingerprint we saw") };
    case "nonce":
      return { left: t("Sent"), right: t("Returned") };
    case "tcb-level":
      return { left: t("Server asked; fetched, and good until"), right: t("State of the machine") };
    default:
      return { left: t("Expected"), right: t("Found") };
  }
}

/** Why it failed, was not checked, or is only observed; else what was proven. */
export function stepSentence(step: CustodyStep, context: ProofContext): string {
  const { t } = context;
  if (step.why !== undefined) return reasonSentence(step.id, step.why, t);
  if (step.status === "failed") return reasonSentence(step.id, "different", t);
  if (step.status === "not-checked") return t("This was not checked.");
  return heldSentence(step, context);
}

function heldSentence({ id }: CustodyStep, { t, root }: ProofContext): string {
  switch (id) {
    case "report":
      return t("The report was read.");
    case "structure":
      return t("The quote is a TDX quote of version 4, with nothing left over.");
    case "root":
      return root === "intel"
        ? t("The certificates end at Intel's root key, which is built into this extension.")
        : t("The certificates end at the root key that was expected.");
    case "chain":
      return t("Each certificate was issued by the next, and all are valid today.");
    case "qe-report":
      return t("The processor's certified key signed the report of the enclave that makes quotes.");
    case "qe-identity":
      return root === "intel"
        ? t("The enclave that makes quotes is Intel's own.")
        : t("The enclave that makes quotes is the one that was expected.");
    case "qe-binding":
      return t("That report names the key which signed this quote.");
    case "quote-signature":
      return t("The quote was signed by that key and not changed since.");
    case "tdx-module":
      return t("The module that keeps enclaves apart is the one of the processor's maker.");
    case "debug":
      return t("The enclave runs in production mode: its memory is closed even to whoever owns the machine.");
    case "tcb-level":
      return t("The machine's certificate is not revoked, and its known holes are closed.");
    case "report-data":
      return t("What stands beside the quote is what the quote binds.");
    case "signer":
      return t("The quote binds the key that the chain names for this provider.");
    case "llm-signer":
      return t("The quote of the model's enclave binds the key that the chain names for its answers.");
    case "nonce":
      return t("The report was made for this question: the enclave runs now.");
    case "rtmr-replay":
      return t("The log of what was started adds up to the measures in the quote.");
    case "event-digests":
      return t("Each entry of the log says what its hash says.");
    case "compose-hash":
      return t(
        "The compose file has the hash that the enclave's system measured before it started anything. That this system is a genuine one is a step of its own.",
      );
    case "tcb-info":
      return t("The summary beside the quote says what the quote says.");
    case "image-digests":
      return t(
        "Every container image in the compose file is named by its content, so that nobody can exchange it. That the system starts these and no others rests on the operating system.",
      );
    case "images":
      return t(
        "The image that the provider announces on chain is among those of the compose file, which says with which command. That the system starts it rests on the operating system.",
      );
    case "os-image":
      return t("The operating system is the published one.");
    case "gpu":
      return t("The graphics cards are genuine.");
    case "unbound":
      return t(
        "Nothing vouches for these parts: they are the provider's word, and nothing here relies on them.",
      );
    case "owner-acknowledged":
      return t("The network's operator accepts this key; so says the node we asked.");
    case "pinned":
      return t("Key, programs and measures are those of the first time.");
    case "routing":
      return t("The provider's key signed for this answer which company it says it asked.");
    case "identity":
      return t("The signed text names the company that the provider announces on chain.");
    case "certificate":
      return t(
        "The server that the provider names for that company shows us the certificate that the signed text names. That it is the company's is the provider's word.",
      );
  }
}

// What a file is and proves, in plain words. Never claims more than was compared.
import { custodyWord } from "../../domain/attestation.js";
import { fileWord, type FileProof, type FileStep, type UnknownFile } from "../../domain/fileProof.js";
import { receiptSentence } from "./receiptReport.js";
import { leftOpen } from "./proofSummary.js";
import type { Translate } from "../translate.js";

/** The one sentence for a reader in a hurry. */
export function fileSentence(
  proof: Exclude<FileProof, { kind: "unknown" }>,
  isSandbox: boolean,
  t: Translate,
): string {
  switch (proof.kind) {
    case "receipt":
      return receiptSentence(proof.recheck, t);
    case "report":
    case "quote":
      return reportSentence(proof, t);
    case "model": {
      const told = modelSentence(proof, t);
      return isSandbox
        ? t("{0} In the sandbox this proves possession of a key, not an enclave.", told)
        : told;
    }
  }
}

function reportSentence({ report }: Extract<FileProof, { kind: "report" | "quote" }>, t: Translate): string {
  const word = custodyWord(report.steps);
  if (word === "failed") return t("Something in this report does not hold. Do not rely on it.");
  if (report.root === "sandbox")
    return t(
      "This is the sandbox: its reports are complete in form and prove nothing, because there is no enclave.",
    );
  const open = leftOpen([report], t);
  if (word === "proven")
    return t("An enclave under Intel's root key holds the key that the chain names. Not proven: {0}.", open);
  const withoutKey = report.steps.filter(({ why }) => why !== "offline");
  return custodyWord(withoutKey) === "proven"
    ? t(
        "An enclave under Intel's root key made this. Whose key it holds was not compared with the chain. Not proven: {0}.",
        open,
      )
    : t("Not everything that must be proven about this report could be proven.");
}

function modelSentence(proof: Extract<FileProof, { kind: "model" }>, t: Translate): string {
  const { steps, task = "" } = proof.model;
  const failed = steps.find(({ status }) => status === "failed");
  if (failed?.id === "model-hash")
    return t("This is not the file that was delivered for the task it is kept for. Do not rely on it.");
  if (failed)
    return t("This is no encrypted model that a provider's key has signed as it is. Do not rely on it.");
  if (fileWord(proof) === "proven")
    return t(
      "The provider's key signed this encrypted model, and it is the file that the chain names for your task {0}.",
      task,
    );
  const isSigned = steps.some(({ id, status }) => id === "model-signer" && status === "proven");
  return isSigned
    ? t("A provider's key signed this encrypted model. Whether it is the one of your task was not compared.")
    : t(
        "It has the form of an encrypted model. Whose it is, and whether it is whole, cannot be told from the file alone.",
      );
}

/** What it is not, and what can be verified. */
export function unknownFileText(why: UnknownFile, t: Translate): string {
  if (why === "unasked")
    return t("This is a large JSON file, which may take seconds to read. It is checked when you ask.");
  return `${whatItIs(why, t)} ${t("Files that can be verified: receipts, attestation reports, quotes and encrypted models.")}`;
}

function whatItIs(why: Exclude<UnknownFile, "unasked">, t: Translate): string {
  switch (why) {
    case "folder":
      return t("This is a folder.");
    case "special":
      return t("This is a device or a pipe and no file.");
    case "unreadable":
      return t("This file is not there, or cannot be read.");
    case "empty":
      return t("This file is empty.");
    case "tooLarge":
      return t("This JSON file is larger than any receipt or report.");
    case "json":
      return t("This JSON file is neither a receipt nor an attestation report.");
    case "text":
      return t("This is a text, and neither a receipt nor a report.");
    case "zip":
      return t("This is a zip, and no encrypted model; a model that was decrypted is one.");
    case "binary":
      return t("This is neither a quote nor an encrypted model.");
    case "notOnDisk":
      return t("This looks like an encrypted model, which must be on this machine: save a copy here first.");
  }
}

export function fileStepLabel({ id }: FileStep, t: Translate): string {
  switch (id) {
    case "model-layout":
      return t("Length of the file");
    case "model-signer":
      return t("Signature over all parts");
    case "model-hash":
      return t("The delivered file");
    case "model-contents":
      return t("What is inside");
    case "on-chain":
      return t("Key named on chain");
  }
}

export function fileStepSides({ id, why }: FileStep, t: Translate): { left: string; right: string } {
  if (why === "noTask") return { left: t("Merkle root"), right: t("Keccak-256") };
  if (why === "otherKey") return { left: t("Key named on chain"), right: t("Key in the file") };
  switch (id) {
    case "model-signer":
      return { left: t("Provider's key"), right: t("Key that signed") };
    case "model-hash":
      return { left: t("Hash named on chain"), right: t("Hash of this file") };
    case "on-chain":
      return { left: t("Provider"), right: t("Key in the file") };
    default:
      return { left: t("Expected"), right: t("Found") };
  }
}

export function fileStepSentence({ id, status, why }: FileStep, t: Translate): string {
  if (status === "failed") return failedSentence(id, why, t);
  switch (why) {
    case "noTask":
      return t(
        "No task that is known here names this file. Compare one of these with the hash that the chain names for the task.",
      );
    case "noKey":
      return t(
        "Nobody said here whose key it should be, and some key can be read from almost any signature.",
      );
    case "sealed":
      return t(
        "Without the model's key nobody can see whether the contents belong to what was signed; the hash of the delivered file would tell it too.",
      );
    case "notNamed":
      return t("No provider names this key now: the file may be of another network or of another time.");
    case "otherKey":
      return t("The provider names another key now. It may have changed it since, so this proves nothing.");
    case "otherNetwork":
      return t("This is a receipt of another network than the one you are on.");
    default:
      return heldSentence(id, t);
  }
}

function failedSentence(id: FileStep["id"], why: FileStep["why"], t: Translate): string {
  if (why === "noSignature") return t("Nobody signed these as the check values of a model.");
  if (id === "model-layout")
    return t("No encrypted model has this length: something is missing or too much.");
  return id === "model-signer"
    ? t("It was signed by another key than the provider's.")
    : t("The file has other hashes than the one that the chain names.");
}

function heldSentence(id: FileStep["id"], t: Translate): string {
  switch (id) {
    case "model-layout":
      return t("It is a length that an encrypted model can have.");
    case "model-signer":
      return t("The provider's key signed the check values of all parts, in this order and number.");
    case "model-hash":
      return t("This is, byte for byte, the file that the chain names for your task.");
    case "model-contents":
      return t("The contents are those that were delivered: so says the hash.");
    case "on-chain":
      return t("This provider names the key now; so says the node we asked.");
  }
}

// The verification page of a file: what it is, one honest word, and every check that applies to it.
import type { KeptError } from "../../domain/chat.js";
import { fileWord, type FileProof, type UnknownFile } from "../../domain/fileProof.js";
import type { Network } from "../../domain/networks.js";
import { receiptSuffix } from "../../domain/receipt.js";
import type { FileRef, ProofFactView, ProofPanelState } from "../../protocol/proof.js";
import { fileLinks } from "./fileProofLinks.js";
import { fileSentence, unknownFileText } from "./fileProofText.js";
import type { ProofLink } from "./proofLinks.js";
import { pageParts, proofStrings } from "./proofPage.js";
import type { ProofTelling } from "./proofView.js";
import { receiptFacts } from "./receiptReport.js";
import { cleanText } from "../text.js";
import type { Translate } from "../translate.js";

export interface FileProofFacts {
  /** Absent: it cannot be read again after a reload. */
  readonly shown?: FileRef;
  readonly name: string;
  /** The chosen one. */
  readonly network: Network | undefined;
  readonly isBusy: boolean;
  /** Of the file that was read, from 0 to 1. */
  readonly fraction?: number;
  readonly proof?: FileProof;
  /** Milliseconds since 1970. */
  readonly checkedAt?: number;
  readonly error?: KeptError;
}

export function fileProofState(facts: FileProofFacts, telling: ProofTelling): ProofPanelState {
  const { shown, proof, isBusy, error } = facts;
  const { t } = telling;
  const isSandbox = isOfSandbox(facts);
  const word = proof && fileWord(proof);
  const told =
    proof && proof.kind !== "unknown" && word !== undefined
      ? { word, sentence: fileSentence(proof, isSandbox, t) }
      : undefined;
  const problem = proof?.kind === "unknown" ? problemOf(proof.why, facts.name, t) : undefined;
  return {
    ...(problem ? { problem } : {}),
    ...pageParts({ told, links: fileLinksOf(facts, telling), error }, { t, isSandbox }),
    ...(shown ? { shown } : {}),
    ...(isSandbox ? { network: t("Sandbox") } : {}),
    ...{ isSandbox, isBusy },
    title: t("Verification of a file"),
    subject: facts.name,
    status: statusText(facts, telling),
    facts: proof ? factsOf(proof, telling) : [],
    ...(mayAskChain(proof) ? { canAskChain: true } : {}),
    strings: proofStrings(t("What was checked"), t),
  };
}

/** One that was only not read yet has nothing wrong with it. */
function problemOf(why: UnknownFile, name: string, t: Translate): NonNullable<ProofPanelState["problem"]> {
  const text = problemText(why, name, t);
  return why === "unasked" ? { text, action: t("Check this file"), isNotice: true } : { text };
}

/** What is named like a receipt was one, or should be. */
function problemText(why: UnknownFile, name: string, t: Translate): string {
  const told = unknownFileText(why, t);
  const isThere = why === "empty" || why === "json" || why === "text" || why === "binary" || why === "zip";
  return isThere && name.endsWith(receiptSuffix)
    ? t(
        "By its name this is a receipt, and it cannot be read as one: it is damaged, or no receipt at all. {0}",
        told,
      )
    : told;
}

/** With whole values. */
export function fileLinksOf(facts: FileProofFacts, { t }: ProofTelling): readonly ProofLink[] {
  const { proof, name } = facts;
  return proof ? fileLinks(proof, { t, name: cleanText(name), isSandbox: isOfSandbox(facts) }) : [];
}

/** By what the file says of itself; of a model, by where its key or its task was found. */
function isOfSandbox({ proof, network }: FileProofFacts): boolean {
  switch (proof?.kind) {
    case "receipt":
      return proof.recheck.receipt?.network.id === "sandbox";
    case "report":
    case "quote":
      return proof.report.root === "sandbox";
    case "model":
      return (
        network?.isSandbox === true &&
        (proof.model.task !== undefined || proof.onChain?.status === "observed")
      );
    default:
      return false;
  }
}

/** Where there is a key to ask about. */
function mayAskChain(proof: FileProof | undefined): boolean {
  switch (proof?.kind) {
    case "receipt":
      return proof.recheck.receipt !== undefined;
    case "report":
    case "quote":
      return proof.report.measures.signer !== undefined;
    case "model":
      return proof.model.signer !== undefined;
    default:
      return false;
  }
}

function statusText(
  { isBusy, fraction, checkedAt, proof }: FileProofFacts,
  { t, moment }: ProofTelling,
): string {
  if (isBusy)
    return fraction === undefined
      ? t("Reading the file…")
      : t("Reading the file: {0} %", Math.floor(fraction * 100));
  const isUnasked = proof?.kind === "unknown" && proof.why === "unasked";
  if (checkedAt === undefined || isUnasked) return t("Not checked yet.");
  return proof?.onChain
    ? t("Checked on this machine and against the chain, {0}", moment(checkedAt))
    : t("Checked on this machine, without asking anyone, {0}", moment(checkedAt));
}

function factsOf(proof: FileProof, { t, moment }: ProofTelling): readonly ProofFactView[] {
  const kind = (value: string) => ({ label: t("File"), value });
  const size = { label: t("Size"), value: t("{0} bytes", proof.size) };
  switch (proof.kind) {
    case "receipt": {
      const { receipt, shown } = proof.recheck;
      const own = receipt ? receiptFacts(receipt, shown, t, moment) : [];
      return [kind(t("Receipt")), ...own, size].map(cleaned);
    }
    case "report":
    case "quote":
      return [
        kind(proof.kind === "quote" ? t("Quote of an enclave") : reportText(proof.report.kind, t)),
        size,
        ...(proof.report.reportDigest ? [{ label: "SHA-256", value: proof.report.reportDigest }] : []),
      ];
    case "model": {
      const { chunks, task } = proof.model;
      return [
        kind(t("Encrypted model")),
        size,
        ...(chunks === undefined
          ? []
          : [{ label: t("Parts"), value: t("{0}, of up to 64 MiB each", chunks) }]),
        ...(task ? [{ label: t("Task"), value: task }] : []),
      ];
    }
    case "unknown":
      return [];
  }
}

function reportText(kind: "broker" | "llm" | "combined", t: Translate): string {
  return kind === "llm" ? t("Attestation report of a model") : t("Attestation report of a provider");
}

function cleaned({ label, value }: ProofFactView): ProofFactView {
  return { label, value: cleanText(value, 120) };
}

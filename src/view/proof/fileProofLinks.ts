// The line of checks of a file, as that of a provider: stations and steps, with whole values.
import { fileWord, type FileProof, type FileStep } from "../../domain/fileProof.js";
import type { ReceiptCheck } from "../../domain/receipt.js";
import { fileStepLabel, fileStepSentence, fileStepSides } from "./fileProofText.js";
import {
  checkStep,
  custodyStatus,
  custodyStep,
  rootStation,
  station,
  type LinksContext,
  type ProofLink,
  type ProofStep,
} from "./proofLinks.js";
import { receiptCheckView } from "./receiptChecks.js";

export interface FileLinksOptions extends LinksContext {
  /** Of the file. */
  readonly name: string;
}

export function fileLinks(proof: FileProof, options: FileLinksOptions): readonly ProofLink[] {
  const { t, name } = options;
  if (fileWord(proof) === undefined) return [];
  const { onChain } = proof;
  return [
    ...ownLinks(proof, options),
    ...(onChain
      ? [
          station("service", t("The chain now"), t("What the contracts of the chosen network say.")),
          fileStep(onChain, options),
        ]
      : []),
    station("end", t("This file"), name),
  ];
}

function ownLinks(proof: FileProof, options: FileLinksOptions): readonly ProofLink[] {
  const { t } = options;
  switch (proof.kind) {
    case "receipt":
      return receiptLinks(proof.recheck.checks, options);
    case "report":
    case "quote": {
      const { report } = proof;
      return [
        ...rootStation([report], options),
        ...report.steps.map((step) => custodyStep(step, report.root, options)),
      ];
    }
    case "model":
      return [
        station("file", t("The encrypted file"), t("Read from end to end on this machine, without its key.")),
        ...proof.model.steps.map((step) => fileStep(step, options)),
      ];
    case "unknown":
      return [];
  }
}

const ofDocument: readonly ReceiptCheck["id"][] = [
  ...(["form", "digest", "about", "request-bytes", "response-bytes", "verdict"] as const),
];
/** Nothing in a file can prove what somebody else said. */
const ofThen: readonly ReceiptCheck["id"][] = ["chain", "owner-acknowledged", "user-acknowledged", "enclave"];

function receiptLinks(checks: readonly ReceiptCheck[], options: FileLinksOptions): readonly ProofLink[] {
  const { t, isSandbox } = options;
  const part = (title: ProofLink, isOfIt: (id: ReceiptCheck["id"]) => boolean): readonly ProofLink[] => {
    const own = checks.filter(({ id }) => isOfIt(id));
    const steps = own.map((check) => checkStep(check, receiptCheckView(check, t, isSandbox), options));
    return steps.length > 0 ? [title, ...steps] : [];
  };
  return [
    ...part(station("file", t("The receipt"), t("Compared with itself.")), (id) => ofDocument.includes(id)),
    ...part(
      station("answer", t("The signature"), t("What ties it to one key.")),
      (id) => !ofDocument.includes(id) && !ofThen.includes(id),
    ),
    ...part(station("service", t("The chain then"), t("What others said when the receipt was made.")), (id) =>
      ofThen.includes(id),
    ),
  ];
}

function fileStep(step: FileStep, context: LinksContext): ProofStep {
  const { t } = context;
  const { status, left, right } = step;
  const sides = fileStepSides(step, t);
  return {
    ...{ kind: "step", status, label: fileStepLabel(step, t) },
    explanation: fileStepSentence(step, t),
    statusLabel: custodyStatus(status, context),
    ...(left === undefined ? {} : { left: { label: sides.left, value: left } }),
    ...(right === undefined
      ? {}
      : { right: { label: sides.right, value: step.id === "model-layout" ? t("{0} bytes", right) : right } }),
  };
}

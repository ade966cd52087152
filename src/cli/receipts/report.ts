// A check of a receipt for a terminal or a log: one line for the file, one for each check. English, as all output of programs here.
import { networks } from "../../domain/networks.js";
import {
  receiptWord,
  type Receipt,
  type ReceiptCheck,
  type ReceiptCheckId,
  type Recheck,
} from "../../domain/receipt.js";
import type { ProofWord } from "../../domain/verdict.js";

const words: Readonly<Record<ProofWord, string>> = {
  proven: "PROVEN",
  notProven: "NOT PROVEN",
  failed: "FAILED",
};

const labels: Readonly<Record<ReceiptCheckId, string>> = {
  form: "it is a receipt in its one form",
  digest: "it is as it was written (tells damage, not forgery)",
  about: "what it says of itself is what its bytes say, as far as they do",
  "request-bytes": "the request's bytes are those of its hash",
  "response-bytes": "the response's bytes are those of its hash",
  signature: "there is a signature",
  signer: "made by the key that the receipt says the chain named",
  "owner-acknowledged": "the network's operator accepted that key then",
  "user-acknowledged": "the user accepted that key then",
  "request-hash": "the signed text covers the request",
  "response-hash": "the signed text covers the response",
  routing: "the signed text names the company that answered",
  certificate: "that company's certificate",
  enclave: "the key is held by an enclave",
  chain: "what the chain said then; only the chain can prove it",
  verdict: "the same is found now as then",
  "model-root": "the encrypted model has this hash; only the file can prove it",
  "model-layout": "a file of that size has that many chunks",
  "model-file": "the key signed the check values of an encrypted model",
  "known-signer": "signed by the key you named",
};

export function reportLines(file: string, result: Recheck | string): string[] {
  if (typeof result === "string") return [`UNREADABLE ${printable(file)}: ${printable(result)}`];
  const { word, receipt } = result;
  const about = receipt ? aboutLine(receipt, result) : unreadLine(result);
  return [`${words[word]} ${printable(file)}: ${printable(about)}`, ...result.checks.map(checkLine)];
}

function unreadLine({ checks }: Recheck): string {
  const later = checks.find(({ why }) => why === "laterSchema");
  return later
    ? `a receipt of the form ${later.right ?? ""}; a newer version of this script can check it`
    : "no receipt";
}

/** First what was found, then what nothing in the file can prove. */
function aboutLine(receipt: Receipt, result: Recheck): string {
  const isModel = receipt.kind === "model";
  const { id, chainId } = receipt.network;
  const network = id === "custom" ? "a custom network" : networks[id].name;
  const provider = isModel ? receipt.provider : receipt.service.provider;
  const kind = isModel
    ? `the model ${receipt.modelRootHash} of task ${receipt.task} `
    : isKindFound(result)
      ? ""
      : `${kinds[receipt.kind]} `;
  return `${foundWords(receipt, result)}; says it is ${kind}by ${provider} on ${network} (chain ${chainId}), ${receipt.madeAt}`;
}

/** Of one that failed, what did: whose it says it is, and what was found then, is found no more. */
function foundWords(receipt: Receipt, result: Recheck): string {
  const { word, checks } = result;
  if (word === "failed") {
    const failed = checks.filter(({ status }) => status === "failed").map(({ id }) => id);
    return `${[...new Set(failed)].join(", ")} failed`;
  }
  const isModel = receipt.kind === "model";
  const signer = isModel ? receipt.file.signer : receipt.signed?.signer;
  const what = isModel ? modelWords(checks) : isKindFound(result) ? receipt.kind : undefined;
  const found = [what, signer === undefined ? undefined : `signed by ${signer}`];
  const why = Object.values(levelOf(result)).join(", ");
  const told = found.filter((one) => one !== undefined).join(", ");
  return [told, why === "" ? "" : `(${why})`].filter((one) => one !== "").join(" ");
}

function isKindFound({ word, shown }: Recheck): boolean {
  return word !== "failed" && shown?.includes("kind") === true;
}

const kinds = { answer: "an answer", image: "an image", transcript: "a transcript" } as const;

/** What the signature alone would be worth is nothing in a receipt that failed for another reason. */
export function levelOf({ word, level, reason }: Recheck): Pick<Recheck, "level" | "reason"> {
  const isOther = word === "failed" && (level === undefined || receiptWord(level) !== "failed");
  return isOther
    ? {}
    : { ...(level === undefined ? {} : { level }), ...(reason === undefined ? {} : { reason }) };
}

/** A hash is no part of what was signed. */
function modelWords(checks: Recheck["checks"]): string {
  const isAtHand = checks.some(({ id, status }) => id === "model-root" && status === "proven");
  return isAtHand ? "model, the file compared" : "check values of a model, the file not compared";
}

function checkLine({ id, status, left, right, why }: ReceiptCheck): string {
  const sides = [left, right]
    .filter((side) => side !== undefined)
    .map((side) => side.slice(0, 200).replaceAll("\n", " "));
  const values = sides[0] !== undefined && sides[0] === sides[1] ? [sides[0]] : sides;
  const rest = [why === undefined ? "" : `[${why}]`, values.join(" / ")].filter((part) => part !== "");
  return printable(`  ${status.padEnd(11)} ${id}: ${[labels[id], ...rest].join(" ")}`);
}

/** What strangers wrote must not move the cursor or colour a line. */
function printable(text: string): string {
  return text.replace(hidden, "\ufffd");
}

/** What the JSON of a program may hold, and a terminal must not be given. */
export function printableJson(value: unknown): string {
  const lines = JSON.stringify(value, undefined, 2).split("\n");
  return lines.map((line) => line.replace(hidden, escaped)).join("\n");
}

const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

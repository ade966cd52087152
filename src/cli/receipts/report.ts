// A check of a receipt for a terminal or a log: one line for the file, one for each check. English, as all output of programs here.
import type { Receipt, ReceiptCheck, ReceiptCheckId, Recheck } from "../../domain/receipt.js";
import type { ProofWord } from "../../domain/verdict.js";

const words: Readonly<Record<ProofWord, string>> = {
  proven: "PROVEN",
  notProven: "NOT PROVEN",
  failed: "FAILED",
};

const labels: Readonly<Record<ReceiptCheckId, string>> = {
  form: "it is a receipt in its one form",
  digest: "it is as it was written (tells damage, not forgery)",
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
  "model-root": "the encrypted model had the hash that the chain named; only the file can prove it again",
  "model-layout": "a file of that size has that many chunks",
  "model-file": "the enclave's key signed the encrypted model",
  "known-signer": "signed by the key you named",
};

export function reportLines(file: string, result: Recheck | string): string[] {
  if (typeof result === "string") return [`UNREADABLE ${printable(file)}: ${printable(result)}`];
  const { word, receipt, level, reason } = result;
  const why = [level, reason].filter((one) => one !== undefined).join(", ");
  const about = receipt ? aboutLine(receipt) : unreadLine(result);
  const signer = receipt?.kind === "model" ? receipt.file.signer : receipt?.signed?.signer;
  const signed = signer === undefined ? "" : `, signed by ${signer}`;
  return [
    `${words[word]} ${printable(file)}: ${about}${signed}${why === "" ? "" : ` (${why})`}`,
    ...result.checks.map(checkLine),
  ];
}

function unreadLine({ checks }: Recheck): string {
  const later = checks.find(({ why }) => why === "laterSchema");
  return later
    ? printable(`a receipt of the form ${later.right ?? ""}; a newer version of this script can check it`)
    : "no receipt";
}

function aboutLine(receipt: Receipt): string {
  const provider = receipt.kind === "model" ? receipt.provider : receipt.service.provider;
  const { name, chainId } = receipt.network;
  return printable(`${receipt.kind} by ${provider} on ${name} (chain ${chainId}), ${receipt.madeAt}`);
}

function checkLine({ id, status, left, right, why }: ReceiptCheck): string {
  const sides = [left, right].filter((side) => side !== undefined).map((side) => side.slice(0, 200));
  const values = sides[0] !== undefined && sides[0] === sides[1] ? [sides[0]] : sides;
  const rest = [why === undefined ? "" : `[${why}]`, values.join(" / ")].filter((part) => part !== "");
  return printable(`  ${status.padEnd(11)} ${id}: ${[labels[id], ...rest].join(" ")}`);
}

/** What strangers wrote must not move the cursor or colour a line. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

// What a receipt is worth on its own: the document against itself, then everything a verdict weighs, judged anew. Nobody is asked, so what
// the chain said stays the chain's word of then.
import { type Address, sameAddress } from "../../domain/ids.js";
import { neuron } from "../../domain/money.js";
import {
  type AnswerReceipt,
  type Receipt,
  type ReceiptBody,
  type ReceiptCheck,
  receiptWord,
  type Recheck,
} from "../../domain/receipt.js";
import type { Check, Verdict } from "../../domain/verdict.js";
import type { KeptBytes, Witnessed } from "../inference/exchange.js";
import { toService } from "../inference/service.js";
import { arePicturesInBytes } from "../inference/signedPictures.js";
import { type Evidence, judge, withoutBytes } from "../inference/verdict.js";
import { parsePlainAnswer } from "../wire/chatAnswer.js";
import { sha256Hex } from "../wire/hash.js";
import { canonicalText, digestOf } from "./canonicalText.js";
import { compared } from "./compared.js";
import { readReceipt } from "./readReceipt.js";
import { recheckModel } from "./recheckModel.js";
import { aboutAnswer, networkCheck } from "./selfChecks.js";

/** Never throws, whatever the bytes are. */
export function recheck(bytes: Uint8Array): Recheck {
  const read = readReceipt(bytes);
  if (!read.receipt) {
    const { why, detail: right } = read;
    return why === "laterSchema"
      ? { word: "notProven", checks: [{ id: "form", status: "not-checked", why, right }] }
      : { word: "failed", checks: [{ id: "form", status: "failed", why, right }] };
  }
  const { receipt, text } = read;
  const document = documentChecks(receipt, text);
  return receipt.kind === "model" ? recheckModel(receipt, document) : recheckAnswer(receipt, document);
}

function documentChecks(receipt: Receipt, text: string): ReceiptCheck[] {
  const digest = digestOf(receipt);
  return [
    compared("form", canonicalText(receipt) === text, { failedWhy: "notCanonical" }),
    compared("digest", digest === receipt.digest, { left: digest, right: receipt.digest }),
  ];
}

function recheckAnswer(receipt: AnswerReceipt, document: readonly ReceiptCheck[]): Recheck {
  const { about, shown } = aboutAnswer(receipt);
  const own = [
    ...document,
    bytesCheck("request-bytes", receipt.request),
    bytesCheck("response-bytes", receipt.response),
    about,
  ];
  const verdict = judgeAgain(receipt);
  const chain = chainCheck(receipt);
  const same = verdictCheck(receipt, verdict);
  const checks = [...own, ...verdict.checks.map((check) => asOffline(check, receipt)), chain, same];
  const { level, reason } = verdict;
  const found = { level, checks: receipt.verdict.checks.filter(({ id }) => id === "enclave") };
  const isBroken = [...own, chain, same].some(({ status }) => status === "failed");
  return { word: isBroken ? "failed" : receiptWord(found), checks, receipt, shown, level, reason };
}

function bytesCheck(id: "request-bytes" | "response-bytes", body: ReceiptBody): ReceiptCheck {
  if (body.base64 === undefined) return { id, status: "not-checked", right: body.sha256, why: "noBytes" };
  const bytes = Buffer.from(body.base64, "base64");
  const left = sha256Hex(bytes);
  const isSame = left === body.sha256 && bytes.length === body.length;
  return compared(id, isSame, { left, right: body.sha256 });
}

/** From what is kept, as it was judged then. A hash alone stands for bytes that were not kept. */
function judgeAgain(receipt: AnswerReceipt): Verdict {
  const { verdict, network } = receipt;
  const { chain, checkedAt } = verdict;
  const acknowledged = verdict.checks.find(({ id }) => id === "user-acknowledged")?.status;
  const judged = judge({
    exchange: witnessed(receipt),
    signature: signatureOf(receipt),
    chain,
    isAcknowledgedByUser: acknowledged === "observed" ? true : acknowledged === "failed" ? false : undefined,
    isSandbox: network.id === "sandbox",
    now: Date.parse(checkedAt),
  });
  return withoutBytes(judged, (check) => isOpen(receipt, check));
}

/** Why there was none is the provider's word, or our own of then. */
function signatureOf({ signed, verdict: { level, reason } }: AnswerReceipt): Evidence["signature"] {
  if (signed) return { found: signed };
  if (level === "pending" || reason === "interrupted") return { why: "interrupted" };
  return reason === "notFound" || reason === "unreadable" || reason === "unreachable"
    ? { why: reason }
    : undefined;
}

export function witnessed(receipt: AnswerReceipt): Witnessed {
  const { service, model, isStreamed, chatId, ended, request, response } = receipt;
  const responseBody = kept(response);
  const read = isStreamed || typeof responseBody === "string" ? undefined : parsePlainAnswer(responseBody);
  const { inputPrice, outputPrice, additionalInfo, ...entry } = service;
  const witness: Witnessed = {
    service: toService({
      ...entry,
      inputPrice: neuron(BigInt(inputPrice)),
      outputPrice: neuron(BigInt(outputPrice)),
      additionalInfoText: additionalInfo,
    }),
    ...{ model, isStreamed, ended, responseBody },
    ...(chatId === undefined ? {} : { chatId }),
    requestBody: kept(request),
    text: read?.content ?? "",
    reasoning: read?.reasoning ?? "",
  };
  const told = { ...witness, arePicturesInBytes: receipt.arePicturesInBytes };
  return arePicturesInBytes(told) ? told : witness;
}

function kept({ base64, sha256 }: ReceiptBody): KeptBytes {
  return base64 === undefined ? sha256 : new Uint8Array(Buffer.from(base64, "base64"));
}

/** Signed then over a rewriting or the pictures in it, or left open then. */
const notPlain: readonly (string | undefined)[] = ["rewritten", "pictures", "noBytes"];

function isOpen({ request, response, verdict: then }: AnswerReceipt, { id }: Check): boolean {
  const body = id === "request-hash" ? request : id === "response-hash" ? response : undefined;
  const why = then.checks.find((check) => check.id === id)?.why;
  return body !== undefined && body.base64 === undefined && notPlain.includes(why);
}

/** Found now, these say nothing against what was found then. Earlier versions took links to pictures for proven. */
const isLess: readonly (string | undefined)[] = ["noBytes", "interrupted", "picturesElsewhere"];

function verdictCheck({ verdict, signed, providerClass }: AnswerReceipt, now: Verdict): ReceiptCheck {
  const sides = { left: verdict.level, right: now.level };
  const isSame = verdict.level === now.level && verdict.reason === now.reason;
  const isSigner = sameOrNone(signed?.signer, now.recoveredSigner);
  if (providerClass !== now.providerClass || !isSigner) return compared("verdict", false, sides);
  if (!isLess.includes(now.reason)) return compared("verdict", isSame, sides);
  // The same word of then is no more than that where it tells of what is not here.
  if (isSame && now.reason === "picturesElsewhere") return compared("verdict", true, sides);
  return { id: "verdict", status: "not-checked", ...sides, why: now.reason };
}

function sameOrNone(a: Address | undefined, b: Address | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameAddress(a, b);
}

const foundInTheFile: readonly Check["id"][] = [
  "signature",
  "signer",
  "request-hash",
  "response-hash",
  "routing",
  "owner-acknowledged",
  "user-acknowledged",
];

/** What was compared with somebody else then is in the file as a word alone. */
function asOffline(check: Check, { verdict }: AnswerReceipt): ReceiptCheck {
  if (foundInTheFile.includes(check.id)) return check;
  const then = verdict.checks.find(({ id }) => id === check.id);
  if (!then) return check;
  if (then.status === "not-checked") return then;
  return { ...then, status: then.status === "proven" ? "observed" : then.status, why: "recorded" };
}

/** Which chain that was can be compared for the networks we know; what it said cannot. */
function chainCheck({ service, verdict, network }: AnswerReceipt): ReceiptCheck {
  const { chain } = verdict;
  const other = networkCheck(network, "inference");
  if (other) return other;
  if (!chain) return { id: "chain", status: "not-checked", left: service.teeSigner, why: "unreachable" };
  return { id: "chain", status: "observed", left: chain.signer, right: chain.block?.toString() };
}

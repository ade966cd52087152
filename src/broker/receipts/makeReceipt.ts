// From an exchange and its verdict to the receipt that keeps them. No header, token or key is in an exchange, so none is in a receipt.
import {
  type AnswerReceipt,
  type IsoTime,
  type NeuronText,
  type ReceiptBody,
  type ReceiptId,
  receiptKindOf,
  receiptSchema,
} from "../../domain/receipt.js";
import type { Neuron } from "../../domain/money.js";
import type { InferenceService } from "../../domain/provider.js";
import type { Verdict } from "../../domain/verdict.js";
import type { KeptBytes } from "../inference/exchange.js";
import { hasPicturesElsewhere, isImageService } from "../inference/signedPictures.js";
import { sha256Hex } from "../wire/hash.js";
import type { BilledExchange } from "../media/api.js";
import type { AnswerFacts } from "./api.js";
import { digestOf } from "./canonicalText.js";

export function makeAnswerReceipt(
  exchange: BilledExchange,
  verdict: Verdict,
  facts: AnswerFacts,
): AnswerReceipt {
  const { network, cost, quoteDigest, tools, madeAt, keepsBodies } = facts;
  const { service, model, chatId, isStreamed, ended, sentAt, finishedAt } = exchange;
  // Without the bytes nothing else tells, when the signature comes after they are gone.
  const arePicturesInBytes = isImageService(service) && !hasPicturesElsewhere(exchange);
  const body = (bytes: KeptBytes, length = 0): ReceiptBody =>
    typeof bytes === "string"
      ? { sha256: bytes, length }
      : {
          sha256: sha256Hex(bytes),
          length: bytes.length,
          ...(keepsBodies ? { base64: Buffer.from(bytes).toString("base64") } : {}),
        };
  const told = {
    schema: receiptSchema,
    kind: receiptKindOf(service.serviceType),
    madeAt: isoTime(madeAt),
    network: {
      id: network.id,
      name: network.name,
      chainId: network.chainId,
      contract: network.contracts.inference,
    },
    service: serviceEntry(service),
    providerClass: service.providerClass,
    model,
    chatId,
    isStreamed,
    ended,
    sentAt: isoTime(sentAt),
    finishedAt: isoTime(finishedAt),
    request: body(exchange.requestBody, exchange.requestLength),
    response: body(exchange.responseBody),
    ...(arePicturesInBytes ? { arePicturesInBytes } : {}),
    ...(cost === undefined ? {} : { cost: neuronText(cost) }),
    quoteDigest,
    ...found(verdict),
    tools,
  } as const;
  const made = { ...told, id: answerReceiptId(told) };
  return { ...made, digest: digestOf(made) };
}

export function withVerdict(
  receipt: AnswerReceipt,
  verdict: Verdict,
  quoteDigest = receipt.quoteDigest,
): AnswerReceipt {
  const made = { ...receipt, quoteDigest, ...found(verdict) };
  return { ...made, digest: digestOf(made) };
}

function found(verdict: Verdict): Pick<AnswerReceipt, "signed" | "verdict"> {
  const { level, reason, checks, checkedAt, chain, signedText, signature, recoveredSigner } = verdict;
  const isSigned = signedText !== undefined && signature !== undefined;
  return {
    signed: isSigned ? { text: signedText, signature, signer: recoveredSigner } : undefined,
    verdict: { level, reason, checks, checkedAt: isoTime(checkedAt), chain },
  };
}

/** The same answer has the same one, in every window and at every check. */
export function answerReceiptId({
  network,
  service,
  chatId = "",
  sentAt,
  ...bodies
}: Pick<AnswerReceipt, "network" | "service" | "chatId" | "sentAt" | "request" | "response">): ReceiptId {
  const provider = service.provider.toLowerCase();
  const hashes = [bodies.request.sha256, bodies.response.sha256];
  const text = [network.chainId, provider, chatId, Date.parse(sentAt), ...hashes].join("\n");
  return sha256Hex(Buffer.from(text)).slice(0, 24) as ReceiptId;
}

function serviceEntry(service: InferenceService): AnswerReceipt["service"] {
  const { provider, serviceType, url, model, verifiability, teeSigner, isSignerAcknowledgedByOwner } =
    service;
  return {
    ...{ provider, serviceType, url, model, verifiability, teeSigner, isSignerAcknowledgedByOwner },
    inputPrice: neuronText(service.inputPrice),
    outputPrice: neuronText(service.outputPrice),
    updatedAt: service.updatedAt,
    additionalInfo: service.additionalInfoText,
  };
}

export function isoTime(milliseconds: number): IsoTime {
  return new Date(milliseconds).toISOString() as IsoTime;
}

export function neuronText(amount: Neuron): NeuronText {
  return amount.toString() as NeuronText;
}

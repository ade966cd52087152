// Services, exchanges and what honest providers sign of them, by class: one sample for verdicts and for receipts.
import { Wallet } from "ethers";
import type { Exchange } from "../../src/broker/inference/exchange.js";
import { toService } from "../../src/broker/inference/service.js";
import { canonicalJson } from "../../src/broker/wire/canonicalJson.js";
import { ChatStream, parsePlainAnswer } from "../../src/broker/wire/chatAnswer.js";
import { plainText, routingText } from "../../src/broker/wire/signedText.js";
import type { Address } from "../../src/domain/ids.js";
import { neuron } from "../../src/domain/money.js";
import { expectedSigner, type InferenceService } from "../../src/domain/provider.js";
import type { ChainAtCheck } from "../../src/domain/verdict.js";

const key = (digit: string) => new Wallet(`0x${digit.repeat(64)}`);
export const broker = key("1");
export const model = key("2");
export const stranger = key("3");
export const fingerprint = "ab".repeat(32);
export const routing = {
  providerType: "centralized",
  providerIdentity: "aliyun",
  tlsCertFingerprint: fingerprint,
};

export type SampleClass = "combined" | "separated" | "centralized" | "standard";

const infos: Readonly<Record<SampleClass, object>> = {
  combined: { TargetSeparated: false },
  separated: { TargetSeparated: true, TargetTeeAddress: model.address },
  centralized: { TargetSeparated: true, ProviderType: "centralized", ProviderIdentity: "aliyun" },
  standard: { ProviderType: "standard" },
};

export function aServiceOf(
  kind: SampleClass,
  change: Partial<Parameters<typeof toService>[0]> = {},
): InferenceService {
  return toService({
    provider: stranger.address as Address,
    serviceType: "chatbot",
    url: "https://provider.example",
    model: "m",
    verifiability: "TeeML",
    inputPrice: neuron(1n),
    outputPrice: neuron(1n),
    updatedAt: 0,
    additionalInfoText: JSON.stringify(infos[kind]),
    teeSigner: broker.address as Address,
    isSignerAcknowledgedByOwner: true,
    ...change,
  });
}

export const plainBody = Buffer.from(
  '{"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":"Grüße 👋 <b>"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2}}',
);
export const streamBody = Buffer.from(
  'data: {"id":"c-1","choices":[{"index":0,"delta":{"content":"Grüße "}}]}\n\ndata: {"id":"c-1","choices":[{"index":0,"delta":{"content":"👋"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
);

export function anExchange(
  service: InferenceService,
  isStreamed: boolean,
  change: Partial<Exchange> = {},
): Exchange {
  const responseBody = change.responseBody ?? (isStreamed ? streamBody : plainBody);
  const stream = new ChatStream();
  stream.push(responseBody);
  const read = isStreamed ? stream.answer : parsePlainAnswer(responseBody);
  const request = {
    model: "m",
    messages: [{ role: "user", content: "hi <b>" }],
    ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  return {
    service,
    model: "m",
    isStreamed,
    chatId: "c-1",
    ended: "complete",
    requestBody: Buffer.from(canonicalJson(request)),
    responseBody,
    text: read?.content ?? "",
    reasoning: read?.reasoning ?? "",
    usage: { promptTokens: 5, completionTokens: 2 },
    sentAt: 0,
    finishedAt: 0,
    ...change,
  };
}

/** What an honest provider of that class signs. */
export function honestText({ service, requestBody, responseBody }: Exchange): string {
  return service.providerClass === "centralized"
    ? routingText(requestBody, responseBody, routing)
    : plainText(requestBody, responseBody);
}

export function signerOf({ service }: Exchange): Wallet {
  return service.providerClass === "separated" ? model : broker;
}

export function chainOf(service: InferenceService): ChainAtCheck {
  const { isSignerAcknowledgedByOwner } = service;
  return { signer: expectedSigner(service), isSignerAcknowledgedByOwner };
}

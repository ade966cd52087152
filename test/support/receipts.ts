// Receipts of providers of every class, made as ours are made: real keys, real signatures, nothing of a network.
import { keccak256, Wallet } from "ethers";
import type { Exchange } from "../../src/broker/api.js";
import { toService } from "../../src/broker/inference/service.js";
import { judge } from "../../src/broker/inference/verdict.js";
import type { AnswerFacts, ModelFacts } from "../../src/broker/receipts/api.js";
import { receiptTools } from "../../src/broker/receipts/receiptTools.js";
import { expectedSigner } from "../../src/broker/wire/additionalInfo.js";
import { canonicalJson } from "../../src/broker/wire/canonicalJson.js";
import { ChatStream, parsePlainAnswer } from "../../src/broker/wire/chatAnswer.js";
import { personalSign } from "../../src/broker/wire/hash.js";
import { pythonJson } from "../../src/broker/wire/pythonJson.js";
import { plainText, routingText } from "../../src/broker/wire/signedText.js";
import type { Address, Hash, TaskId, TransactionHash } from "../../src/domain/ids.js";
import { neuron } from "../../src/domain/money.js";
import { networks } from "../../src/domain/networks.js";
import type { AnswerReceipt, ModelReceipt } from "../../src/domain/receipt.js";
import { noon } from "./builders.js";

const key = (digit: string) => new Wallet(`0x${digit.repeat(64)}`);
const broker = key("1");
const model = key("2");

export type SampleClass = "combined" | "separated" | "centralized";

const infos: Readonly<Record<SampleClass, object>> = {
  combined: { TargetSeparated: false },
  separated: { TargetSeparated: true, TargetTeeAddress: model.address },
  centralized: { TargetSeparated: true, ProviderType: "centralized", ProviderIdentity: "aliyun" },
};

const plainBody =
  '{"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":"Grüße 👋"},"finish_reason":"stop"}]}';
const streamBody =
  'data: {"id":"c-1","choices":[{"index":0,"delta":{"content":"Grüße 👋"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

export interface Sample {
  readonly kind: SampleClass;
  readonly isStreamed?: boolean;
  readonly keepsBodies?: boolean;
  /** The provider signs Python's writing of its answer (spec inference.md 6.4). */
  readonly isReencoded?: boolean;
}

export function aReceipt(sample: Sample): AnswerReceipt {
  const { kind, isReencoded = false } = sample;
  const exchange = anExchange(sample);
  const { service, requestBody } = exchange;
  const signedBody = isReencoded
    ? Buffer.from(pythonJson(Buffer.from(exchange.responseBody).toString()) ?? "")
    : exchange.responseBody;
  const routing = {
    providerType: "centralized",
    providerIdentity: "aliyun",
    tlsCertFingerprint: "ab".repeat(32),
  };
  const text =
    kind === "centralized"
      ? routingText(requestBody, signedBody, routing)
      : plainText(requestBody, signedBody);
  const signer = kind === "separated" ? model : broker;
  const verdict = judge({
    exchange,
    signature: { found: { text, signature: personalSign(text, signer.privateKey) } },
    chain: {
      block: 1_234_567,
      signer: expectedSigner(service.info, service.teeSigner),
      isSignerAcknowledgedByOwner: true,
    },
    isAcknowledgedByUser: true,
    isSandbox: false,
    now: noon + 2_000,
  });
  return receiptTools.ofAnswer(exchange, verdict, factsOf(sample));
}

function factsOf({ keepsBodies = true }: Sample): AnswerFacts {
  return {
    network: networks.testnet,
    madeAt: noon + 2_500,
    keepsBodies,
    cost: neuron(23_700_000_000_000n),
    tools: { "zerog-compute": "0.1.0" },
  };
}

function anExchange({ kind, isStreamed = false }: Sample): Exchange {
  const responseBody = Buffer.from(isStreamed ? streamBody : plainBody);
  const stream = new ChatStream();
  stream.push(responseBody);
  const read = isStreamed ? stream.answer : parsePlainAnswer(responseBody);
  const request = {
    model: "m",
    messages: [{ role: "user", content: "Say hello <b>politely</b>" }],
    ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  return {
    service: toService({
      provider: key("3").address as Address,
      serviceType: "chatbot",
      url: "https://provider.example",
      model: "m",
      verifiability: "TeeML",
      inputPrice: neuron(100_000_000_000n),
      outputPrice: neuron(400_000_000_000n),
      updatedAt: 1_760_000_000,
      additionalInfoText: JSON.stringify(infos[kind]),
      teeSigner: broker.address as Address,
      isSignerAcknowledgedByOwner: true,
    }),
    model: "m",
    isStreamed,
    chatId: "c-1",
    ended: "complete",
    requestBody: Buffer.from(canonicalJson(request)),
    responseBody,
    text: read?.content ?? "",
    reasoning: read?.reasoning ?? "",
    usage: { promptTokens: 5, completionTokens: 2 },
    sentAt: noon,
    finishedAt: noon + 1_500,
  };
}

/** Of a tuned model, as a run leaves it that was paid for. */
export function aModelReceipt(change: Partial<ModelFacts> = {}): ModelReceipt {
  const root = keccak256(Buffer.from("the encrypted model")) as Hash;
  const tagsDigest = keccak256(Buffer.from("its tags")) as Hash;
  return receiptTools.ofModel({
    network: networks.testnet,
    ...{ madeAt: noon, tools: { "zerog-compute": "0.1.0" }, state: "settled" },
    provider: key("3").address as Address,
    user: key("4").address as Address,
    task: "3e2911d9-cdbe-40c7-a074-784684015adb" as TaskId,
    model: { name: "Qwen2.5-0.5B-Instruct", hash: `0x${"b4".repeat(32)}` as Hash },
    datasetHash: `0x${"d5".repeat(32)}`,
    trainingParams: '{"num_train_epochs":1}',
    check: {
      ...{ rootKind: "merkle", hash: root, size: 67_108_864 + 77 + 16 + 1 + 16, chunks: 2 },
      ...{ signer: broker.address as Address, isCurrentSigner: true },
    },
    seal: { tagsDigest, signature: broker.signingKey.sign(tagsDigest).serialized },
    acknowledgedBy: `0x${"ac".repeat(32)}` as TransactionHash,
    agreedFee: neuron(20_000_000_000_000_000n),
    fee: neuron(20_000_000_000_000_000n),
    ...change,
  });
}

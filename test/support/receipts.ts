// Receipts of providers of every class, made as ours are made: real keys, real signatures, nothing of a network.
import { keccak256 } from "ethers";
import type { Exchange } from "../../src/broker/inference/exchange.js";
import { judge } from "../../src/broker/inference/verdict.js";
import type { AnswerFacts, ModelFacts } from "../../src/broker/receipts/api.js";
import { receiptTools } from "../../src/broker/receipts/receiptTools.js";
import { canonicalJson } from "../../src/broker/wire/canonicalJson.js";
import { personalSign } from "../../src/broker/wire/hash.js";
import { pythonJson } from "../../src/broker/wire/pythonJson.js";
import { imagesText } from "../../src/broker/wire/signedText.js";
import type { Address, Hash, TaskId, TransactionHash } from "../../src/domain/ids.js";
import { neuron } from "../../src/domain/money.js";
import { networks } from "../../src/domain/networks.js";
import type { AnswerReceipt, ModelReceipt } from "../../src/domain/receipt.js";
import { noon } from "./builders.js";
import {
  anExchange,
  aServiceOf,
  broker,
  chainOf,
  honestText,
  model,
  type SampleClass,
  signerOf,
  stranger,
} from "./exchanges.js";

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
  /** Of another service than chat. */
  readonly media?: Media;
}

/** pictureLink: what is sent is a link to a picture, and the bytes of the answer are signed. */
export type Media = "pictures" | "picture" | "pictureLink" | "transcript";

const pictures = ["yellow", "purple"].map((text) => Buffer.from(`\xff\xd8\xff${text}`, "latin1"));

interface Spoken {
  readonly serviceType: string;
  readonly request: Buffer;
  readonly response: Buffer;
  /** What the provider signs of the answer, instead of its bytes. */
  readonly signs?: readonly Buffer[];
}

function spoken(media: Media): Spoken {
  const of = (signs: readonly Buffer[]) => ({
    serviceType: "text-to-image",
    request: Buffer.from('{"prompt":"a ledger", "n":2,"model":"m"}'),
    response: Buffer.from(
      JSON.stringify({ created: 1, data: signs.map((png) => ({ b64_json: png.toString("base64") })) }),
    ),
    signs,
  });
  if (media === "pictures") return of(pictures);
  if (media === "picture") return of(pictures.slice(0, 1));
  const link = '{"created":1,"data":[{"url":"https://provider.example/v1/proxy/images/k/0"}]}';
  if (media === "pictureLink") return { ...of([]), signs: undefined, response: Buffer.from(link) };
  return {
    serviceType: "speech-to-text",
    request: Buffer.from('--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n\x01\x02\r\n--b--\r\n'),
    response: Buffer.from('{"text":"Grüße","usage":{"type":"duration","seconds":2}}'),
  };
}

export function aReceipt(sample: Sample): AnswerReceipt {
  const { isReencoded = false, media } = sample;
  const exchange = exchangeOf(sample);
  const { requestBody, responseBody } = exchange;
  const signs = media && spoken(media).signs;
  const dumped = isReencoded
    ? Buffer.from(pythonJson(Buffer.from(responseBody).toString()) ?? "")
    : undefined;
  const text =
    signs && signs.length > 1
      ? imagesText(requestBody, signs)
      : honestText({ ...exchange, responseBody: dumped ?? signs?.[0] ?? responseBody });
  const verdict = judge({
    exchange,
    signature: { found: { text, signature: personalSign(text, signerOf(exchange).privateKey) } },
    chain: { block: 1_234_567, ...chainOf(exchange.service) },
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

function exchangeOf({ kind, isStreamed = false, media }: Sample): Exchange {
  const said = media && spoken(media);
  const request = {
    model: "m",
    messages: [{ role: "user", content: "Say hello <b>politely</b>" }],
    ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  const service = aServiceOf(kind, {
    serviceType: said?.serviceType ?? "chatbot",
    inputPrice: neuron(100_000_000_000n),
    outputPrice: neuron(400_000_000_000n),
    updatedAt: 1_760_000_000,
  });
  return anExchange(service, isStreamed, {
    requestBody: said?.request ?? Buffer.from(canonicalJson(request)),
    responseBody: said?.response ?? Buffer.from(isStreamed ? streamBody : plainBody),
    sentAt: noon,
    finishedAt: noon + 1_500,
  });
}

/** Of a tuned model, as a run leaves it that was paid for. */
export function aModelReceipt(change: Partial<ModelFacts> = {}): ModelReceipt {
  const root = keccak256(Buffer.from("the encrypted model")) as Hash;
  const tags = Buffer.alloc(2 * 16, "its tags");
  const tagsDigest = keccak256(tags) as Hash;
  return receiptTools.ofModel({
    network: networks.testnet,
    ...{ madeAt: noon, tools: { "zerog-compute": "0.1.0" }, state: "settled" },
    provider: stranger.address as Address,
    user: model.address as Address,
    task: "3e2911d9-cdbe-40c7-a074-784684015adb" as TaskId,
    model: { name: "Qwen2.5-0.5B-Instruct", hash: `0x${"b4".repeat(32)}` as Hash },
    datasetHash: `0x${"d5".repeat(32)}`,
    trainingParams: '{"num_train_epochs":1}',
    check: {
      ...{ rootKind: "merkle", hash: root, size: 67_108_864 + 77 + 16 + 1 + 16, chunks: 2 },
      ...{ signer: broker.address as Address, isCurrentSigner: true },
    },
    seal: {
      ...{ tagsDigest, tags: tags.toString("base64") },
      signature: broker.signingKey.sign(tagsDigest).serialized,
    },
    acknowledgedBy: `0x${"ac".repeat(32)}` as TransactionHash,
    agreedFee: neuron(20_000_000_000_000_000n),
    fee: neuron(20_000_000_000_000_000n),
    ...change,
  });
}

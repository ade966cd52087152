// POST /v1/proxy/audio/transcriptions (spec inference.md 8): the form is hashed as it was sent, seconds are billed.
import { randomUUID } from "node:crypto";
import { audioHeadBytes, audioLength } from "../../broker/wire/audioLength.js";
import { type Call, HttpError } from "../loopback.js";
import { parseMultipart } from "../multipart.js";
import { startDelivery } from "../providers/delivery.js";
import type { Provider } from "../providers/provider.js";
import type { Route } from "../providers/routes.js";
import { accept, hashedRequest, type Reading } from "./accepting.js";
import { transcribe, transcriptFormats, type TranscriptFormat } from "./transcript.js";

interface SpeechOrder {
  readonly model?: string;
  readonly audio: Buffer;
  readonly format: TranscriptFormat;
}

const reading: Reading<SpeechOrder> = { read, modelOf: ({ model }) => model, estimate: () => 0n };

export function speechRoutes(provider: Provider): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/proxy/audio/transcriptions",
      handle: (call) => answer(provider, call),
    },
  ];
}

async function answer(provider: Provider, call: Call): Promise<void> {
  const { user, body, order, admitted } = await accept(provider, call, reading);
  try {
    const { audio, format } = order;
    const seconds = round(audioLength(audio.subarray(0, audioHeadBytes), audio.length).seconds);
    const { contentType, text } = transcribe(audio, seconds, format);
    const filler = provider.strikes("huge-answer") ? " ".repeat(80 * 1024 * 1024) : "";
    const bytes = Buffer.from(text + filler);
    const key = randomUUID();
    provider.signatures.sign(key, hashedRequest(provider, body), bytes);
    provider.fees.charge(user, BigInt(billed(seconds)) * provider.definition.inputPrice);
    call.response.writeHead(200, {
      ...{ ...provider.headers(), ...admitted.headers, "ZG-Res-Key": key },
      "content-type": contentType,
      "content-length": bytes.length,
    });
    const delivery = startDelivery(provider, call.response);
    await delivery.write(bytes);
    delivery.end();
  } finally {
    admitted.done(0);
  }
}

function read(body: Buffer, contentType: string | undefined): SpeechOrder {
  const parts = parseMultipart(contentType, body);
  if (!parts) throw new HttpError(400, { error: "invalid request body: not a form" });
  const field = (name: string) => parts.find((part) => part.name === name)?.content;
  const audio = field("file");
  if (!audio || audio.length === 0) throw new HttpError(400, { error: "Missing file in request body" });
  const asked = field("response_format")?.toString("utf8") ?? "json";
  const format = transcriptFormats.find((known) => known === asked);
  if (!format) throw new HttpError(400, { error: "response_format is not supported" });
  return { model: field("model")?.toString("utf8"), audio, format };
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}

/** Whole seconds, one at least. */
function billed(seconds: number): number {
  return Math.max(Math.round(seconds), 1);
}

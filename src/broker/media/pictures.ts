// Pictures, made at once (spec inference.md 4, 8). What comes back is believed to be pictures only after a look at its first bytes.
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { ComputeError } from "../../domain/error.js";
import { addressKey } from "../../domain/ids.js";
import { pictureSize, pictureType } from "../../domain/picture.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BilledCallOptions } from "../call.js";
import type { InferenceDeps } from "../context.js";
import type { SendingEvent } from "../inference/exchange.js";
import { readWhole, unavailable } from "../inference/providerHttp.js";
import { errorObjectError } from "../inference/refusal.js";
import { type BillingParts, sendBilled } from "../inference/sending.js";
import { linkSignals } from "../inference/signals.js";
import { onDisk } from "../storage/diskError.js";
import { requireSigner } from "../wallet/signer.js";
import { canonicalJson } from "../wire/canonicalJson.js";
import { chatIdOf, errorText } from "../wire/chatAnswer.js";
import { parseJsonObject } from "../wire/json.js";
import { picturesOf } from "../wire/pictures.js";
import type { EditRequest, ImageExchange, ImageRequest, Picture } from "./api.js";
import { fileForm, newBoundary } from "./form.js";

/** A provider's own bound of a request; of an answer ours. */
export const maxRequestBytes = 32 * 1024 * 1024;
export const maxAnswerBytes = 64 * 1024 * 1024;
/** Until the pictures are made; `fetch` itself gives up after 300 s. */
export const makingMs = 290_000;

export async function makePictures(
  parts: BillingParts,
  service: InferenceService,
  request: ImageRequest | EditRequest,
  on: (event: SendingEvent) => void,
  options: BilledCallOptions = {},
): Promise<ImageExchange> {
  const { deps } = parts;
  requireSigner(deps);
  const body = await imageBody(deps, service, request);
  const link = linkSignals(options.signal, deps.closing);
  const { signal } = link;
  const linked = { ...options, signal };
  try {
    return await parts.gate.run(addressKey(service.provider), linked, async () => {
      const sending = { path: `/v1/proxy/images/${body.trade}`, ...bytesOf(body), timeoutMs: makingMs };
      const { open: answer, sentAt } = await sendBilled(parts, service, sending, on, linked);
      const limits = { maxBytes: maxAnswerBytes, timeoutMs: makingMs, signal };
      const { headers, bytes } = await readWhole(deps, service, answer, limits);
      const made = { model: body.model, requestBody: body.bytes, requestLength: body.bytes.length, sentAt };
      return imageExchange(deps, service, made, headers, bytes);
    });
  } finally {
    link.release();
  }
}

export interface ImageBody {
  readonly trade: "generations" | "edits";
  readonly model: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The request as it goes out: JSON in the form the broker itself would write, or a form with the picture to be edited. */
export async function imageBody(
  deps: InferenceDeps,
  service: InferenceService,
  request: ImageRequest | EditRequest,
): Promise<ImageBody> {
  const { prompt, count, size } = request;
  const model = request.model ?? service.model;
  const asked = { model, prompt, size, response_format: "b64_json" };
  if (!("source" in request)) {
    const bytes = new TextEncoder().encode(canonicalJson({ ...asked, n: count }));
    return { trade: "generations", model, contentType: "application/json", bytes };
  }
  const picture = await readPicture(request.source);
  const boundary = newBoundary(deps.random);
  const form = fileForm(
    { field: "image", name: basename(request.source) },
    { ...asked, n: `${count}` },
    boundary,
  );
  const bytes = new Uint8Array(Buffer.concat([form.head, picture, form.tail]));
  return { trade: "edits", model, contentType: form.contentType, bytes };
}

export function bytesOf({ contentType, bytes }: ImageBody) {
  return { headers: { "Content-Type": contentType }, body: () => bytes };
}

/** Throws what keeps a file from being edited. */
export async function checkPicture(path: string): Promise<void> {
  await readPicture(path);
}

/** Opened once, so that what is looked at is what is sent. */
async function readPicture(path: string): Promise<Uint8Array> {
  const handle = await onDisk(path, () => open(path, "r"));
  try {
    const { size } = await onDisk(path, () => handle.stat());
    if (size > maxRequestBytes - 65_536)
      throw new ComputeError("badFile", { path, detail: "larger than the 32 MB that a provider takes" });
    const bytes = await onDisk(path, () => handle.readFile());
    if (pictureType(bytes) === undefined)
      throw new ComputeError("badFile", { path, detail: "it is no PNG, JPEG or WebP picture" });
    return bytes;
  } finally {
    await handle.close();
  }
}

type Made = Pick<ImageExchange, "model" | "requestBody" | "requestLength" | "sentAt">;

/** Throws what keeps an answer from being one with pictures. What is none, and yet may be signed and billed, is an exchange without any. */
export function imageExchange(
  { clock }: InferenceDeps,
  service: InferenceService,
  made: Made,
  headers: Pick<Headers, "get">,
  responseBody: Uint8Array,
): ImageExchange {
  return {
    ...made,
    ...{ service, isStreamed: false, ended: "complete", responseBody, text: "", reasoning: "" },
    chatId: chatIdOf(headers.get("zg-res-key"), {}),
    pictures: readPictures(service, responseBody),
    // The user sees what was read from them, and no link is followed.
    arePicturesInBytes: true,
    finishedAt: clock.now(),
  };
}

/** None where one of them is no picture. */
function readPictures(service: InferenceService, answer: Uint8Array): Picture[] {
  const { provider } = service;
  const found = picturesOf(answer);
  if (!found) {
    const value = parseJsonObject(new TextDecoder().decode(answer));
    const error = value && errorText(value);
    if (error !== undefined) throw errorObjectError(provider, 200, error);
    throw unavailable(service, "the answer holds no pictures");
  }
  const pictures = found.flatMap((bytes): Picture[] => {
    const [type, size] = [pictureType(bytes), pictureSize(bytes)];
    return type && size ? [{ bytes, type, ...size }] : [];
  });
  return pictures.length === found.length ? pictures : [];
}

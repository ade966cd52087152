// Speech to text (spec inference.md 8): the file goes out as it is read and is hashed on its way, so that any length takes the memory of one piece.
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { ComputeError } from "../../domain/error.js";
import { addressKey, type Sha256Hex } from "../../domain/ids.js";
import type { InferenceService } from "../../domain/provider.js";
import type { BilledCallOptions } from "../call.js";
import { whileMoving } from "../inference/idleWatch.js";
import { readWhole, unavailable } from "../inference/providerHttp.js";
import { errorObjectError, isHtml, refusalDetail } from "../inference/refusal.js";
import { type BillingParts, sendBilled } from "../inference/sending.js";
import { StreamedBody } from "../inference/streamedBody.js";
import { onDisk } from "../storage/diskError.js";
import { requireSigner } from "../wallet/signer.js";
import { mayBeAudio } from "../wire/audioKind.js";
import { audioHeadBytes, audioLength, longestAudio } from "../wire/audioLength.js";
import { chatIdOf, errorText } from "../wire/chatAnswer.js";
import { speechCounts } from "../wire/fees.js";
import { asObject, asText, type JsonObject, parseJsonObject } from "../wire/json.js";
import type { AudioFacts, TranscriptExchange, TranscriptRequest, UploadEvent } from "./api.js";
import { fileForm, type FileForm, newBoundary } from "./form.js";
import { makingMs, maxRequestBytes } from "./pictures.js";

const maxAnswerBytes = 32 * 1024 * 1024;
const pieceSize = 256 * 1024;
const sendingIdleMs = 60_000;
/** What the form adds around the file. */
const maxEnvelope = 65_536;
/** Seconds, or tokens heard and written: some ten a second. */
const mostCounted = 10 * longestAudio;
/** Long enough for any upload that moves; the watch ends the others. */
const neverMs = 86_400_000;

export async function audioFacts(path: string): Promise<AudioFacts> {
  return withFile(path, async (handle, bytes) => {
    const head = Buffer.alloc(Math.min(audioHeadBytes, bytes));
    await onDisk(path, () => handle.read(head, 0, head.length, 0));
    if (!mayBeAudio(head))
      throw new ComputeError("badFile", {
        path,
        detail: "it is no WAV, MP3, M4A, FLAC, Ogg or WebM recording",
      });
    return audioFactsOf(head, bytes);
  });
}

/** From the beginning of a recording and its size. */
export function audioFactsOf(beginning: Uint8Array, bytes: number): AudioFacts {
  const { seconds, least, most, isExact } = audioLength(beginning.subarray(0, audioHeadBytes), bytes);
  return { bytes, seconds, isExact, leastSeconds: least, mostSeconds: most };
}

async function withFile<T>(path: string, work: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  const handle = await onDisk(path, () => open(path, "r"));
  try {
    const facts = await onDisk(path, () => handle.stat());
    if (!facts.isFile() || facts.size === 0)
      throw new ComputeError("badFile", { path, detail: "it is empty" });
    if (facts.size > maxRequestBytes - maxEnvelope)
      throw new ComputeError("badFile", { path, detail: "larger than the 32 MB that a provider takes" });
    return await work(handle, facts.size);
  } finally {
    await handle.close();
  }
}

export async function transcribe(
  parts: BillingParts,
  service: InferenceService,
  request: TranscriptRequest,
  on: (event: UploadEvent) => void,
  options: BilledCallOptions = {},
): Promise<TranscriptExchange> {
  requireSigner(parts.deps);
  return withFile(request.source, (handle, size) =>
    parts.gate.run(addressKey(service.provider), options, () =>
      send(parts, service, { request, handle, size }, on, options),
    ),
  );
}

interface Source {
  readonly request: TranscriptRequest;
  readonly handle: FileHandle;
  readonly size: number;
}

async function send(
  parts: BillingParts,
  service: InferenceService,
  source: Source,
  on: (event: UploadEvent) => void,
  { signal, admitAgain }: BilledCallOptions,
): Promise<TranscriptExchange> {
  const { deps } = parts;
  const { request, size } = source;
  const { format, language } = request;
  const model = request.model ?? service.model;
  const fields = { model, response_format: format, language };
  const file = { field: "file", name: basename(request.source) };
  const form = fileForm(file, fields, newBoundary(deps.random));
  const requestLength = form.head.length + size + form.tail.length;
  const watched = { context: deps, service, idleMs: sendingIdleMs, signal };
  return whileMoving(watched, async (watch, linked) => {
    const upload = new Upload(form, source, (done) => {
      // The last byte is out: what follows is listening and writing.
      watch.moved(done === size ? makingMs : sendingIdleMs);
      on({ kind: "upload", done, total: size });
    });
    const sending = {
      path: "/v1/proxy/audio/transcriptions",
      headers: { "Content-Type": form.contentType, "Content-Length": String(requestLength) },
      body: () => upload.start(),
      timeoutMs: neverMs,
    };
    const hear = (event: UploadEvent) => {
      // Told to wait, a minute at most: that is no silence.
      if (event.kind === "waiting") watch.moved(makingMs);
      on(event);
    };
    try {
      const { open: opened, sentAt } = await sendBilled(parts, service, sending, hear, {
        signal: linked,
        admitAgain,
      });
      watch.moved(makingMs);
      const limits = { maxBytes: maxAnswerBytes, timeoutMs: makingMs, signal: linked };
      const { headers, bytes } = await readWhole(deps, service, opened, limits);
      return {
        ...{ service, model, isStreamed: false, ended: "complete", requestLength, sentAt, reasoning: "" },
        ...readTranscript(service, format, bytes),
        chatId: chatIdOf(headers.get("zg-res-key"), {}),
        requestBody: upload.hash(),
        responseBody: bytes,
        finishedAt: deps.clock.now(),
      };
    } catch (error) {
      throw upload.failure ?? error;
    }
  });
}

/** The form going out, from its beginning with each try. */
class Upload {
  private body = new StreamedBody();
  private sha256: Hash = createHash("sha256");

  constructor(
    private readonly form: FileForm,
    private readonly source: Source,
    private readonly onSent: (done: number) => void,
  ) {}

  get failure(): unknown {
    return this.body.failure;
  }

  start(): ReadableStream<Uint8Array> {
    this.body = new StreamedBody();
    const sha256 = (this.sha256 = createHash("sha256"));
    return this.body.stream(this.pieces(sha256));
  }

  hash(): Sha256Hex {
    return this.sha256.copy().digest("hex") as Sha256Hex;
  }

  private async *pieces(sha256: Hash): AsyncGenerator<Uint8Array> {
    const { request, handle, size } = this.source;
    const path = request.source;
    const hashed = (bytes: Uint8Array) => {
      sha256.update(bytes);
      return bytes;
    };
    yield hashed(this.form.head);
    for (let done = 0; done < size;) {
      const piece = Buffer.alloc(Math.min(pieceSize, size - done));
      const { bytesRead } = await onDisk(path, () => handle.read(piece, 0, piece.length, done));
      if (bytesRead === 0) throw changed(path);
      yield hashed(piece.subarray(0, bytesRead));
      done += bytesRead;
      this.onSent(done);
    }
    if ((await onDisk(path, () => handle.stat())).size !== size) throw changed(path);
    yield hashed(this.form.tail);
  }
}

function changed(path: string): ComputeError<"badFile"> {
  return new ComputeError("badFile", { path, detail: "it changed while it was sent" });
}

/** Throws when what came is no transcript in that form. */
function readTranscript(
  service: InferenceService,
  format: TranscriptRequest["format"],
  bytes: Uint8Array,
): Pick<TranscriptExchange, "text" | "counts"> {
  const whole = new TextDecoder().decode(bytes);
  const value = parseJsonObject(whole);
  const error = value && errorText(value);
  if (error !== undefined) throw errorObjectError(service.provider, 200, error);
  if (isHtml(whole)) throw unavailable(service, refusalDetail(whole));
  if (format !== "json" && format !== "verbose_json") return { text: whole };
  const text = asText(value?.text);
  if (!value || text === undefined) throw unavailable(service, "the answer is no transcript");
  return { text, ...countsOf(value) };
}

/** What no recording comes to, is not told. */
export function countsOf(value: JsonObject): Pick<TranscriptExchange, "counts"> {
  const usage = asObject(value.usage);
  const duration = typeof value.duration === "string" ? Number(value.duration) : value.duration;
  if (!usage && !(typeof duration === "number" && duration >= 0)) return {};
  const counts = speechCounts(usage ?? { type: "duration", seconds: duration });
  const isTold = counts.input <= mostCounted && counts.output <= mostCounted;
  return isTold ? { counts } : {};
}

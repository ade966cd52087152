// A dataset to the provider's enclave (spec fine-tuning.md 5.3): streamed from disk, and its hash computed from the very bytes that went out.
import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { createKeccak, type IHasher } from "hash-wasm";
import { ComputeError } from "../../domain/error.js";
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { Hash } from "../../domain/ids.js";
import type { BrokerContext } from "../context.js";
import {
  openResponse,
  providerUrl,
  readText,
  unavailable,
  type TextResponse,
} from "../inference/providerHttp.js";
import type { ProgressOptions } from "../storage/api.js";
import { requireSigner, signMessage } from "../wallet/signer.js";
import { uploadDigest } from "../wire/fineTuning/taskSignature.js";
import { asText, parseJsonObject } from "../wire/json.js";
import { datasetForm, type DatasetForm } from "./datasetForm.js";
import { onDisk } from "../storage/diskError.js";
import { StreamedBody } from "../inference/streamedBody.js";
import { whileMoving } from "../inference/idleWatch.js";
import { withPatience, type FileRoutes } from "./patience.js";
import { refused } from "./refusals.js";

const maxFileBytes = 104_857_600;
const pieceSize = 256 * 1024;
const sendingIdleMs = 60_000;
const answerLimits = { timeoutMs: 30_000, maxBytes: 65_536 };
/** Long enough for any upload that moves; the watch ends the others. */
const neverMs = 86_400_000;

export async function uploadDatasetToTEE(
  routes: FileRoutes,
  service: FineTuningService,
  file: string,
  options: ProgressOptions = {},
): Promise<{ readonly datasetHash: Hash }> {
  requireSigner(routes.context);
  requireName(file);
  providerUrl(service, "", routes.context.network);
  const handle = await onDisk(file, () => open(file, "r"));
  try {
    const size = await sizeOf(handle, file);
    const attempt = () => uploadOnce(routes.context, service, { file, handle, size }, options);
    return { datasetHash: await withPatience(routes, service.provider, options.signal, attempt) };
  } finally {
    await handle.close();
  }
}

interface Source {
  readonly file: string;
  readonly handle: FileHandle;
  readonly size: number;
}

function requireName(file: string): void {
  if (!/\.jsonl?$/i.test(file))
    throw new ComputeError("badFile", { path: file, detail: "the provider takes .jsonl and .json files" });
}

async function sizeOf(handle: FileHandle, file: string): Promise<number> {
  const facts = await onDisk(file, () => handle.stat());
  if (!facts.isFile()) throw new ComputeError("badFile", { path: file, detail: "not a file" });
  if (facts.size > maxFileBytes)
    throw new ComputeError("badFile", { path: file, detail: "larger than 100 MiB (104857600 bytes)" });
  return facts.size;
}

async function uploadOnce(
  context: BrokerContext,
  service: FineTuningService,
  source: Source,
  { signal, onProgress }: ProgressOptions,
): Promise<Hash> {
  const { address } = requireSigner(context);
  const form = datasetForm(
    basename(source.file),
    `----zgcompute${Buffer.from(context.random(16)).toString("hex")}`,
  );
  const hash = await createKeccak(256);
  const watched = { context, service, idleMs: sendingIdleMs, signal };
  return whileMoving(watched, async (watch, linked) => {
    const sending = new StreamedBody();
    const pieces = formPieces(context, form, source, hash, (done) => {
      // The last byte is out: what follows is the provider's reading and checking.
      watch.moved(done === source.size ? answerTime(source.size) : sendingIdleMs);
      onProgress?.({ stage: "upload", done, total: source.size });
    });
    try {
      const answer = await openResponse(context, service, `/v1/user/${address}/dataset`, {
        method: "POST",
        headers: {
          "content-type": form.contentType,
          "content-length": String(form.contentLength(source.size)),
        },
        body: sending.stream(pieces),
        signal: linked,
        timeoutMs: neverMs,
      });
      const text = await readText(context, service, answer, { signal: linked, ...answerLimits });
      return readHash(context, service, text, `0x${hash.digest("hex")}`);
    } catch (error) {
      throw sending.failure ?? error;
    }
  });
}

/** 60 s and 30 s for each started 10 MB: the official client's patience, counted from the last byte. */
function answerTime(size: number): number {
  return 60_000 + 30_000 * Math.ceil(size / 10_000_000);
}

/** The signature comes last and is made then, so that it is young however long the file took. */
async function* formPieces(
  context: BrokerContext,
  form: DatasetForm,
  { file, handle, size }: Source,
  hash: IHasher,
  onSent: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  yield form.head;
  for (let done = 0; done < size;) {
    const piece = Buffer.alloc(Math.min(pieceSize, size - done));
    const { bytesRead } = await onDisk(file, () => handle.read(piece, 0, piece.length, done));
    if (bytesRead === 0) throw changed(file);
    hash.update(piece.subarray(0, bytesRead));
    yield piece.subarray(0, bytesRead);
    done += bytesRead;
    onSent(done);
  }
  if ((await onDisk(file, () => handle.stat())).size !== size) throw changed(file);
  const signer = requireSigner(context);
  const timestamp = Math.floor(context.clock.now() / 1000);
  const signature = await signMessage(signer, uploadDigest(signer.address, timestamp));
  yield form.tail({ signature, timestamp });
}

function changed(path: string): ComputeError<"badFile"> {
  return new ComputeError("badFile", { path, detail: "it changed while it was sent" });
}

function readHash(
  context: BrokerContext,
  service: FineTuningService,
  answer: TextResponse,
  sent: string,
): Hash {
  if (answer.status !== 200) throw refused(context, service, answer);
  const { provider } = service;
  const told = asText(parseJsonObject(answer.text)?.datasetHash);
  if (told === undefined) throw unavailable(service, "the dataset's hash cannot be read");
  if (told.toLowerCase() !== sent)
    throw new ComputeError("verificationFailed", { what: "dataset", why: "hash", provider });
  return sent as Hash;
}

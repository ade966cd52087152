// Datasets in, encrypted models out (spec fine-tuning.md 5.3, 10.2).
import { keccak256 } from "ethers";
import { isUploadName, maxUploadBytes } from "../../dataset/upload.js";
import { downloadableStages } from "../../broker/wire/fineTuning/task.js";
import { loraDigest, uploadDigest } from "../../broker/wire/fineTuning/taskSignature.js";
import { BodyTooLarge, type Call, readBody, sendJson } from "../loopback.js";
import { Delivery } from "../providers/delivery.js";
import type { Provider } from "../providers/provider.js";
import type { Parameters, Route } from "../providers/routes.js";
import { checkLines } from "./dataset.js";
import { fileNames } from "./files.js";
import { parseMultipart } from "../multipart.js";
import { byteRange } from "./range.js";
import { refusal } from "./refusal.js";
import { checkSigned, checkTime, ownTaskOf, readJson, userOf } from "./requests.js";
import type { Workshop } from "./workshop.js";

/** What multipart adds around the file. */
const maxEnvelope = 64 * 1024;
const defaultCut = 1000;
const defaultSlowMs = 250;

export function fileRoutes(provider: Provider, workshop: Workshop): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/user/{user}/dataset",
      handle: (call, parameters) => upload(workshop, call, parameters),
    },
    {
      method: "POST",
      path: "/v1/user/{user}/task/{id}/lora",
      handle: (call, parameters) => download(provider, workshop, call, parameters),
    },
  ];
}

async function upload(workshop: Workshop, call: Call, parameters: Parameters): Promise<void> {
  const step = "upload dataset";
  const user = userOf(parameters, step);
  const { file, fileName, signature, timestamp } = await readForm(call, step);
  if (timestamp === undefined || signature === undefined)
    throw refusal(401, step, "missing signature or timestamp");
  if (!/^\d{1,15}$/.test(timestamp)) throw refusal(400, step, "invalid timestamp format");
  checkTime(Number(timestamp), { seconds: workshop.seconds() }, step);
  checkSigned(uploadDigest(user, Number(timestamp)), signature, user, step);
  if (file === undefined) throw refusal(400, step, "no file uploaded");
  if (!isUploadName(fileName)) throw refusal(400, step, "only .jsonl and .json files are allowed");
  if (file.length > maxUploadBytes) throw tooLarge(step);
  const problem = await checkLines(file);
  if (problem !== undefined) throw refusal(400, step, problem);
  const datasetHash = keccak256(file);
  await workshop.files.write(fileNames.dataset(user, datasetHash), file);
  sendJson(call.response, 200, { datasetHash, message: "Dataset uploaded successfully" });
}

interface UploadForm {
  readonly file?: Buffer;
  readonly fileName: string;
  readonly signature?: string;
  readonly timestamp?: string;
}

async function readForm({ request }: Call, step: string): Promise<UploadForm> {
  const body = await readBody(request, maxUploadBytes + maxEnvelope).catch((error: unknown) => {
    throw error instanceof BodyTooLarge ? tooLarge(step) : error;
  });
  const parts = parseMultipart(request.headers["content-type"], body);
  if (!parts) throw refusal(400, step, "the body is not multipart/form-data");
  const find = (name: string) => parts.find((part) => part.name === name);
  const file = find("file");
  return {
    file: file?.content,
    fileName: file?.fileName ?? "",
    signature: find("signature")?.content.toString("utf8"),
    timestamp: find("timestamp")?.content.toString("utf8"),
  };
}

function tooLarge(step: string) {
  return refusal(400, step, `file exceeds the maximum of ${maxUploadBytes} bytes`);
}

async function download(
  provider: Provider,
  workshop: Workshop,
  call: Call,
  parameters: Parameters,
): Promise<void> {
  const step = "download lora";
  const { signature, timestamp } = await readJson(call, step);
  const user = userOf(parameters, step);
  if (typeof timestamp !== "number") throw refusal(401, step, "missing timestamp");
  const task = ownTaskOf(workshop, parameters, step);
  checkTime(timestamp, { seconds: workshop.seconds() }, step);
  checkSigned(loraDigest(task.id, timestamp), signature, user, step);
  if (!downloadableStages.includes(task.progress))
    throw refusal(409, step, `the model is not ready, the task is in state ${task.progress}`);
  const isGone = provider.strikes("file-gone");
  const file = isGone ? undefined : await workshop.files.read(fileNames.encrypted(task.id));
  if (!file) throw refusal(503, step, "the file is not available, please retry shortly");
  await send(provider, call, task.id, provider.strikes("corrupt-file") ? withFlippedByte(file) : file);
}

/** The file, or the part of it that the request names. */
async function send(
  provider: Provider,
  { request, response }: Call,
  id: string,
  file: Buffer,
): Promise<void> {
  const range = byteRange(request.headers.range, file.length);
  const headers = { ...provider.headers(), "accept-ranges": "bytes" };
  if (range === "unsatisfiable") {
    response.writeHead(416, { ...headers, "content-range": `bytes */${file.length}` });
    return void response.end();
  }
  const bytes = range ? file.subarray(range.start, range.end + 1) : file;
  response.writeHead(range ? 206 : 200, {
    ...headers,
    ...(range && { "content-range": `bytes ${range.start}-${range.end}/${file.length}` }),
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename=lora_encrypted_${id}.data`,
    "content-length": bytes.length,
  });
  await deliver(provider, response, bytes);
}

async function deliver(provider: Provider, response: Call["response"], bytes: Uint8Array): Promise<void> {
  const cut = provider.takes("cut-stream");
  const slow = provider.takes("slow-stream");
  if (!cut && !slow) return void response.end(bytes);
  const { sleep, signal } = provider;
  const cutAfter = cut && Number(cut.value ?? defaultCut);
  const delayMs = slow && Number(slow.value ?? defaultSlowMs);
  const delivery = new Delivery(response, { cutAfter, delayMs, sleep, signal });
  await delivery.write(bytes);
  delivery.end();
}

/** In the middle of the first chunk, where nothing but the checks notices. */
function withFlippedByte(file: Buffer): Buffer {
  const changed = Buffer.from(file);
  const at = Math.floor(changed.length / 2);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

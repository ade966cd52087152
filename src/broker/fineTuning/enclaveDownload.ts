// The encrypted model from the provider's own route (spec fine-tuning.md 10.2): signed anew for each try, from where the last one ended if
// the provider can, without a limit on the whole time.
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { TaskId } from "../../domain/ids.js";
import type { BrokerContext } from "../context.js";
import {
  openResponse,
  providerUrl,
  readText,
  unavailable,
  type OpenResponse,
} from "../inference/providerHttp.js";
import type { ProgressOptions } from "../storage/api.js";
import { requireSigner, signMessage } from "../wallet/signer.js";
import { loraDigest } from "../wire/fineTuning/taskSignature.js";
import { parseContentRange } from "./contentRange.js";
import { whileMoving } from "../inference/idleWatch.js";
import { withPatience, type FileRoutes } from "./patience.js";
import { PartFile, receiveInto } from "./receiveFile.js";
import { refused } from "./refusals.js";
import { taskPath } from "./tasks.js";

const idleMs = 60_000;
const refusalLimits = { timeoutMs: 30_000, maxBytes: 65_536 };
const maxBytes = 64 * 2 ** 30;

/**
 * Into `path`, which may hold the beginning already. `isResumed`: bytes of an earlier try are in it, so that a wrong hash may be theirs.
 * Throws `taskConflict` (notDelivered) and, with status 503, `providerUnavailable` for a file that is gone.
 */
export async function downloadFromEnclave(
  routes: FileRoutes,
  service: FineTuningService,
  id: TaskId,
  path: string,
  options: ProgressOptions = {},
): Promise<{ readonly isResumed: boolean }> {
  providerUrl(service, "", routes.context.network);
  const part = await PartFile.open(path);
  let isComplete = false;
  let [before, isResumed] = [part.size, false];
  try {
    const attempt = async () => {
      before = part.size;
      isResumed = (await downloadOnce(routes.context, service, id, part, options)) || isResumed;
    };
    await withPatience(routes, service.provider, options.signal, attempt, () => part.size > before);
    isComplete = true;
    return { isResumed };
  } finally {
    await part.close(isComplete);
  }
}

/** True when it went on from an earlier end. */
async function downloadOnce(
  context: BrokerContext,
  service: FineTuningService,
  id: TaskId,
  part: PartFile,
  { signal, onProgress }: ProgressOptions,
): Promise<boolean> {
  return whileMoving({ context, service, idleMs, signal }, async (watch, linked) => {
    const open = await request(context, service, id, part.size, linked);
    const answer = await startOf(context, service, part, open);
    if (answer === "complete") return true;
    const progress = (done: number, total: number) => onProgress?.({ stage: "download", done, total });
    try {
      const receiving = { total: answer.total, maxBytes, watch, onProgress: progress };
      await receiveInto(part, service, open.response, receiving);
    } finally {
      release(open);
    }
    return answer.isResumed;
  });
}

async function request(
  context: BrokerContext,
  service: FineTuningService,
  id: TaskId,
  from: number,
  signal: AbortSignal,
): Promise<OpenResponse> {
  const signer = requireSigner(context);
  const timestamp = Math.floor(context.clock.now() / 1000);
  const signature = await signMessage(signer, loraDigest(id, timestamp));
  return openResponse(context, service, taskPath(signer.address, `/${id}/lora`), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "accept-encoding": "identity",
      ...(from > 0 ? { range: `bytes=${from}-` } : {}),
    },
    body: new Uint8Array(Buffer.from(JSON.stringify({ signature, timestamp }))),
    signal,
    timeoutMs: idleMs,
  });
}

interface Start {
  readonly isResumed: boolean;
  readonly total?: number;
}

/** Where the body belongs; the file is emptied when it brings all of it again. */
async function startOf(
  context: BrokerContext,
  service: FineTuningService,
  part: PartFile,
  open: OpenResponse,
): Promise<Start | "complete"> {
  const { status, headers } = open.response;
  const range = parseContentRange(headers);
  if (status === 206 && range?.start === part.size && !isEncoded(headers)) {
    if (range.total === undefined || range.end === range.total - 1)
      return { isResumed: part.size > 0, total: range.total };
  }
  if (status === 200) {
    await part.clear();
    return { isResumed: false, total: isEncoded(headers) ? undefined : lengthOf(headers) };
  }
  if (status === 416 && part.size > 0 && range?.total === part.size) {
    release(open);
    return "complete";
  }
  if (status === 206 || status === 416) {
    release(open);
    await part.clear(); // whatever is there does not fit: the next try begins anew
    throw unavailable(service, "it offered another part of the file");
  }
  const answer = await readText(context, service, open, refusalLimits);
  throw refused(context, service, answer, "notDelivered");
}

function isEncoded(headers: Pick<Headers, "get">): boolean {
  const encoding = headers.get("content-encoding") ?? "identity";
  return encoding !== "identity" && encoding !== "";
}

function lengthOf(headers: Pick<Headers, "get">): number | undefined {
  const text = headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function release({ link }: OpenResponse): void {
  link.abort();
  link.release();
}

// The training log (spec fine-tuning.md 8.3): read from where the last reading ended, without docker's framing, a bounded part at a time.
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { TaskId } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import {
  connectionError,
  openResponse,
  type OpenResponse,
  readText,
  unavailable,
} from "../inference/providerHttp.js";
import { piecesOf, type ProviderResponse } from "../inference/providerResponse.js";
import { requireSigner } from "../wallet/signer.js";
import { FrameStripper } from "../wire/fineTuning/logFrames.js";
import type { TaskLog } from "./api.js";
import { parseContentRange } from "./contentRange.js";
import { type IdleWatch, whileMoving } from "../inference/idleWatch.js";
import { refused } from "./refusals.js";
import { taskPath } from "./tasks.js";

/** What one call brings; the rest comes with the next. */
const maxPart = 4 * 2 ** 20;
/** How much of a log is passed over for a provider that cannot start in the middle. */
const maxSkipped = 512 * 2 ** 20;
const idleMs = 20_000;

export async function getLog(
  context: BrokerContext,
  service: FineTuningService,
  id: TaskId,
  options: CallOptions & { readonly offset?: number } = {},
): Promise<TaskLog> {
  const { signal, offset = 0 } = options;
  const path = taskPath(requireSigner(context).address, `/${id}/log`);
  return whileMoving({ context, service, idleMs, signal }, async (watch, linked) => {
    const open = await openResponse(context, service, path, {
      method: "GET",
      headers: { "accept-encoding": "identity", ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
      signal: linked,
      timeoutMs: idleMs,
    });
    return readPart(context, service, open, offset, watch);
  });
}

async function readPart(
  context: BrokerContext,
  service: FineTuningService,
  open: OpenResponse,
  offset: number,
  watch: IdleWatch,
): Promise<TaskLog> {
  const { response, link } = open;
  // Nothing new has been written.
  if (response.status === 416 && offset > 0) return end(link, { text: "", offset });
  const isPart = response.status === 206;
  if (response.status !== 200 && !isPart)
    throw refused(
      context,
      service,
      await readText(context, service, open, { timeoutMs: idleMs, maxBytes: 65_536 }),
    );
  const start = isPart ? parseContentRange(response.headers)?.start : 0;
  if (start === undefined || start > offset) {
    link.abort();
    throw unavailable(service, "it sent another part of the log");
  }
  if (offset - start > maxSkipped) return end(link, { text: "", offset });
  try {
    return await collect(response, offset, offset - start, watch);
  } catch (error) {
    throw connectionError(service, error);
  } finally {
    end(link, undefined);
  }
}

function end<T>(link: OpenResponse["link"], value: T): T {
  link.abort();
  link.release();
  return value;
}

async function collect(
  response: ProviderResponse,
  offset: number,
  skip: number,
  watch: IdleWatch,
): Promise<TaskLog> {
  const frames = new FrameStripper();
  const kept: Uint8Array[] = [];
  let [passed, taken] = [0, 0];
  /** The last raw bytes, to find the start of a character that is not complete. */
  let last: Uint8Array = new Uint8Array();
  for await (const piece of piecesOf(response)) {
    watch.moved();
    const fresh = piece.subarray(Math.min(piece.length, Math.max(0, skip - passed)));
    passed += piece.length;
    if (fresh.length === 0) continue;
    const part = fresh.subarray(0, maxPart - taken);
    kept.push(frames.push(part));
    taken += part.length;
    last = part.length >= 16 ? part.slice(-16) : Buffer.concat([last, part]).subarray(-16);
    if (taken === maxPart) break;
  }
  const held = frames.end().length;
  const bytes = Buffer.concat(kept);
  const cut = cutCharacter(bytes, last.subarray(0, last.length - held));
  return {
    text: new TextDecoder().decode(bytes.subarray(0, bytes.length - cut)),
    offset: offset + taken - held - cut,
  };
}

/** How many bytes at the end begin a character whose rest is still to come; 0 when framing lies between them. */
function cutCharacter(text: Uint8Array, raw: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, text.length); length++) {
    const byte = text[text.length - length] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    const isSame = Buffer.from(text.subarray(text.length - length)).equals(raw.subarray(raw.length - length));
    return needed > length && isSame ? length : 0;
  }
  return 0;
}

// A provider's description of one of its own models, a zip (spec fine-tuning.md 3.2).
import { rename, rm } from "node:fs/promises";
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { BrokerContext } from "../context.js";
import { openResponse, readText } from "../inference/providerHttp.js";
import type { ProgressOptions } from "../storage/api.js";
import { modelPathSegment } from "../wire/fineTuning/models.js";
import { onDisk } from "../storage/diskError.js";
import { whileMoving } from "../inference/idleWatch.js";
import { customisedModels } from "./models.js";
import { PartFile, receiveInto, requireAbsent } from "./receiveFile.js";
import { refused } from "./refusals.js";

const idleMs = 60_000;
const maxBytes = 2 ** 30;

/** `model` by name or hash. The provider finds some names never, so its list is asked for the hash. */
export async function modelUsage(
  context: BrokerContext,
  service: FineTuningService,
  model: string,
  file: string,
  options: ProgressOptions = {},
): Promise<void> {
  await requireAbsent(file);
  const segment = await segmentOf(context, service, model, options);
  const temporary = `${file}.${Buffer.from(context.random(6)).toString("hex")}.part`;
  try {
    await receive(context, service, `/v1/model/desc/${segment}`, temporary, options);
    await requireAbsent(file); // it took a while
    await onDisk(file, () => rename(temporary, file));
  } finally {
    await rm(temporary, { force: true });
  }
}

async function segmentOf(
  context: BrokerContext,
  service: FineTuningService,
  model: string,
  options: ProgressOptions,
): Promise<string> {
  if (/^0x[0-9a-f]{64}$/i.test(model)) return model.toLowerCase();
  const known = (await customisedModels(context, service, options)).find(({ name }) => name === model);
  return known ? modelPathSegment(known) : encodeURIComponent(model);
}

async function receive(
  context: BrokerContext,
  service: FineTuningService,
  path: string,
  temporary: string,
  { signal, onProgress }: ProgressOptions,
): Promise<void> {
  const part = await PartFile.open(temporary);
  try {
    await whileMoving({ context, service, idleMs, signal }, async (watch, linked) => {
      const request = { method: "GET", signal: linked, timeoutMs: idleMs } as const;
      const open = await openResponse(context, service, path, request);
      try {
        if (open.response.status !== 200)
          throw refused(
            context,
            service,
            await readText(context, service, open, { timeoutMs: idleMs, maxBytes: 65_536 }),
          );
        const progress = (done: number, total: number) => onProgress?.({ stage: "download", done, total });
        await receiveInto(part, service, open.response, { maxBytes, watch, onProgress: progress });
      } finally {
        open.link.abort();
        open.link.release();
      }
    });
  } finally {
    await part.close(false);
  }
}

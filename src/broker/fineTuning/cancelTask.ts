// Cancelling a task (spec fine-tuning.md 8.2): before training only, and free of charge.
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { TaskId } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { requestText } from "../inference/providerHttp.js";
import { requireSigner, signMessage } from "../wallet/signer.js";
import { cancelDigest } from "../wire/fineTuning/taskSignature.js";
import { refused } from "./refusals.js";
import { taskPath } from "./tasks.js";

const limits = { timeoutMs: 30_000, maxBytes: 65_536 };

/** Throws `taskConflict` (tooLate) once it trains. */
export async function cancelTask(
  context: BrokerContext,
  service: FineTuningService,
  id: TaskId,
  { signal }: CallOptions = {},
): Promise<void> {
  const signer = requireSigner(context);
  const signature = await signMessage(signer, cancelDigest(id));
  const answer = await requestText(context, service, taskPath(signer.address, `/${id}/cancel`), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: new Uint8Array(Buffer.from(JSON.stringify({ signature }))),
    signal,
    ...limits,
  });
  if (answer.status !== 200) throw refused(context, service, answer, "tooLate");
}

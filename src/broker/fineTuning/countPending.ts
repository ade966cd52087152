// How many tasks of all users wait or train (spec fine-tuning.md 7.3).
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { CallOptions } from "../call.js";
import type { BrokerContext } from "../context.js";
import { requestText, unavailable } from "../inference/providerHttp.js";
import { refused } from "./refusals.js";

const limits = { timeoutMs: 10_000, maxBytes: 1_000 };

export async function countPending(
  context: BrokerContext,
  service: FineTuningService,
  { signal }: CallOptions = {},
): Promise<number> {
  const path = "/v1/task/pending";
  const answer = await requestText(context, service, path, { method: "GET", signal, ...limits });
  if (answer.status !== 200) throw refused(context, service, answer);
  const text = answer.text.trim();
  if (!/^\d{1,9}$/.test(text)) throw unavailable(service, "the number of waiting tasks cannot be read");
  return Number(text);
}

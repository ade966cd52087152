// What a fine-tuning provider's "no" means (spec fine-tuning.md 7.3, 8.2, 10.2). Its texts are prefixed and differ between versions: parts
// of them are matched, here and nowhere else.
import { ComputeError, type ErrorFacts } from "../../domain/error.js";
import type { FineTuningService } from "../../domain/fineTuning.js";
import type { BrokerContext } from "../context.js";
import { refusalDetail, refusalError } from "../inference/refusal.js";
import type { TextResponse } from "../inference/providerHttp.js";
import { parseJsonObject } from "../wire/json.js";

type Peer = Pick<FineTuningService, "provider">;
export type Conflict = ErrorFacts["taskConflict"]["why"];

/**
 * An answer that is none. `conflict`: what 409 means on this route. The router's own "404 page not found" is plain text and says that the
 * address is wrong, so it is the provider that is not there.
 */
export function refused(
  context: BrokerContext,
  service: Peer,
  answer: TextResponse,
  conflict?: Conflict,
): ComputeError {
  const { provider } = service;
  const { status, headers, text: body } = answer;
  if (status === 409 && conflict) return new ComputeError("taskConflict", { provider, why: conflict });
  return refusalError({ provider, status, headers, body, now: context.clock.now() });
}

/** Why a task was not created. */
export function creationRefused(context: BrokerContext, service: Peer, answer: TextResponse): ComputeError {
  const detail = refusalDetail(answer.text);
  const conflict = (why: Conflict) => new ComputeError("taskConflict", { provider: service.provider, why });
  if (/unfinished task/i.test(detail)) return conflict("unfinished");
  if (/queue is full/i.test(detail)) return conflict("queueFull");
  return refused(context, service, answer, "busy");
}

/** A task, adapter or model that the provider does not know: its answer is JSON, the router's is not. */
export function isUnknownThing({ status, text }: TextResponse): boolean {
  return status === 404 && parseJsonObject(text) !== undefined;
}

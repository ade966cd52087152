// A question that is by itself longer than its model reads: nothing that went before could be left out to make room.
import { cancelled, ComputeError } from "../../domain/error.js";
import { knownContext } from "../../domain/modelLimits.js";
import type { ModelInfo } from "../../domain/provider.js";
import type { ConfirmationTexts, Dialogs } from "../ports.js";
import { orAborted } from "../sandbox.js";
import type { ChatPlan } from "./chatRequest.js";

/** Throws `tooLong` where no count makes it fit what the provider says: it would be refused, or paid for in vain. */
export function checkLength(model: string, fewestTokens: number, info: ModelInfo | undefined): void {
  const context = knownContext(info);
  if (context !== undefined && fewestTokens > context)
    throw new ComputeError("tooLong", { model, tokens: fewestTokens, context });
}

/** Tokens that the model reads beside the longest answer asked for; undefined where its provider does not say. */
export function roomIn(info: ModelInfo | undefined, maxTokens: number): number | undefined {
  const context = knownContext(info);
  return context === undefined ? undefined : context - maxTokens;
}

/** Where it is only likely that it does not fit, the user may send it all the same. Throws `tooLong`, `cancelled` after a no. */
export async function agreeToLength(
  { dialogs, texts }: { readonly dialogs: Dialogs; readonly texts: Pick<ConfirmationTexts, "tooLong"> },
  model: string,
  { own, maxTokens, worstCase }: Pick<ChatPlan, "own" | "maxTokens" | "worstCase">,
  info: ModelInfo | undefined,
  signal: AbortSignal,
): Promise<void> {
  checkLength(model, own.fewest, info);
  const room = roomIn(info, maxTokens);
  if (room === undefined || own.likely <= room) return;
  const facts = { model, tokens: own.likely, room, worstCase };
  if (!(await orAborted(dialogs.confirm(texts.tooLong(facts)), signal))) throw cancelled();
}

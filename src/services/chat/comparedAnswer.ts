// One answer of a comparison: how it was asked for, what was left out of that, and the conversation it may become.
import type { Conversation, Turn } from "../../domain/chat.js";
import { wireNames, type ChatSettings, type SettingName } from "../../domain/chatSettings.js";
import type { ConversationId } from "../../domain/ids.js";
import type { ModelInfo } from "../../domain/provider.js";
import type { ReceiptId } from "../../domain/receipt.js";
import { limitsWith, takesParameter, titleOf } from "./chatRequest.js";

export interface ComparedAnswer {
  readonly turn: Turn;
  /** With which it was asked, and is asked again. */
  readonly settings?: ChatSettings;
  /** Of these, what its provider does not say that the model takes. */
  readonly unsent?: readonly SettingName[];
  /** The longest answer it writes, where that is shorter than what was asked for. */
  readonly cappedAt?: number;
  readonly tokensPerSecond?: number;
  readonly receipt?: ReceiptId;
}

/** It ended well, and nothing is still to come of its check, which the conversation would not hear of. */
export function canGoOn({ answer: { state, text, verdict } }: Turn): boolean {
  return (
    state === "done" &&
    text !== "" &&
    verdict !== undefined &&
    verdict.level !== "pending" &&
    !verdict.isAskedAgain
  );
}

/** A conversation of it, to go on with: the same each time, by its id. */
export function conversationOf({ turn, settings }: ComparedAnswer, now: number): Conversation {
  const { provider, model, network = "sandbox", startedAt } = turn.answer;
  return {
    id: turn.id as string as ConversationId,
    title: titleOf(turn.question),
    ...{ network, provider, model, settings, turns: [turn], createdAt: startedAt, updatedAt: now },
  };
}

/** What is left out for that model. Both anew each time: a provider may say another thing now. */
export function notTaken(
  settings: ChatSettings = {},
  info: ModelInfo | undefined,
): Pick<ComparedAnswer, "unsent" | "cappedAt"> {
  const names = Object.keys(wireNames) as (keyof typeof wireNames)[];
  const unsent = names.filter((name) => settings[name] !== undefined && !takesParameter(info, name));
  const most = limitsWith(settings, info).answer;
  return { unsent, cappedAt: most < (settings.maxTokens ?? 0) ? most : undefined };
}

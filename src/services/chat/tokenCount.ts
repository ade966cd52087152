// How many tokens others in the editor must reckon with: a likely figure, not an upper bound.
import type { ChatMessage } from "../../domain/chatMessage.js";
import { guessTokens } from "../../domain/tokens.js";
import { guessTokensOf } from "./chatRequest.js";

export function countTokens(asked: string | readonly ChatMessage[]): number {
  if (typeof asked === "string") return guessTokens(asked);
  return asked.reduce((sum, message) => sum + guessTokensOf(message), 0);
}

// How many tokens others in the editor must reckon with: a likely figure, not an upper bound.
import { picturesIn, wordsOf, type ChatMessage } from "../../domain/chatMessage.js";
import { usualPictureTokens } from "../../domain/picture.js";
import { guessTokens } from "../../domain/tokens.js";
import { tokensPerMessage } from "./chatRequest.js";

export function countTokens(asked: string | readonly ChatMessage[]): number {
  if (typeof asked === "string") return guessTokens(asked);
  return asked.reduce((sum, message) => sum + tokensOf(message), 0);
}

function tokensOf(message: ChatMessage): number {
  return guessTokens(wordsOf(message)) + tokensPerMessage + picturesIn(message) * usualPictureTokens;
}

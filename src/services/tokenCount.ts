// How many tokens others in the editor must reckon with: a likely figure, not an upper bound.
import { estimateTokens } from "../dataset/tokens.js";
import { wordsOf, type ChatMessage } from "../domain/chatMessage.js";

const tokensPerMessage = 4; // role and separators
/** What vision models commonly make of a picture of a screen. */
const tokensPerPicture = 1_024;

export function countTokens(asked: string | readonly ChatMessage[]): number {
  if (typeof asked === "string") return estimateTokens(asked).likely;
  return asked.reduce((sum, message) => sum + tokensOf(message), 0);
}

function tokensOf(message: ChatMessage): number {
  const { content } = message;
  const pictures = typeof content === "string" ? 0 : content.filter(({ kind }) => kind === "picture").length;
  return estimateTokens(wordsOf(message)).likely + tokensPerMessage + pictures * tokensPerPicture;
}

// How many tokens a text has, before anyone has counted them: a guess by its length.
const charactersPerToken = 4;

export function guessTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

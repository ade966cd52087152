// The rules about length (OG050 to OG053): what is cut at 512 tokens, what the whole is charged for.
import type { ConvertedRow, TokenRange } from "../domain/dataset.js";
import { estimateTokens } from "../domain/tokens.js";
import { countWords } from "../domain/words.js";
import type { Problems } from "./problems.js";
import type { RowText } from "./rowText.js";
import {
  addTokens,
  maxTrainedTokens,
  noTokens,
  templateTokens,
  tokensOfBytes,
  wordsOfBytes,
} from "./tokens.js";

const shortAnswer = 3;
const shortPercent = 80;
/** Below this many rows a share says nothing. */
const enoughRows = 10;

export interface TokenTotals {
  readonly tokens: TokenRange;
  readonly billedTokens: TokenRange;
  readonly billedWords: TokenRange;
  readonly cutRows: number;
}

export class TokenRules {
  private tokens = noTokens;
  private billed = noTokens;
  private billedWords = noTokens;
  private cutRows = 0;
  private answers = 0;
  private shortAnswers = 0;

  constructor(private readonly problems: Problems) {}

  row(row: ConvertedRow, text: RowText): void {
    if ("text" in row) {
      const tokens = estimateTokens(row.text);
      this.bill(tokens, tokens);
      this.billWords(countWords(row.text), 0);
      return this.length(tokens, noTokens, text);
    }
    const instruction = estimateTokens(row.instruction);
    const input = estimateTokens(row.input);
    const output = estimateTokens(row.output);
    const columns = addTokens(input, output);
    const prompt = addTokens(addTokens(instruction, input), templateTokens(row.input !== ""));
    this.bill(columns, addTokens(columns, instruction));
    this.billWords(countWords(row.input) + countWords(row.output), countWords(row.instruction));
    this.length(addTokens(prompt, output), prompt, text);
    if (output.likely === 0) return;
    this.answers++;
    if (output.likely < shortAnswer) this.shortAnswers++;
  }

  largeRow(size: number, text: RowText): void {
    const tokens = tokensOfBytes(size);
    this.bill(tokens, tokens);
    this.billedWords = addTokens(this.billedWords, wordsOfBytes(size));
    this.length(tokens, noTokens, text);
  }

  end(rows: number): TokenTotals {
    const { tokens, billed, billedWords, cutRows, answers, shortAnswers, problems } = this;
    const percent = answers === 0 ? 0 : (shortAnswers * 100) / answers;
    if (answers >= enoughRows && percent > shortPercent)
      problems.addFile("OG053", { percent: Math.floor(percent) });
    if (rows > 0) problems.addFile("OG052", { tokens: billed });
    return { tokens, billedTokens: billed, billedWords, cutRows };
  }

  /** The public counter leaves the instruction out; a provider's may not. */
  private bill(least: TokenRange, most: TokenRange): void {
    this.billed = addTokens(this.billed, { low: least.low, likely: most.likely, high: most.high });
  }

  private billWords(least: number, instruction: number): void {
    const most = least + instruction;
    this.billedWords = addTokens(this.billedWords, { low: least, likely: most, high: most });
  }

  private length(tokens: TokenRange, prompt: TokenRange, text: RowText): void {
    this.tokens = addTokens(this.tokens, tokens);
    if (prompt.likely >= maxTrainedTokens) {
      const severity = prompt.low >= maxTrainedTokens ? "error" : "warning";
      this.problems.add("OG051", () => text.place(text.whole(), { tokens: prompt.likely }), severity);
    }
    if (tokens.likely <= maxTrainedTokens) return;
    this.cutRows++;
    const lost = tokens.likely - maxTrainedTokens;
    this.problems.add("OG050", () => text.place(text.whole(), { tokens: tokens.likely, lost }));
  }
}

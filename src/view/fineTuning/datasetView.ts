// What was found in a dataset or a configuration, in words: a sentence for each place, and what the whole amounts to.
import type { Place, Problem, RuleId } from "../../domain/dataset.js";
import {
  fileSentences,
  rowSentences,
  type FileRule,
  type RowRule,
  type Sentences,
} from "./datasetSentences.js";
import { cleanText } from "../text.js";
import { tokenText } from "./trainingAmounts.js";
import type { Translate } from "../translate.js";

const otherSentences: Sentences<Exclude<RuleId, FileRule | RowRule>> = {
  OG050: ({ tokens, lost }, t) =>
    t("About {0} tokens: training sees the first 512 and loses {1}.", tokens, lost),
  OG051: ({ tokens }, t) =>
    t(
      "The prompt alone has about {0} tokens and fills the 512 that are trained on: the answer is never seen.",
      tokens,
    ),
  OG052: ({ tokens }, t) => t("Tokens that a fee may count, by estimate: {0}", tokenText(tokens, t)),
  OG053: ({ percent }, t) =>
    t("{0} % of the answers have less than 3 tokens. Is this a classification? Check the labels.", percent),
  OC01: ({ keys }, t) => t("Missing: {0}", keys.join(", ")),
  OC02: ({ key }, t) => t('The provider does not allow "{0}".', cleanText(key, 60)),
  OC03: (_, t) => t("The learning rate must be written without an exponent, such as 0.0002."),
  OC04: (_, t) => t("The learning rate must be between 0.00001 and 0.001."),
  OC05: (_, t) => t("The number of epochs must be a whole number from 1 to 10."),
  OC06: (_, t) => t("The batch size must be a whole number from 1 to 4."),
  OC07: (_, t) => t("The noise must be a number from 0 to 10."),
  OC08: (_, t) => t("The steps must be -1, for as many as the epochs make, or a whole number above 0."),
  OC09: ({ percent }, t) =>
    t("Training ends after {0} % of what is paid for: the fee covers all epochs in full.", percent),
  OC10: ({ steps }, t) =>
    steps === 1
      ? t("Only one step: the learning rate never leaves its warm-up of 10 steps.")
      : t("Only {0} steps: the learning rate never leaves its warm-up of 10 steps.", steps),
  OC11: ({ effectiveBatch, steps }, t) =>
    t("{0} rows make a step (batch size x 4); {1} steps in all.", effectiveBatch, steps),
  OC12: ({ why, detail }, t) => {
    if (why === "comma")
      return t("JSON has no comma before a closing bracket. The provider says: {0}", cleanText(detail));
    if (why === "comment") return t("JSON has no comments. The provider says: {0}", cleanText(detail));
    return t("Not valid JSON. The provider says: {0}", cleanText(detail));
  },
};

const sentences: Sentences<RuleId> = { ...fileSentences, ...rowSentences, ...otherSentences };

/** The sentence for one place. */
export function placeText<R extends RuleId>(
  rule: R,
  { facts }: Pick<Place<R>, "facts">,
  t: Translate,
): string {
  return sentences[rule](facts, t);
}

/** What an error rule says of a file in few words, where no place is at hand; undefined for what only its line can show. */
export function ruleText(rule: string, t: Translate): string | undefined {
  const none = {};
  switch (rule) {
    case "OG001":
    case "OG003":
    case "OG004":
    case "OG012":
    case "OG022":
    case "OG028":
    case "OG029":
      return sentences[rule](none, t);
    case "OG002":
      return t("This is not UTF-8.");
    case "OG005":
      return t("This is no JSONL: a dataset has one JSON object in each line.");
    case "OG006":
      return t("The file is larger than 100 MiB, the most that providers take as an upload.");
    case "OG007":
      return t("Its name must end in .jsonl or .json.");
    case "OG010":
      return t("Not valid JSON.");
    case "OG011":
      return t("This is JSON, but no object.");
    case "OG013":
      return t("One object over several lines. Each row must be in one line.");
    case "OG020":
    case "OG021":
      return t("Training would see an empty text.");
    case "OG051":
      return t("The prompt leaves no room for the answer.");
    default:
      return undefined;
  }
}

/** For the places that are not listed; undefined when all are. */
export function restText({ rule, total, places }: Problem, t: Translate): string | undefined {
  const rest = total - places.length;
  if (rest === 0) return undefined;
  return rest === 1
    ? t("{0}: one more place is not listed.", rule)
    : t("{0}: {1} more places are not listed.", rule, rest);
}

// Events of the fine-tuning contract that lie back, newest first: nodes bound what one question may cover, each in words of its own.
import type { BlockRange, ChainAccess, PlacedLog } from "../chain/access.js";
import { networkError } from "../chain/errors.js";

/** Of blocks in one question: fewer when the node refuses, not below this. */
const smallestWindow = 1_000;
/** Then it is the node that is of no use, and not what is looked for that is missing. */
const maxQuestions = 1_000;

export async function* newestFirst(
  chain: ChainAccess,
  topics: readonly string[],
  { from, to }: BlockRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<PlacedLog> {
  let window = Math.max(to - from + 1, smallestWindow);
  for (let end = to, asked = 0; end >= from; asked++) {
    if (asked === maxQuestions) throw networkError("", "the node tells too little of the past at once");
    const start = Math.max(from, end - window + 1);
    try {
      yield* (await chain.logs("fineTuning", topics, { from: start, to: end }, { signal })).toReversed();
      end = start - 1;
    } catch (error) {
      if (signal?.aborted || window <= smallestWindow) throw error;
      window = Math.max(smallestWindow, Math.floor(window / 2));
    }
  }
}

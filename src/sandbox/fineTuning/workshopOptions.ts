// What the fine-tuning of the sandbox is given.
import type { LanguageModel } from "../model/model.js";
import type { Storage } from "../storage/storage.js";
import type { Files } from "./files.js";
import type { FineTuningMarket } from "./market.js";
import type { Pace } from "./pace.js";

export interface WorkshopOptions {
  readonly files: Files;
  readonly market: FineTuningMarket;
  readonly pace: Pace;
  /** The model that is tuned. */
  readonly base: () => LanguageModel;
  readonly storage: Storage;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Unix seconds of the chain: what deadlines go by. */
  readonly chainTime: () => number;
  /** Number of the chain's last block. */
  readonly chainHead: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds between the pieces of an answer. */
  readonly paceMs: number;
}

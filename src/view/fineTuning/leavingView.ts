// What is asked before everything of ours is removed from this machine.
import type { LeftBehind } from "../../services/fineTuning/leaving.js";
import type { Translate } from "../translate.js";

/** The question's explanation; what is lost for good comes first. */
export function leavingText({ unfinished, models }: LeftBehind, t: Translate): string {
  const paragraphs = [
    unfinished === 0
      ? undefined
      : t(
          "Fine-tunings whose model is not acknowledged or not decrypted yet: {0}. Without the key nobody can do either: the model is lost, and when its deadline passes a part of the fee.",
          unfinished,
        ),
    models === 0
      ? undefined
      : t(
          "Trained models that are nowhere but here: {0}. Decrypt them into a folder of yours first to keep them.",
          models,
        ),
    t(
      "Keys, conversations, receipts, trained models, the records of fine-tunings and spending and the sandbox's state are deleted from this machine. Models that you unpacked into a folder stay there.",
    ),
    t(
      "What stays on the chain: money in wallets, ledgers and sub-accounts, and past transactions. Without the key or the recovery words nobody can reach that money again.",
    ),
  ];
  return paragraphs.filter((text) => text !== undefined).join("\n\n");
}

// The one word for what a receipt or an enclave's reports prove.
import type { ProofWord } from "../../domain/verdict.js";
import type { Translate } from "../translate.js";

export function proofWord(word: ProofWord, t: Translate): string {
  switch (word) {
    case "proven":
      return t("Proven");
    case "failed":
      return t("Failed");
    case "notProven":
      return t("Not proven");
  }
}

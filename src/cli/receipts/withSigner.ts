// Whose key must sign is the receipt's own word, taken from the chain of then. Who knows the key from elsewhere can have it compared.
import { sameAddress } from "../../domain/ids.js";
import type { ReceiptCheck, Recheck } from "../../domain/receipt.js";

export function withSigner(result: Recheck, signer: string): Recheck {
  const { receipt } = result;
  if (!receipt) return result;
  const right = receipt.kind === "model" ? receipt.file.signer : receipt.signed?.signer;
  const isSame = right !== undefined && sameAddress(right, signer);
  const check: ReceiptCheck = {
    id: "known-signer",
    status: isSame ? "proven" : "failed",
    left: signer,
    ...(right === undefined ? {} : { right }),
  };
  return { ...result, word: isSame ? result.word : "failed", checks: [...result.checks, check] };
}

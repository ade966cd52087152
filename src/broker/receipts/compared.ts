// One thing that was compared, as a check.
import type { ReceiptCheck } from "../../domain/receipt.js";

export function compared(
  id: ReceiptCheck["id"],
  isRight: boolean,
  { failedWhy, ...sides }: { left?: string; right?: string; failedWhy?: string },
): ReceiptCheck {
  const why = isRight || failedWhy === undefined ? {} : { why: failedWhy };
  return { id, status: isRight ? "proven" : "failed", ...sides, ...why };
}

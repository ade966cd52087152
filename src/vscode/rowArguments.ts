// Commands get the row they were started from; what they need of it is read here, and nothing else is trusted.
import type { Address, ProviderId } from "../domain/ids.js";
import type { Row } from "../view/rows.js";

function subjectOf(row: unknown): Row["subject"] {
  return typeof row === "object" && row !== null && "subject" in row ? (row as Row).subject : undefined;
}

export function providerOf(row: unknown): ProviderId | undefined {
  return subjectOf(row)?.provider;
}

export function addressOf(row: unknown): Address | undefined {
  return subjectOf(row)?.address ?? subjectOf(row)?.provider;
}

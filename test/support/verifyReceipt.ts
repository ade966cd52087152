// The headless script in a process of its own, as CI runs it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = join(import.meta.dirname, "../../src/cli/verifyReceipt.ts");

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

export function runVerifyReceipt(...words: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script, ...words], {
    encoding: "utf8",
  });
  return { code: status, out: stdout, errors: stderr };
}

/** Bytes as files for the time of some work. */
export function withFiles<T>(
  files: Readonly<Record<string, Uint8Array>>,
  work: (path: (name: string) => string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), "receipts-"));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    return work((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

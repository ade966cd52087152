// npm run conformance -- FILE...   Golden vectors against this project's code; without files, the copies kept with the tests.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { add, runFile } from "./conformance/runner.js";
import { createSuites } from "./conformance/suites.js";

const kept = join(import.meta.dirname, "../../test/fixtures/vectors");

async function main(files: readonly string[]): Promise<number> {
  const suites = createSuites();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const text = read(file);
    if (text === undefined) counts.failed++;
    else add(counts, await runFile(basename(file), text, suites, say));
  }
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    say(`FAILED ${file}: ${error instanceof Error ? error.message : "cannot be read"}`);
    return undefined;
  }
}

function keptFiles(): string[] {
  return readdirSync(kept)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => join(kept, name));
}

function say(line: string): void {
  console.log(line);
}

const given = process.argv.slice(2);
void main(given.length > 0 ? given : keptFiles()).then((code) => {
  process.exitCode = code;
});

// The entry that VS Code loads into the extension host: runs the suites that ZG_HOST_FILES names with mocha, and
// leaves what they printed (output.log) and their counts (result.json) in the folder ZG_HOST_OUT.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";

/** Called by VS Code. Rejects when a test failed, which makes VS Code's exit code 1. */
export async function run(): Promise<void> {
  const out = required("ZG_HOST_OUT");
  const { default: Mocha } = await import("mocha");
  // The extension host's console is VS Code's; the reporter writes to a file that the launcher follows.
  const reporter = Mocha.reporters.Base as unknown as { consoleLog: (...values: unknown[]) => void };
  reporter.consoleLog = (...values) => appendFileSync(join(out, "output.log"), `${format(...values)}\n`);

  const filter = JSON.parse(process.env.ZG_HOST_FILTER ?? "{}") as {
    grep?: string;
    fgrep?: string;
    invert?: boolean;
  };
  const mocha = new Mocha({ ui: "bdd", timeout: 30_000, color: false, ...filter });
  for (const file of JSON.parse(required("ZG_HOST_FILES")) as string[]) mocha.addFile(file);

  const failed: string[] = [];
  const { passes, failures, pending } = await new Promise<Mocha.Stats>((done) => {
    const runner = mocha.run(() => done(runner.stats!));
    runner.on("fail", (test) => failed.push(test.fullTitle()));
  });
  writeFileSync(join(out, "result.json"), JSON.stringify({ passes, failures, pending, failed }));
  if (failures > 0) throw new Error(`${failures} failed.`);
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run these suites with test/run.mjs host.`);
  return value;
}

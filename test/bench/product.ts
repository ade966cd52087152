// What users get: the minified files of dist, copied so that another build meanwhile changes nothing, and the sandbox made of them.
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { BrokerModule } from "../../src/broker/api.js";
import type { SandboxReady } from "../../src/domain/sandboxReady.js";

const dist = resolve(import.meta.dirname, "../../dist");

export interface Product {
  /** Holds all files of dist. */
  readonly folder: string;
  readonly broker: BrokerModule;
  remove(): void;
}

/** Throws when dist is not the minified build. */
export function takeProduct(): Product {
  const folder = mkdtempSync(join(tmpdir(), "zg-bench-"));
  for (const name of readdirSync(dist))
    if (!name.endsWith(".map")) copyFileSync(join(dist, name), join(folder, name));
  const file = join(folder, "broker.js");
  const isMinified = existsSync(file) && !readFileSync(file, "utf8").includes("sourceMappingURL");
  if (!isMinified) throw new Error("dist is not the minified build: node esbuild.mjs --minify");
  return {
    folder,
    broker: createRequire(import.meta.url)(file) as BrokerModule,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface RunningSandbox {
  readonly ready: SandboxReady;
  /** From spawn to the ready line. */
  readonly readyMs: number;
  /** Its CPU time until then; NaN where the system has no /proc. */
  readonly readyCpuMs: number;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

/** dist/sandbox.js without pauses between the pieces of an answer; settles only at its end. */
export async function startSandbox(
  { folder }: Product,
  args: readonly string[] = [],
): Promise<RunningSandbox> {
  const started = performance.now();
  const options = ["--parent", "--pace", "0", "--settle", "0", ...args];
  const child = spawn(process.execPath, [join(folder, "sandbox.js"), ...options], { stdio: "pipe" });
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  const ready = JSON.parse(await firstLine(child)) as SandboxReady;
  const readyMs = performance.now() - started;
  const readyCpuMs = cpuMsOf(child.pid ?? 0);
  const stop = () => {
    child.kill("SIGTERM");
    return exited;
  };
  return { ready, readyMs, readyCpuMs, stop };
}

/** User and system time of a process, in hundredths of a second: fields 14 and 15 of its stat file. */
function cpuMsOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return NaN;
  const fields = readFileSync(file, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function firstLine(child: ChildProcess): Promise<string> {
  let lastWords = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (lastWords += text));
  return new Promise((done, fail) => {
    if (child.stdout) createInterface({ input: child.stdout }).once("line", done);
    child.once("error", fail);
    child.once("close", () => fail(new Error(`it did not start: ${lastWords}`)));
  });
}

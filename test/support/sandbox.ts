// The sandbox for tests: as the program users get, in a process of its own, or inside the test's process.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { SandboxReady } from "../../src/domain/sandboxReady.js";
import { loadModel } from "../../src/sandbox/model/serialize.js";
import { startSandbox as startHere, type SandboxOptions } from "../../src/sandbox/sandbox.js";

const root = join(import.meta.dirname, "../..");
const dist = join(root, "dist");
const startMs = 30_000;
const stopMs = 5000;

/** What `GET /state` tells. */
export interface SandboxState {
  head: { number: number; hash: string; timestamp: number };
  faults: { target: string; fault: string; value?: unknown; times?: number }[];
  counters: {
    chain: Record<string, number>;
    /** Provider -> route -> calls. */
    providers: Record<string, Record<string, number>>;
    storage: { indexer: Record<string, number>; nodes: Record<string, number>[] };
  };
  /** Provider -> user (lower case) -> neuron. */
  unsettled: Record<string, Record<string, string>>;
  fineTuning: { pace: string; deadlineSeconds?: number; stopAt?: string; holdCalls?: string };
  upstream: { baseUrl: string; model: string } | null;
  tasks: { id: string; progress: string; userAddress: string; fee: string }[];
}

/** The control API, spec/sandbox.md section 3. Every call throws when the answer is not 200. */
export interface SandboxControl {
  /** `target`: a provider address, "chain", "storage" or "*". */
  fault(target: string, fault: string, value?: string | number | boolean, times?: number): Promise<void>;
  clear(): Promise<void>;
  time(seconds: number): Promise<void>;
  /** `amount` in 0G as decimal text. */
  fund(address: string, amount: string): Promise<void>;
  fineTuning(
    pace: "fast" | "real",
    more?: { deadlineSeconds?: number; stopAt?: string; holdCalls?: string },
  ): Promise<void>;
  /** Charges on chain what users owe, now. */
  settle(): Promise<void>;
  state(): Promise<SandboxState>;
  /** Any call, as it is. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface TestSandbox {
  readonly ready: SandboxReady;
  readonly control: SandboxControl;
  /** The chat provider of that class: "combined", "separated", "centralized". */
  provider(providerClass: string): SandboxReady["providers"][number];
  /** The one that trains; `trainerChat` is the same one as it answers chat. */
  readonly trainer: SandboxReady["providers"][number];
  readonly trainerChat: SandboxReady["providers"][number];
  stop(): Promise<void>;
}

export interface TestSandboxProcess extends TestSandbox {
  readonly child: ChildProcess;
  /** What it wrote to stderr so far. */
  stderr(): string;
  /** Sends a line of JSON to its standard input. */
  send(line: object): void;
}

/**
 * Starts dist/sandbox.js, made anew when it is missing or older than the sources, with `--parent` (it ends with this process) and,
 * unless told otherwise, without pauses between the pieces of an answer. Rejects with its last words when it does not get ready.
 */
export async function startSandbox(
  options: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<TestSandboxProcess> {
  buildSandbox();
  const args = [join(dist, "sandbox.js"), "--parent", "--pace", "0", ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...withoutNodeOptions(), ...options.env },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => fail("not ready in time"), startMs);
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`the sandbox did not start (${why}): ${stderr}`));
    };
    createInterface({ input: child.stdout }).once("line", (text) => {
      clearTimeout(timer);
      resolve(text);
    });
    child.once("error", (error) => fail(error.message));
    child.once("close", (code) => fail(`exit code ${code}`));
  });
  const ready = JSON.parse(line) as SandboxReady;
  return {
    ...around(ready),
    child,
    stderr: () => stderr,
    send: (object) => void child.stdin.write(`${JSON.stringify(object)}\n`),
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** The environment without what is meant for the test runner alone (a loader would slow each start down). */
export function withoutNodeOptions(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: "" };
}

/** The same sandbox inside this process: starts faster, and `now` may be a clock of the test. Needs dist/genesis.bin. */
export async function startSandboxInProcess(
  options: Partial<SandboxOptions> = {},
): Promise<TestSandbox & { sandbox: Awaited<ReturnType<typeof startHere>> }> {
  buildSandbox();
  const sandbox = await startHere({
    genesis: readFileSync(join(dist, "genesis.bin")),
    model: () => loadModel(readFileSync(join(dist, "base-model.bin"))),
    paceMs: 0,
    settleSeconds: 0,
    ...options,
  });
  return { ...around(sandbox.ready), sandbox, stop: () => sandbox.close() };
}

function around(ready: SandboxReady): Omit<TestSandbox, "stop"> {
  const find = (serviceType: string, model: string) => {
    const found = ready.providers.find((one) => one.serviceType === serviceType && one.model === model);
    if (!found) throw new Error(`no provider of ${serviceType} with ${model}`);
    return found;
  };
  return {
    ready,
    control: controlOf(ready),
    trainer: find("fine-tuning", "sandbox-lm"),
    trainerChat: find("chatbot", "sandbox-lm"),
    provider: (providerClass) => {
      const found = ready.providers.find((provider) => provider.class === providerClass);
      if (!found) throw new Error(`no provider of class ${providerClass}`);
      return found;
    },
  };
}

function controlOf({ control: { url, token } }: SandboxReady): SandboxControl {
  const call: SandboxControl["call"] = (method, path, body, headers = {}) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  const must = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await call(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  return {
    call,
    fault: async (target, fault, value, times) => {
      await must("POST", "/faults", { target, fault, value, times });
    },
    clear: async () => void (await must("DELETE", "/faults")),
    time: async (seconds) => void (await must("POST", "/time", { seconds })),
    fund: async (address, amount) => void (await must("POST", "/fund", { address, amount })),
    fineTuning: async (pace, more) => void (await must("POST", "/fine-tuning", { pace, ...more })),
    settle: async () => void (await must("POST", "/settle")),
    state: async () => (await must("GET", "/state")) as SandboxState,
  };
}

let isBuilt = false;

/** Once per test process. */
export function buildSandbox(): void {
  if (isBuilt || !isStale()) return;
  const { status, stderr } = spawnSync(process.execPath, ["esbuild.mjs", "--sandbox", "--quiet"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the sandbox could not be built: ${stderr}`);
  isBuilt = true;
}

function isStale(): boolean {
  const outputs = ["sandbox.js", "genesis.bin", "base-model.bin"].map((name) => join(dist, name));
  if (!outputs.every((file) => existsSync(file))) return true;
  const made = statSync(join(dist, "sandbox.js")).mtimeMs;
  const folders = ["sandbox", "cli", "domain", "dataset", "broker/wire", "broker/contracts"];
  return folders.some((folder) => newest(join(root, "src", folder)) > made);
}

function newest(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name);
    return Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }, 0);
}

// Runs dist/sandbox.js as a child that ends with this process. A second window joins the child of the first.
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { cancelled, ComputeError, isComputeError } from "../domain/error.js";
import { Emitter, type Event } from "../domain/event.js";
import type { Log } from "../domain/log.js";
import type { SandboxReady } from "../domain/sandboxReady.js";
import { isAlive } from "./alive.js";
import { realClock } from "./realClock.js";
import { parseReadyLine, readyFile } from "./sandboxReady.js";
import { endHolder, stateHolder } from "./stateHolder.js";

export interface SandboxLauncherOptions {
  /** dist/sandbox.js */
  readonly script: string;
  /** Of our own; the sandbox's state is in `state` below it. */
  readonly folder: string;
  readonly log: Log;
  /** Default: this process's own executable, which Electron runs as plain Node when told so. */
  readonly execPath?: string;
}

export interface StartOptions {
  readonly upstream?: { readonly baseUrl: string; readonly model: string; readonly apiKey?: string };
  /** Ends whoever holds the state first. `fresh` forgets all of the state as well. */
  readonly anew?: "takeOver" | "fresh";
  readonly signal?: AbortSignal;
}

/** Same shape as the port of `services/`. */
export interface RunningSandbox {
  readonly ready: SandboxReady;
  /** Fires once, when it ended without being told to; the value is its last words, empty when another window ended it. */
  readonly onDidExit: Event<string>;
  /** Another window's: `stop` leaves it running. */
  readonly isJoined: boolean;
  stop(): Promise<void>;
}

const readyWithinMs = 30_000;
const stopWithinMs = 5_000;
const watchEveryMs = 2_000;
const joinEveryMs = 100;
const lastWordsLength = 500;

export function createSandboxLauncher(options: SandboxLauncherOptions) {
  return {
    /** Throws `sandboxFailed` with its last words, `cancelled` when the signal aborts. */
    start: async (start: StartOptions): Promise<RunningSandbox> => {
      if (start.anew) await endOther(options);
      const shared = start.anew ? undefined : await joinRunning(options);
      if (shared) return shared;
      try {
        return await startOwn(options, start);
      } catch (error) {
        // Another's that came in between has not forgotten: it is none to join then.
        const winner = isTaken(error) && !start.anew ? await joinSoon(options, start.signal) : undefined;
        if (winner) return winner;
        throw isTaken(error) ? await namingHolder(options, error) : error;
      }
    },
    join: () => joinRunning(options),
  };
}

async function startOwn(
  options: SandboxLauncherOptions,
  { upstream, anew, signal }: StartOptions,
): Promise<RunningSandbox> {
  if (signal?.aborted) throw cancelled();
  const child = spawn(
    options.execPath ?? process.execPath,
    [...[options.script, "--parent", "--state", stateOf(options)], ...(anew === "fresh" ? ["--fresh"] : [])],
    { stdio: ["pipe", "pipe", "pipe"], env: childEnvironment(), windowsHide: true },
  );
  const words = collectWords(child, options.log);
  // Writing to a child that is gone is not an error of ours; its exit tells.
  child.stdin.on("error", () => undefined);
  // The key goes through the pipe: arguments and environment can be read by others.
  child.stdin.write(`${JSON.stringify({ upstream: upstream ?? null })}\n`);
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    const ready = await untilReady(child, words, signal);
    await readyFile(options.folder).write({ pid: child.pid ?? 0, ready });
    return own(options, child, ready, words, exited);
  } catch (error) {
    await end(child, exited);
    throw error;
  }
}

function own(
  options: SandboxLauncherOptions,
  child: ChildProcess,
  ready: SandboxReady,
  words: () => string,
  exited: Promise<void>,
): RunningSandbox {
  const ended = new Emitter<string>();
  let isTold = false;
  const cleared = exited.then(async () => {
    await readyFile(options.folder).removeIf(child.pid ?? 0);
    if (!isTold) ended.fire(words() || "it ended without a word");
  });
  cleared.catch((error: unknown) => options.log.error("After the sandbox ended", error));
  return {
    ready,
    onDidExit: ended.event,
    isJoined: false,
    stop: async () => {
      isTold = true;
      await end(child, exited);
      await cleared;
    },
  };
}

/** The child of another window, if one runs and answers. Stopping it is not ours to do. */
async function joinRunning(options: SandboxLauncherOptions): Promise<RunningSandbox | undefined> {
  const running = await readyFile(options.folder).read();
  if (!running || !isAlive(running.pid) || !(await answers(running.ready))) return undefined;
  options.log.info("Joined the sandbox of another window");
  const ended = new Emitter<string>();
  const timer = setInterval(() => {
    if (isAlive(running.pid)) return;
    clearInterval(timer);
    ended.fire("");
  }, watchEveryMs);
  timer.unref();
  return {
    ready: running.ready,
    onDidExit: ended.event,
    isJoined: true,
    stop: async () => clearInterval(timer),
  };
}

/** Two windows started at the same moment, and the state folder let the other one win: its words, see sandbox/stateDir.ts. */
function isTaken(error: unknown): boolean {
  return isComputeError(error, "sandboxFailed") && error.facts.detail.startsWith("Another sandbox is using");
}

/** A process whose own file is lost: it cannot be joined, but it can be named, and ended when that is wanted. */
async function namingHolder(options: SandboxLauncherOptions, cause: unknown): Promise<unknown> {
  const holder = await stateHolder(stateOf(options));
  if (!holder) return cause;
  const facts = { detail: `process ${holder.pid} holds its state`, why: "taken", pid: holder.pid } as const;
  return new ComputeError("sandboxFailed", facts, { cause });
}

async function endOther(options: SandboxLauncherOptions): Promise<void> {
  const holder = await stateHolder(stateOf(options));
  if (!holder) return;
  const isEnded = await endHolder(holder);
  options.log.info(
    `The process ${holder.pid} that held the sandbox's state ${isEnded ? "was ended" : "stays"}`,
  );
}

function stateOf({ folder }: SandboxLauncherOptions): string {
  return join(folder, "state");
}

/** The winner is not ready yet when it has the folder. */
async function joinSoon(
  options: SandboxLauncherOptions,
  signal: AbortSignal | undefined,
): Promise<RunningSandbox | undefined> {
  const holder = await stateHolder(stateOf(options));
  const since = holder?.since ?? Date.now();
  for (const end = since + readyWithinMs; Date.now() < end;) {
    const running = await joinRunning(options);
    if (running) return running;
    await realClock.sleep(joinEveryMs, signal);
  }
  return undefined;
}

/** Only what a program needs to run; nothing that changes how Node starts. */
function childEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (name: string) => name === "NODE_OPTIONS" || /^(?:ZG_SANDBOX_|VSCODE_)/.test(name);
  const own = Object.entries(process.env).filter(([name]) => !isForeign(name));
  return { ...Object.fromEntries(own), ELECTRON_RUN_AS_NODE: "1" };
}

function collectWords(child: ChildProcess, log: Log): () => string {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-lastWordsLength);
    for (const line of text.split("\n")) if (line.trim() !== "") log.debug(`sandbox: ${line.trim()}`);
  });
  return () => words.trim().split("\n").at(-1)?.trim() ?? "";
}

function untilReady(child: ChildProcess, words: () => string, signal?: AbortSignal): Promise<SandboxReady> {
  return new Promise<SandboxReady>((resolve, reject) => {
    const failed = (detail: string) =>
      reject(new ComputeError("sandboxFailed", { detail: words() || detail, why: "start" }));
    const timer = setTimeout(() => failed(`not ready within ${readyWithinMs / 1000} s`), readyWithinMs);
    const stop = () => reject(cancelled());
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    };
    signal?.addEventListener("abort", stop, { once: true });
    let text = "";
    let isRead = false;
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      if (isRead) return;
      text += part;
      const lineEnd = text.indexOf("\n");
      if (lineEnd < 0) return;
      isRead = true;
      settle();
      const ready = parseReadyLine(text.slice(0, lineEnd));
      if (ready) resolve(ready);
      else failed("its first line is not what was expected");
    });
    child.once("error", (error) => failed(error.message));
    child.once("close", (code) => {
      settle();
      failed(`exit code ${code ?? "unknown"}`);
    });
  });
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.stdin?.end(); // with --parent, this alone ends it
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
  await exited;
  clearTimeout(timer);
}

async function answers({ control }: SandboxReady): Promise<boolean> {
  try {
    const response = await fetch(`${control.url}/state`, {
      headers: { Authorization: `Bearer ${control.token}` },
      signal: AbortSignal.timeout(2_000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

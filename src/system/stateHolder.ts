// Who holds the sandbox's state folder, by its lock file (written in sandbox/stateDir.ts): found and ended when nothing else tells of it.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "./alive.js";
import { realClock } from "./realClock.js";

export interface StateHolder {
  readonly pid: number;
  /** Of its control API. */
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

const answerWithinMs = 2_000;
const endWithinMs = 5_000;
const lookEveryMs = 50;

/** Undefined when nobody does, or a process that is gone. */
export async function stateHolder(folder: string): Promise<StateHolder | undefined> {
  try {
    const file = join(folder, "lock");
    const [text, { mtimeMs }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
    const { pid, port } = JSON.parse(text) as { pid?: unknown; port?: unknown };
    if (typeof pid !== "number" || typeof port !== "number" || !isAlive(pid)) return undefined;
    return { pid, port, since: mtimeMs };
  } catch {
    return undefined; // no lock, or torn by a crash
  }
}

/**
 * Ends it and waits until it is gone. False, and nothing is done, when it does not answer as a sandbox: a process number alone may
 * by now belong to somebody else.
 */
export async function endHolder({ pid, port }: StateHolder): Promise<boolean> {
  if (pid === process.pid || !(await isSandbox(port))) return false;
  signal(pid, "SIGTERM");
  if (await isGone(pid)) return true;
  signal(pid, "SIGKILL");
  return isGone(pid);
}

/** Its control API asks for a token in these words (sandbox/control.ts). */
async function isSandbox(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/state`, {
      signal: AbortSignal.timeout(answerWithinMs),
    });
    return response.status === 401 && (await response.text()).includes("control.token");
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (const end = Date.now() + endWithinMs; Date.now() < end;) {
    if (!isAlive(pid)) return true;
    await realClock.sleep(lookEveryMs);
  }
  return !isAlive(pid);
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone in between, or another user's: whether it is gone is looked at next.
  }
}

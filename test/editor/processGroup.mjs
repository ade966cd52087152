// Child processes that never outlive us. VS Code's server forks (extension host, watchers, the sandbox of our
// extension); killing the server alone would leave those behind, so each runs in a process group of its own.
import { spawn } from "node:child_process";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
let watching = false;

/**
 * Starts a program as the leader of a process group that ends with this process, however this process ends.
 * @param {string} program
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 */
export function spawnGroup(program, args, options) {
  watchOurEnd();
  const child = spawn(program, args, { ...options, detached: process.platform !== "win32" });
  running.add(child);
  return child;
}

/**
 * Ends the group: politely, and after three seconds for good.
 * @param {import("node:child_process").ChildProcess} child
 */
export async function endGroup(child) {
  if (!running.has(child)) return;
  const gone = child.exitCode !== null || child.signalCode !== null;
  const exited = gone ? Promise.resolve() : new Promise((done) => child.once("exit", done));
  signalGroup(child, "SIGTERM");
  const force = setTimeout(() => signalGroup(child, "SIGKILL"), 3000);
  await exited;
  clearTimeout(force);
  // The leader is gone; what it forked may still be saying good-bye.
  signalGroup(child, "SIGKILL");
  running.delete(child);
}

function signalGroup(
  /** @type {import("node:child_process").ChildProcess} */ child,
  /** @type {NodeJS.Signals} */ signal,
) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

function watchOurEnd() {
  if (watching) return;
  watching = true;
  process.on("exit", () => {
    for (const child of running) signalGroup(child, "SIGKILL");
  });
  const ends = /** @type {[NodeJS.Signals, number][]} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ]);
  let leaving = false;
  for (const [signal, code] of ends) {
    process.on(signal, () => {
      // Asked twice: no more waiting. The exit handler kills what is left.
      if (leaving) process.exit(code);
      leaving = true;
      void Promise.all([...running].map(endGroup)).finally(() => process.exit(code));
    });
  }
  // Whoever read our output is gone (`| head`): without this we would die before the exit handler runs.
  process.stdout.on("error", () => process.exit(1));
}

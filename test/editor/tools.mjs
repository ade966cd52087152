// What the scripts of this folder share: places, child processes, and errors that are one plain sentence.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const repositoryRoot = resolve(import.meta.dirname, "..", "..");
export const outFolder = join(repositoryRoot, "test", "out");
export const fixtureWorkspace = join(repositoryRoot, "test", "fixtures", "workspace");
/** The VSIX under test. test/run.mjs names a copy, so that packaging anew meanwhile does not pull it away. */
export const packagedExtension = process.env.ZG_VSIX || join(repositoryRoot, "dist", "zerog-compute.vsix");

/** Something the person at the keyboard can mend. Shown as its message alone, without a stack. */
export class PlainError extends Error {}

/** The user's cache folder: the VS Code of the tests is installed there once, outside the clone. */
export function cacheFolder() {
  return process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
}

/** True where packages can be added with apt without asking for a password. */
export function canInstallWithApt() {
  return process.platform === "linux" && process.getuid?.() === 0 && existsSync("/etc/debian_version");
}

/**
 * The environment for npm inside npm. What an outer `npm run` says about itself (its project, its prefix) would
 * send the inner one to the wrong folder; how to reach the registry must get through.
 * @param {NodeJS.ProcessEnv} env
 */
function npmEnvironment(env = process.env) {
  const keep =
    /^npm_config_(registry|cache|userconfig|globalconfig|proxy|https_proxy|noproxy|cafile|ca|strict_ssl)$|^npm_config_.*:_/;
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("npm_") || keep.test(name)),
  );
}

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, timeoutMs?: number }} [options]
 *   show: let its output through; timeoutMs: end it when it takes longer
 * @returns {Promise<{ code: number, output: string }>} code 127 when the program does not exist
 */
export function run(
  program,
  args,
  { cwd = repositoryRoot, env = process.env, show = false, timeoutMs } = {},
) {
  return new Promise((done) => {
    const output = show ? "inherit" : "pipe";
    const stdio = /** @type {import("node:child_process").StdioOptions} */ (["ignore", output, output]);
    const child = spawn(program, args, { cwd, env, stdio, timeout: timeoutMs, killSignal: "SIGTERM" });
    let printed = "";
    child.stdout?.on("data", (data) => (printed += data));
    child.stderr?.on("data", (data) => (printed += data));
    child.on("error", (error) => done({ code: 127, output: printed + error.message }));
    child.on("close", (code, signal) => done({ code: code ?? (signal ? 128 : 1), output: printed }));
  });
}

/**
 * npm, whatever the platform calls it.
 * @param {string[]} args
 * @param {{ cwd?: string, show?: boolean }} [options]
 */
export function npm(args, options = {}) {
  const env = npmEnvironment();
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli)) return run(process.execPath, [cli, ...args], { ...options, env });
  // Untried here: Windows, where npm is a script that only a shell starts.
  return process.platform === "win32"
    ? run("cmd.exe", ["/c", "npm", ...args], { ...options, env })
    : run("npm", args, { ...options, env });
}

/** Prints a line of progress. Kept apart from test output, which goes to stdout as well. */
export function say(/** @type {string} */ line) {
  process.stdout.write(`${line}\n`);
}

/** The last lines of a long output: where the reason usually stands. */
export function tail(/** @type {string} */ text, lines = 12) {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

/**
 * Runs a script's main function: a PlainError ends it with one sentence, anything else with its stack.
 * @param {() => Promise<number | void>} main its number is the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(
      `\n${error instanceof PlainError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}

/** The packages that package-lock.json asks for and node_modules does not have in that version. */
function missingPackages() {
  const wanted = readLock(join(repositoryRoot, "package-lock.json"));
  const present = readLock(join(repositoryRoot, "node_modules", ".package-lock.json"));
  return Object.entries(wanted).filter(
    ([path, entry]) =>
      path !== "" && !entry.optional && !entry.devOptional && present[path]?.version !== entry.version,
  );
}

/** @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} */
function readLock(/** @type {string} */ file) {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")).packages ?? {}) : {};
}

/** Installs the project's packages when node_modules is absent or older than package-lock.json. */
export async function installPackages() {
  // Compared by content: a fresh clone and an interrupted install both have misleading file times.
  if (missingPackages().length === 0) return;
  say("Installing the project's packages (npm ci) ...");
  const { code, output } = await npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code !== 0)
    throw new PlainError(
      `The project's packages could not be installed; is the network up? npm said:\n${tail(output)}`,
    );
}

// Starts the VS Code server, for tests or for a person, and stops it together with everything it started.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endGroup, spawnGroup } from "./processGroup.mjs";
import { personSettings, testSettings } from "./settings.mjs";
import { PlainError, run, tail } from "./tools.mjs";

/**
 * @typedef {{
 *   origin: string,             // http://127.0.0.1:<port>
 *   dataFolder: string,         // settings, logs and extensions of this server
 *   pid: number,                // leader of the process group of all that the server started
 *   log: () => string,          // what the server printed so far
 *   folderUrl: (folder: string, extra?: Record<string, string>) => string,
 *   stop: () => Promise<void>,  // ends the process group; deletes the data folder of a test server
 *   ended: Promise<number>,     // the server's exit code, when it ends
 * }} RunningEditor
 */

const readyWithinMs = 60_000;
const installations = /** @type {Map<string, string>} */ (new Map());

/**
 * A server for tests: no token, a fixed key for SecretStorage, a fresh data folder under the temporary folder.
 * @param {import("./install.mjs").Editor} editor
 * @param {{ vsix?: string[], smokeTestDriver?: boolean, env?: NodeJS.ProcessEnv, settings?: Record<string, unknown> }} [options]
 *   smokeTestDriver: needed to run a suite in the extension host; it also hides every notification, so that
 *   tests of what is on screen must go without.
 * @returns {Promise<RunningEditor>}
 */
export async function serveForTests(
  editor,
  { vsix = [], smokeTestDriver = false, env = {}, settings = {} } = {},
) {
  const dataFolder = mkdtempSync(join(tmpdir(), "zg-editor-"));
  const keyFile = join(dataFolder, "mint-key");
  writeFileSync(keyFile, Buffer.alloc(32, 7));
  const args = [
    "--without-connection-token",
    "--disable-workspace-trust",
    "--disable-getting-started-override",
    "--link-protection-trusted-domains",
    "*",
    ...(smokeTestDriver ? ["--enable-smoke-test-driver"] : []),
  ];
  writeSettings(dataFolder, { ...testSettings, ...settings });
  if (vsix.length > 0)
    cpSync(await extensionsOnce(editor, vsix), extensionsIn(dataFolder), { recursive: true });
  const stop = () => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  const keys = { ZG_EDITOR_MINT_KEY_FILE: keyFile };
  return serve({
    editor,
    dataFolder,
    args,
    env: { ...env, ...keys },
    port: await freePort(),
    afterStop: stop,
  });
}

/**
 * A server for a person: a random token in the address, a random key for SecretStorage, both kept in files that
 * only this user can read, and the same port as last time (the browser keeps secrets by address).
 * @param {import("./install.mjs").Editor} editor
 * @param {{ stateFolder: string, vsix: string[] }} options
 * @returns {Promise<RunningEditor & { token: string }>}
 */
export async function serveForPerson(editor, { stateFolder, vsix }) {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const tokenFile = join(stateFolder, "connection-token");
  const keyFile = join(stateFolder, "mint-key");
  const portFile = join(stateFolder, "port");
  keepSecret(tokenFile, () => randomBytes(24).toString("hex"));
  keepSecret(keyFile, () => randomBytes(32));
  const token = readFileSync(tokenFile, "utf8").trim();
  const port = await freePort(existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : undefined);
  writeFileSync(portFile, String(port));
  const dataFolder = join(stateFolder, "data");
  writeSettings(dataFolder, personSettings, { keep: true });
  // A file, not the token itself: every process of this machine can read a command line.
  const args = ["--connection-token-file", tokenFile, "--disable-getting-started-override"];
  const env = { ZG_EDITOR_MINT_KEY_FILE: keyFile, ZG_EDITOR_TOKEN_FILE: tokenFile };
  await installExtensions(editor, dataFolder, vsix);
  const running = await serve({ editor, dataFolder, args, env, port });
  return { ...running, token, folderUrl: (folder) => running.folderUrl(folder, { tkn: token }) };
}

function keepSecret(/** @type {string} */ file, /** @type {() => string | Buffer} */ make) {
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600, flag: "wx" });
}

function writeSettings(
  /** @type {string} */ dataFolder,
  /** @type {object} */ settings,
  { keep = false } = {},
) {
  // Settings of scope "machine", as all of ours are, count only in the machine's own file; the rest is the user's.
  const isMachine = (/** @type {string} */ key) => key.startsWith("zgCompute.");
  for (const [name, isOwn] of /** @type {const} */ ([
    ["User", false],
    ["Machine", true],
  ])) {
    const folder = join(dataFolder, "data", name);
    const file = join(folder, "settings.json");
    if (keep && existsSync(file)) continue;
    mkdirSync(folder, { recursive: true });
    const own = Object.entries(settings).filter(([key]) => isMachine(key) === isOwn);
    writeFileSync(file, JSON.stringify(Object.fromEntries(own), undefined, 2));
  }
}

/**
 * @param {{ editor: import("./install.mjs").Editor, dataFolder: string, args: string[],
 *   env: NodeJS.ProcessEnv, port: number, afterStop?: () => void }} options
 * @returns {Promise<RunningEditor>}
 */
async function serve({ editor, dataFolder, args, env, port, afterStop = () => {} }) {
  const environment = { ...editorEnvironment(), ...env };

  const logFile = join(dataFolder, "server.log");
  const log = openSync(logFile, "w");
  const child = spawnGroup(
    editor.node,
    [
      "-r",
      join(import.meta.dirname, "preload.cjs"),
      editor.main,
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
    ].concat(["--accept-server-license-terms", "--telemetry-level", "off"], foldersIn(dataFolder), args),
    { env: environment, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  const ended = new Promise((done) => child.once("exit", (code) => done(code ?? 1)));
  const origin = `http://127.0.0.1:${port}`;
  const readLog = () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
  const stop = async () => {
    await endGroup(child);
    afterStop();
  };
  try {
    await untilReady(`${origin}/version`, child);
  } catch {
    const printed = tail(readLog(), 20);
    await stop();
    throw new PlainError(`VS Code ${editor.version} did not start:\n${printed}`);
  }
  const folderUrl = (/** @type {string} */ folder, extra = {}) =>
    `${origin}/?${new URLSearchParams({ ...extra, folder })}`;
  return { origin, dataFolder, pid: child.pid ?? 0, log: readLog, folderUrl, stop, ended };
}

/** A folder with these packages installed by VS Code itself, once in this process: every test's server gets a copy. */
async function extensionsOnce(
  /** @type {import("./install.mjs").Editor} */ editor,
  /** @type {string[]} */ vsix,
) {
  const key = [editor.version, ...vsix].join("\n");
  const installed = installations.get(key);
  if (installed) return installed;
  const folder = mkdtempSync(join(tmpdir(), "zg-extensions-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  await installExtensions(editor, folder, vsix);
  installations.set(key, extensionsIn(folder));
  return extensionsIn(folder);
}

async function installExtensions(
  /** @type {import("./install.mjs").Editor} */ editor,
  /** @type {string} */ dataFolder,
  /** @type {string[]} */ vsix,
) {
  const first = [editor.main, ...foldersIn(dataFolder), "--accept-server-license-terms"];
  for (const file of vsix) {
    const args = [...first, "--install-extension", file, "--force"];
    const { code, output } = await run(editor.node, args, { env: editorEnvironment() });
    if (code !== 0 || !output.includes("successfully installed"))
      throw new PlainError(`VS Code ${editor.version} did not install ${file}:\n${tail(output)}`);
  }
}

function extensionsIn(/** @type {string} */ dataFolder) {
  return join(dataFolder, "ext");
}

function foldersIn(/** @type {string} */ dataFolder) {
  return ["--server-data-dir", dataFolder, "--extensions-dir", extensionsIn(dataFolder)];
}

/** Our environment without what a surrounding VS Code put there, which would steer the inner one. */
function editorEnvironment(env = process.env) {
  const kept = Object.entries(env).filter(
    // VSCODE_TEST_OPTIONS belongs to test runners, VSCODE_LANE to us.
    ([name]) =>
      !/^(VSCODE_|ELECTRON_)/.test(name) || name === "VSCODE_TEST_OPTIONS" || name === "VSCODE_LANE",
  );
  // An empty gallery: nothing is asked of an extension marketplace.
  return { ...Object.fromEntries(kept), EXTENSIONS_GALLERY: "{}" };
}

async function untilReady(
  /** @type {string} */ url,
  /** @type {import("node:child_process").ChildProcess} */ child,
) {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("it ended");
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("it did not answer in time");
}

/** A port that is free now: the wanted one if possible. */
async function freePort(/** @type {number | undefined} */ wanted = undefined) {
  const listen = (/** @type {number} */ port) =>
    new Promise((done, fail) => {
      const probe = createServer();
      probe.once("error", fail);
      probe.listen(port, "127.0.0.1", () => {
        const { port: got } = /** @type {import("node:net").AddressInfo} */ (probe.address());
        probe.close(() => done(got));
      });
    });
  if (!wanted) return listen(0);
  return listen(wanted).catch(() => listen(0));
}

// Installs the VS Code server that tests and `npm start` use, once per machine, into the user's cache folder.
//   node test/editor/install.mjs [latest|oldest|chromium ...]
// It needs npm, tar and a Linux with glibc; no compiler. macOS and Windows get their VS Code from
// @vscode/test-electron instead (untried here).
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { installChromium } from "./chromium.mjs";
import { lanes, nodeArchives } from "./lanes.mjs";
import { PlainError, cacheFolder, npm, run, runMain, say, tail } from "./tools.mjs";

// Raised when the way of installing changes, so that folders made the old way are made again.
const recipe = 1;
const stampName = "installed.json";

/** @typedef {import("./lanes.mjs").Lane} Lane */
/** @typedef {{ version: string, serverFolder: string, main: string, node: string }} Editor */

/** True where the server runs at all. */
export function canServeEditor() {
  return process.platform === "linux" && (process.arch === "x64" || process.arch === "arm64");
}

/**
 * Installs a lane's server and its Node when they are not there yet.
 * @param {Lane} lane
 * @returns {Promise<Editor>}
 */
export async function installEditor(lane) {
  if (!canServeEditor())
    throw new PlainError(
      `VS Code can be served from here on Linux only, not on ${process.platform} ${process.arch}.`,
    );
  const serverFolder = await installOnce(`${lane.vscode}`, (folder) => unpackServer(lane, folder));
  const node = await nodeFor(lane);
  return { version: lane.vscode, serverFolder, main: join(serverFolder, "out", "server-main.js"), node };
}

/** The Node for a lane: the one that runs this script when its major version fits, else one of our own. */
async function nodeFor(/** @type {Lane} */ lane) {
  const major = (/** @type {string} */ version) => version.split(".")[0];
  // Only the older lane: its Node 20 is what most machines have, and any patch release of it is as good.
  if (lane.name === "oldest" && major(process.versions.node) === major(lane.node)) return process.execPath;
  const folder = await installOnce(`node-${lane.node}-${process.arch}`, (target) =>
    unpackNode(lane.node, target),
  );
  return join(folder, "bin", "node");
}

/**
 * Makes a folder of the cache in a temporary place and renames it, so that a killed or a second installer at the
 * same time never leaves half of one under the final name.
 * @param {string} name
 * @param {(folder: string) => Promise<void>} fill
 */
async function installOnce(name, fill) {
  const root = join(cacheFolder(), "zerog-compute-vscode-host");
  const target = join(root, `${name}-r${recipe}`);
  if (existsSync(join(target, stampName))) return target;
  mkdirSync(root, { recursive: true });
  const temporary = mkdtempSync(join(root, `.${name}-`));
  try {
    await fill(temporary);
    writeFileSync(join(temporary, stampName), JSON.stringify({ name, recipe }));
    chmodSync(temporary, 0o755);
    // A folder without a stamp was put there by something else; one with a stamp was finished meanwhile.
    if (existsSync(target) && !existsSync(join(target, stampName))) rmSync(target, { recursive: true });
    if (!existsSync(target)) renameOrYield(temporary, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return target;
}

function renameOrYield(/** @type {string} */ from, /** @type {string} */ to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(join(to, stampName))) throw error;
  }
}

async function unpackServer(/** @type {Lane} */ lane, /** @type {string} */ folder) {
  say(`Installing VS Code ${lane.vscode} (${lane.server.name}@${lane.server.version}) for this machine ...`);
  const archive = await fetchArchive(lane.server, folder);
  await unpack(archive, folder, ["--strip-components=3", "package/lib/vscode"]);
  rmSync(archive);
  // `npm ci` refuses this package's lock file; `npm install` honours it for what it lists. Optional dependencies
  // stay in: the prebuilt file watcher is one of them. Scripts stay off: they need a compiler.
  const { code, output } = await npm(
    ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: folder },
  );
  if (code !== 0)
    throw new PlainError(
      `The dependencies of VS Code ${lane.vscode} could not be installed:\n${tail(output)}`,
    );
  standIn(folder, "@vscode/spdlog", "spdlog.cjs");
  standIn(folder, "@vscode/native-watchdog", "nativeWatchdog.cjs");
  standIn(folder, "native-watchdog", "nativeWatchdog.cjs");
}

function standIn(/** @type {string} */ folder, /** @type {string} */ name, /** @type {string} */ file) {
  const target = join(folder, "node_modules", name);
  // The watchdog has another name in each version; the one that is not installed is not used.
  if (existsSync(target)) copyFileSync(join(import.meta.dirname, "standIns", file), join(target, "index.js"));
}

async function unpackNode(/** @type {string} */ version, /** @type {string} */ folder) {
  say(`Installing Node ${version} for it ...`);
  const name = `node-linux-${process.arch}`;
  const hashes = nodeArchives[/** @type {keyof typeof nodeArchives} */ (version)];
  const integrity = hashes[/** @type {keyof typeof hashes} */ (process.arch)];
  const archive = await fetchArchive({ name, version, integrity }, folder);
  await unpack(archive, folder, ["--strip-components=1", "package/bin/node"]);
  rmSync(archive);
  const { code, output } = await run(join(folder, "bin", "node"), ["--version"]);
  if (code !== 0) throw new PlainError(`Node ${version} does not run on this machine:\n${tail(output)}`);
}

/**
 * Fetches a package's archive from the registry that npm is configured for, and refuses it unless it is
 * byte for byte the one this repository names.
 * @param {import("./lanes.mjs").Archive} archive
 * @param {string} folder
 */
async function fetchArchive({ name, version, integrity }, folder) {
  const { code, output } = await npm(["pack", `${name}@${version}`, "--loglevel=error"], { cwd: folder });
  if (code !== 0)
    throw new PlainError(
      `${name}@${version} could not be fetched from the npm registry; is the network up?\n${tail(output)}`,
    );
  const file = join(folder, `${name}-${version}.tgz`);
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  const actual = `sha512-${hash.digest("base64")}`;
  if (actual !== integrity)
    throw new PlainError(
      `${name}@${version} from the npm registry is not the expected archive: it has ${actual}.`,
    );
  return file;
}

async function unpack(
  /** @type {string} */ archive,
  /** @type {string} */ folder,
  /** @type {string[]} */ what,
) {
  const { code, output } = await run("tar", ["xzf", archive, ...what], { cwd: folder });
  if (code !== 0) throw new PlainError(`The archive ${archive} could not be unpacked:\n${tail(output)}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  void runMain(async () => {
    const wanted = process.argv.slice(2);
    for (const name of wanted.length ? wanted : ["latest", "oldest", "chromium"]) {
      if (name === "chromium") say(`Chromium: ${await installChromium()}`);
      else if (name === "latest" || name === "oldest") {
        const editor = await installEditor(lanes[name]);
        say(`VS Code ${editor.version}: ${editor.serverFolder} with ${editor.node}`);
      } else throw new PlainError(`"${name}" is not one of latest, oldest, chromium.`);
    }
  });
}

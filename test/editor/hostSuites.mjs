// Runs the suites of test/host in a real extension host, through @vscode/test-electron.
// On Linux VS Code is the served one; on macOS and Windows a desktop VS Code is downloaded (untried here).
import {
  downloadAndUnzipVSCode,
  resolveCliArgsFromVSCodeExecutablePath,
  runTests,
} from "@vscode/test-electron";
import { createVSIX } from "@vscode/vsce";
import { build } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { canServeEditor } from "./install.mjs";
import { PlainError, fixtureWorkspace, outFolder, repositoryRoot, run, say, tail } from "./tools.mjs";

const sources = join(repositoryRoot, "test", "host");
const bundles = join(outFolder, "host");
const helperExtension = join(import.meta.dirname, "helperExtension");
/** Somebody else's, beside ours: what it asks of our models goes the way of every extension. */
const secondExtension = join(sources, "secondExtension");

/**
 * `development`: our folder is the development path, `activate` sees ExtensionMode.Test.
 * `package`: the VSIX is installed and an empty helper is the development path: what users get.
 * `activation`: as `package`, but the one suite that measures the start.
 * @typedef {"development" | "package" | "activation"} HostMode
 */

/** Which folders of test/host each mode runs. */
const folders = { development: [".", "development"], package: [".", "package"], activation: ["activation"] };

/** The suite files of a mode, as sources. */
function hostTestFiles(/** @type {HostMode} */ mode) {
  return folders[mode].flatMap((folder) => {
    const path = join(sources, folder);
    const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(".test.ts")) : [];
    return names.sort().map((name) => join(path, name));
  });
}

/** Bundles the suites into test/out/host: the extension host loads JavaScript, and no tsx. */
export async function bundleHostSuites() {
  rmSync(bundles, { recursive: true, force: true });
  const modes = /** @type {HostMode[]} */ (["development", "package", "activation"]);
  await build({
    entryPoints: [join(sources, "index.ts"), ...new Set(modes.flatMap(hostTestFiles))],
    outdir: bundles,
    outbase: sources,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "inline",
    logLevel: "error",
    external: ["vscode", "mocha"],
  });
}

/**
 * One start of VS Code with the suites of a mode in it.
 * @param {{ lane: import("./lanes.mjs").Lane, mode: HostMode, vsix: string, filter?: object,
 *   label?: string, env?: Record<string, string> }} options
 *   filter: mocha's grep, fgrep and invert; label: names the folder below test/out
 * @returns {Promise<{ passes: number, failures: number, pending: number, failed?: string[] }>}
 */
export async function runHostSuites({ lane, mode, vsix, filter = {}, label = mode, env = {} }) {
  const out = join(outFolder, "host-runs", `${lane.name}-${label}`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const files = hostTestFiles(mode).map((file) =>
    join(bundles, file.slice(sources.length).replace(/\.ts$/, ".js")),
  );
  const packaged = mode !== "development";
  const installed = packaged ? [vsix] : [await packSecondExtension()];
  const extensionTestsEnv = {
    ...env,
    VSCODE_LANE: lane.name,
    ZG_HOST_OUT: out,
    ZG_HOST_FILES: JSON.stringify(files),
    ZG_HOST_FILTER: JSON.stringify(filter),
    ZG_HOST_VSIX: installed.join(delimiter),
  };
  const { executable, launchArgs } = canServeEditor()
    ? { executable: join(import.meta.dirname, "launcher.mjs"), launchArgs: [] }
    : await desktopVsCode(lane, installed);
  let ended;
  try {
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: packaged ? helperExtension : repositoryRoot,
      extensionTestsPath: join(bundles, "index.js"),
      launchArgs: [fixtureWorkspace, ...launchArgs],
      extensionTestsEnv,
    });
  } catch (error) {
    ended = error;
  }
  const resultFile = join(out, "result.json");
  const result = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, "utf8")) : undefined;
  // A run that broke off counts as a failure even when every test before that had passed.
  if (!result || (ended && result.failures === 0))
    return { passes: result?.passes ?? 0, failures: 1, pending: result?.pending ?? 0 };
  return result;
}

/** A served VS Code takes one folder under development alone: the other extension is installed as anybody's is. */
async function packSecondExtension() {
  const packagePath = join(bundles, "second.vsix");
  const options = { cwd: secondExtension, packagePath, skipLicense: true, allowMissingRepository: true };
  await createVSIX({ ...options, dependencies: false });
  return packagePath;
}

/** A desktop VS Code of the lane's version, with packages installed. Untried here. */
async function desktopVsCode(
  /** @type {import("./lanes.mjs").Lane} */ lane,
  /** @type {string[]} */ installed,
) {
  say(`Using a desktop VS Code ${lane.vscode}: this way of testing is untried.`);
  const executable = await downloadAndUnzipVSCode(lane.vscode);
  const profile = join(repositoryRoot, ".vscode-test", lane.name);
  const launchArgs = [
    `--user-data-dir=${join(profile, "data")}`,
    `--extensions-dir=${join(profile, "extensions")}`,
  ];
  for (const vsix of installed) {
    const [program, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable);
    const { code, output } = await run(String(program), [
      ...args,
      ...launchArgs,
      "--install-extension",
      vsix,
      "--force",
    ]);
    if (code !== 0) throw new PlainError(`${basename(vsix)} could not be installed:\n${tail(output)}`);
  }
  return { executable, launchArgs };
}

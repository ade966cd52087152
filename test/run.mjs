// `npm test`: installs what is missing, builds once, and runs the layers of tests.
//   node test/run.mjs [unit|conformance|webview|host|e2e|bench|all] [options for mocha, such as -g "pattern"]
// Closes with `N passed, N failed, N skipped` over all layers. A layer that runs no test counts as a failure.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import {
  PlainError,
  installPackages,
  outFolder,
  repositoryRoot,
  npm,
  run,
  runMain,
  say,
} from "./editor/tools.mjs";

/**
 * @typedef {{ passes: number, failures: number, pending: number, failed?: string[], repeated?: string[], brokeOff?: boolean }} Counts
 *   `failed`: names of tests; `repeated`: of those that failed at least once, whatever came of it; `brokeOff`: some did not run at all.
 */

const cores = availableParallelism();
// needs: what has to be installed and built before the layer can run.
// jobs: processes that run files side by side. Conformance waits for timers and sockets a third of its time; a browser keeps two cores busy by itself, an editor leaves a fifth of them.
const layers = {
  unit: { needs: ["build"], timeout: 10_000, retries: 0, jobs: cores },
  conformance: { needs: ["build"], timeout: 120_000, retries: 0, jobs: cores + 1 },
  webview: { needs: ["build", "chromium"], timeout: 60_000, retries: 0, jobs: 1 },
  host: { needs: ["package", "chromium", "editor"], timeout: 30_000, retries: 0, jobs: 1 },
  // A whole VS Code in a browser: what fails runs again, in a new one, and is named at the end.
  e2e: { needs: ["package", "chromium", "editor"], timeout: 180_000, retries: 1, jobs: cores },
};
// Starts of VS Code that measure ours. The median of five moves by a quarter with what else the machine does: where they are not below the bound, more are measured, and all are judged together.
const activationStarts = { fewest: 5, most: 15 };
// That many are no moods.
const mostAgain = 15;
// A test that leaves a timer or a server behind keeps mocha alive; this keeps it from being for ever.
const layerTimeoutMs = 60 * 60_000;

/** @typedef {keyof typeof layers} Layer */

await runMain(async () => {
  const { names, mochaArgs, all, bench } = parseArguments(process.argv.slice(2));
  await installPackages();
  if (bench) return runBench(mochaArgs);
  const total = noCounts();
  const failed = /** @type {string[]} */ ([]);
  const add = (/** @type {string} */ name, /** @type {Counts} */ counts) => {
    addCounts(total, counts);
    if (counts.failures > 0) failed.push(name);
  };
  if (all) await Promise.all(["typecheck", "lint"].map(async (check) => add(check, await runCheck(check))));
  await prepare(names);
  for (const name of names) {
    heading(name);
    const counts = name === "host" ? await runHost(mochaArgs) : await runLayer(name, mochaArgs);
    const ranNothing = counts.passes + counts.failures === 0 && mochaArgs.length === 0;
    if (ranNothing) say(`The layer "${name}" ran no test.`);
    add(name, ranNothing ? { ...counts, failures: 1 } : counts);
  }
  if (total.passes + total.failures === 0) {
    say("No test ran.");
    total.failures = 1;
  }
  say("");
  if (failed.length > 0) say([`Failed: ${failed.join(", ")}`, ...total.failed].join("\n  "));
  const second = total.repeated.filter((name) => !total.failed.includes(name));
  if (second.length > 0) say(["Passed only when they ran again:", ...second].join("\n  "));
  say(`${total.passes} passed, ${total.failures} failed, ${total.pending} skipped`);
  return total.failures > 0 ? 1 : 0;
});

function noCounts() {
  return {
    passes: 0,
    failures: 0,
    pending: 0,
    failed: /** @type {string[]} */ ([]),
    repeated: /** @type {string[]} */ ([]),
  };
}

function addCounts(/** @type {ReturnType<typeof noCounts>} */ total, /** @type {Counts} */ counts) {
  total.passes += counts.passes;
  total.failures += counts.failures;
  total.pending += counts.pending;
  total.failed.push(...(counts.failed ?? []));
  total.repeated.push(...(counts.repeated ?? []));
}

function parseArguments(/** @type {string[]} */ argv) {
  const named = argv[0] !== undefined && !argv[0].startsWith("-") ? argv[0] : undefined;
  const name = named ?? "all";
  const mochaArgs = named ? argv.slice(1) : argv;
  const every = /** @type {Layer[]} */ (Object.keys(layers));
  if (name !== "all" && name !== "bench" && !(name in layers))
    throw new PlainError(`"${name}" is not a layer of tests; there are ${every.join(", ")}, bench and all.`);
  const names = name === "all" ? every : [/** @type {Layer} */ (name)];
  return { names, mochaArgs, all: name === "all", bench: name === "bench" };
}

/** Installs and builds what the chosen layers need, each thing once. */
async function prepare(/** @type {Layer[]} */ names) {
  const needs = new Set(names.flatMap((name) => layers[name].needs));
  if (needs.size === 0) return;
  // Loaded only now: these files use packages that a fresh clone does not have before `npm ci`.
  const { buildExtension, packageExtension } = await import("./editor/build.mjs");
  const { installChromium } = await import("./editor/chromium.mjs");
  const { canServeEditor, installEditor } = await import("./editor/install.mjs");
  const { chosenLanes } = await import("./editor/lanes.mjs");
  if (needs.has("package")) keepPackage(await packageExtension());
  else if (needs.has("build")) await buildExtension();
  if (needs.has("chromium")) await installChromium();
  if (needs.has("editor") && canServeEditor())
    for (const lane of lanesFor(names, chosenLanes)) await installEditor(lane);
}

/** Tests get a copy of the package by name: packaging anew while they run must not pull it away. */
function keepPackage(/** @type {string} */ file) {
  const folder = mkdtempSync(join(tmpdir(), "zg-package-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  process.env.ZG_VSIX = join(folder, "zerog-compute.vsix");
  copyFileSync(file, process.env.ZG_VSIX);
}

function lanesFor(
  /** @type {Layer[]} */ names,
  /** @type {typeof import("./editor/lanes.mjs").chosenLanes} */ chosenLanes,
) {
  return names.includes("host") ? chosenLanes() : chosenLanes(process.env, ["latest"]);
}

/** Type check and lint count like a test each: one that fails is one failure. */
async function runCheck(/** @type {string} */ name) {
  heading(name);
  const { code } = await npm(["run", "--silent", name], { show: true });
  return { passes: 0, failures: code === 0 ? 0 : 1, pending: 0 };
}

/** Runs one layer's files. Of tests that may fail once, those that failed side by side run again alone. */
async function runLayer(/** @type {Layer} */ name, /** @type {string[]} */ mochaArgs) {
  const { retries, jobs } = layers[name];
  if (retries === 0 || jobs === 1) return runMocha(name, mochaArgs, { retries, jobs });
  const first = await runMocha(name, mochaArgs, { retries: 0, jobs });
  const failed = first.failed ?? [];
  if (failed.length === 0 || failed.length > mostAgain || first.brokeOff) return first;
  say(`\nOnce more, one at a time: ${failed.length}`);
  const escaped = failed.map((/** @type {string} */ title) => title.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  const exactly = `^(?:${escaped.join("|")})$`;
  const second = await runMocha(name, ["--grep", exactly], { retries, jobs: 1 });
  const isShort = second.passes + second.failures < failed.length;
  return {
    ...second,
    passes: first.passes + second.passes,
    failures: isShort ? failed.length - second.passes : second.failures,
    pending: first.pending,
    repeated: failed,
  };
}

/** Runs one layer's files with mocha in plain Node. */
async function runMocha(
  /** @type {Layer} */ name,
  /** @type {string[]} */ mochaArgs,
  /** @type {{ retries: number, jobs: number }} */ { retries, jobs },
) {
  const files = testFiles(join(repositoryRoot, "test", name));
  if (files.length === 0) return { passes: 0, failures: 0, pending: 0 };
  mkdirSync(outFolder, { recursive: true });
  const result = join(outFolder, `result-${name}.json`);
  rmSync(result, { force: true });
  const mocha = join(repositoryRoot, "node_modules", "mocha", "bin", "mocha.js");
  const options = [
    "--reporter",
    join("test", "reporter.mjs"),
    "--timeout",
    `${layers[name].timeout}`,
    "--retries",
    `${retries}`,
    ...(jobs > 1 ? ["--parallel", "--jobs", `${jobs}`] : []),
  ];
  const env = { ...process.env, ZG_TEST_RESULT: result };
  const args = ["--import", "tsx", mocha, ...options, ...mochaArgs, ...files];
  const { code } = await run(process.execPath, args, { env, show: true, timeoutMs: layerTimeoutMs });
  if (code === 128) say(`The layer "${name}" was ended: something in it did not stop.`);
  return readCounts(result, code);
}

/** The reporter's counts; a run that ended badly without a failed test is a failure of its own. */
function readCounts(/** @type {string} */ file, /** @type {number} */ code) {
  const counts = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { passes: 0, failures: 0, pending: 0 };
  return code !== 0 && counts.failures === 0 ? { ...counts, failures: 1 } : counts;
}

function testFiles(/** @type {string} */ folder) {
  if (!existsSync(folder)) return [];
  const names = /** @type {string[]} */ (readdirSync(folder, { recursive: true }));
  return names
    .filter((name) => name.endsWith(".test.ts"))
    .sort()
    .map((name) => relative(repositoryRoot, join(folder, name)));
}

/** The extension host, on each lane: our folder, the package, and the package's start until it can be judged. */
async function runHost(/** @type {string[]} */ mochaArgs) {
  const { bundleHostSuites, runHostSuites } = await import("./editor/hostSuites.mjs");
  const { chosenLanes } = await import("./editor/lanes.mjs");
  const filter = hostFilter(mochaArgs);
  const vsix = process.env.ZG_VSIX ?? "";
  const total = noCounts();
  await bundleHostSuites();
  for (const lane of chosenLanes()) {
    for (const mode of /** @type {const} */ (["development", "package"])) {
      say(`\n--- VS Code ${lane.vscode}, ${mode === "package" ? "the packaged extension" : "our folder"}`);
      addCounts(total, await runHostSuites({ lane, mode, vsix, filter }));
    }
    if (Object.keys(filter).length > 0) continue;
    const measured = join(outFolder, "host-runs", `${lane.name}-activation.jsonl`);
    rmSync(measured, { force: true });
    const env = { ZG_ACTIVATION_FILE: measured, ZG_ACTIVATION_STARTS: JSON.stringify(activationStarts) };
    for (let start = 1, judged = false; !judged && start <= activationStarts.most; start++) {
      say(`\n--- VS Code ${lane.vscode}, start ${start} of at least ${activationStarts.fewest}`);
      const label = `activation-${start}`;
      const counts = await runHostSuites({ lane, mode: "activation", vsix, label, env });
      judged = counts.pending === 0;
      addCounts(total, { ...counts, pending: 0 });
    }
  }
  return total;
}

/** mocha's filters, for a mocha that runs in the extension host and sees no command line. */
function hostFilter(/** @type {string[]} */ mochaArgs) {
  const names = { "-g": "grep", "--grep": "grep", "-f": "fgrep", "--fgrep": "fgrep" };
  const filter = /** @type {Record<string, string | boolean>} */ ({});
  for (let i = 0; i < mochaArgs.length; i++) {
    const arg = mochaArgs[i] ?? "";
    if (arg === "-i" || arg === "--invert") filter.invert = true;
    else if (arg in names) filter[names[/** @type {keyof typeof names} */ (arg)]] = mochaArgs[++i] ?? "";
    else throw new PlainError(`The host layer understands -g, -f and -i, not "${arg}".`);
  }
  return filter;
}

async function runBench(/** @type {string[]} */ args) {
  const main = join(repositoryRoot, "test", "bench", "main.ts");
  if (!existsSync(main)) throw new PlainError("There are no benchmarks yet.");
  const { packageExtension } = await import("./editor/build.mjs");
  await packageExtension();
  return (await run(process.execPath, ["--import", "tsx", main, ...args], { show: true })).code;
}

function heading(/** @type {string} */ name) {
  say(`\n=== ${name} ${"=".repeat(Math.max(0, 70 - name.length))}`);
}

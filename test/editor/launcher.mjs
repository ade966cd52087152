#!/usr/bin/env node
// Looks like VS Code to @vscode/test-electron (`runTests({ vscodeExecutablePath })`): runs a suite in the extension
// host of a served VS Code, with headless Chromium as its window, and ends with the suite's code.
//   launcher.mjs --extensionDevelopmentPath=DIR --extensionTestsPath=FILE [FOLDER]
// Environment: VSCODE_LANE (latest), ZG_HOST_OUT (where logs and results go), ZG_HOST_VSIX (packages to install
// first, as in a PATH), ZG_HOST_TIMEOUT_MS. The suite gets ZG_HOST_OUT too: it appends what it prints to output.log there and
// writes result.json. Exit codes alone are not trusted: a window that never loads would be green.
import { chromium } from "playwright-core";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chromiumLaunchOptions, workbenchContextOptions } from "./chromium.mjs";
import { followFile } from "./followFile.mjs";
import { installEditor } from "./install.mjs";
import { chosenLanes } from "./lanes.mjs";
import { serveForTests } from "./serve.mjs";
import { PlainError, fixtureWorkspace, outFolder, runMain, say } from "./tools.mjs";

const defaultTimeoutMs = 300_000;

await runMain(async () => {
  const args = parseArguments(process.argv.slice(2));
  const out = process.env.ZG_HOST_OUT ?? join(outFolder, "host-run");
  mkdirSync(out, { recursive: true });
  for (const name of ["output.log", "result.json"]) rmSync(join(out, name), { force: true });
  // Suites write into the workspace: each run gets a copy.
  const workspace = mkdtempSync(join(tmpdir(), "zg-workspace-"));
  cpSync(args.folder ?? fixtureWorkspace, workspace, { recursive: true });
  const editor = await installEditor(
    /** @type {import("./lanes.mjs").Lane} */ (chosenLanes(process.env, ["latest"])[0]),
  );
  const running = await serveForTests(editor, {
    vsix: (process.env.ZG_HOST_VSIX ?? "").split(delimiter).filter(Boolean),
    smokeTestDriver: true,
    env: { ZG_HOST_OUT: out },
  });
  const follower = followFile(join(out, "output.log"), (text) => process.stdout.write(text));
  let problem = /** @type {string | undefined} */ ("The run broke off.");
  try {
    problem = await runSuite({ running, args, workspace, out });
  } finally {
    follower.stop();
    if (problem) keepLogs(running, out);
    await running.stop();
    rmSync(workspace, { recursive: true, force: true });
  }
  if (problem) say(`\n${problem}\nLogs and a screenshot are in ${out}`);
  return problem ? 1 : 0;
});

/**
 * Opens the window and waits for the suite. Returns what went wrong, or undefined.
 * @param {{ running: import("./serve.mjs").RunningEditor, args: ReturnType<typeof parseArguments>,
 *   workspace: string, out: string }} options
 */
async function runSuite({ running, args, workspace, out }) {
  const browser = await chromium.launch(chromiumLaunchOptions());
  try {
    const page = await (await browser.newContext(workbenchContextOptions)).newPage();
    const exit = new Promise((done) => page.exposeFunction("codeAutomationExit", done));
    const lines = /** @type {string[]} */ ([]);
    await page.exposeFunction(
      "codeAutomationLog",
      (/** @type {string} */ kind, /** @type {unknown[]} */ values) =>
        lines.push(`${kind} ${JSON.stringify(values)}`),
    );
    page.on("console", (message) => lines.push(`${message.type()} ${message.text()}`));
    const timeoutMs = Number(process.env.ZG_HOST_TIMEOUT_MS ?? defaultTimeoutMs);
    const remote = (/** @type {string} */ path) => `vscode-remote://remote${path}`;
    const payload = [
      ...args.developmentPaths.map((path) => ["extensionDevelopmentPath", remote(path)]),
      ["extensionTestsPath", remote(args.testsPath)],
    ];
    await page.goto(running.folderUrl(workspace, { payload: JSON.stringify(payload) }));
    const code = await Promise.race([exit, running.ended.then(() => "server"), after(timeoutMs)]);
    const problem = judge(code, join(out, "result.json"), timeoutMs);
    if (problem) {
      await page.screenshot({ path: join(out, "screenshot.png") }).catch(() => undefined);
      writeFileSync(join(out, "renderer.log"), lines.join("\n"));
    }
    return problem;
  } finally {
    await browser.close();
  }
}

/** What the suite left behind decides: it must have run tests, and none may have failed. */
function judge(
  /** @type {unknown} */ code,
  /** @type {string} */ resultFile,
  /** @type {number} */ timeoutMs,
) {
  if (code === "timeout") return `The suite did not finish within ${timeoutMs / 1000} s.`;
  if (code === "server") return "The VS Code server ended while the suite ran.";
  if (!existsSync(resultFile)) return "The suite ended without a result.";
  const { passes, failures } = JSON.parse(readFileSync(resultFile, "utf8"));
  if (failures > 0) return `${failures} failed.`;
  if (!(passes > 0)) return "The suite ran no test.";
  return code === 0 ? undefined : `The suite passed but ended with code ${String(code)}.`;
}

function keepLogs(/** @type {import("./serve.mjs").RunningEditor} */ running, /** @type {string} */ out) {
  writeFileSync(join(out, "server.log"), running.log());
  const logs = join(running.dataFolder, "data", "logs");
  if (existsSync(logs)) cpSync(logs, join(out, "logs"), { recursive: true });
}

function after(/** @type {number} */ ms) {
  return new Promise((done) => setTimeout(done, ms, "timeout").unref());
}

function parseArguments(/** @type {string[]} */ argv) {
  const values = (/** @type {string} */ name) =>
    argv.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
  const testsPath = values("extensionTestsPath")[0];
  if (!testsPath)
    throw new PlainError("--extensionTestsPath= is missing: this program only runs test suites.");
  // Everything else that a desktop VS Code understands is of no use here.
  const folder = argv.find((arg) => !arg.startsWith("-"));
  return { testsPath, developmentPaths: values("extensionDevelopmentPath"), folder };
}

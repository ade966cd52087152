// A desktop VS Code for `npm start`, with settings and extensions of its own. Untried here: written by its manual.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { personSettings } from "./settings.mjs";
import { PlainError, run, say, tail } from "./tools.mjs";

/** The command that opens a desktop VS Code, or undefined when there is none or no desktop to show it on. */
export async function findDesktopCode(env = process.env) {
  // Inside a terminal of a remote VS Code, `code` is another program that controls that one.
  if (env.VSCODE_IPC_HOOK_CLI) return undefined;
  if (process.platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY) return undefined;
  const name = process.platform === "win32" ? "code.cmd" : "code";
  const places = [
    ...(env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)),
    "/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code",
  ];
  const found = places.find((path) => existsSync(path));
  if (found || process.platform === "linux") return found;
  say("There is no desktop VS Code: downloading one ...");
  const { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath } =
    await import("@vscode/test-electron");
  return resolveCliPathFromVSCodeExecutablePath(await downloadAndUnzipVSCode());
}

/**
 * Installs the package and opens the project; returns when the window is closed.
 * @param {string} program
 * @param {{ stateFolder: string, vsix: string, project: string }} options
 */
export async function openDesktop(program, { stateFolder, vsix, project }) {
  const data = join(stateFolder, "desktop");
  const settings = join(data, "User", "settings.json");
  if (!existsSync(settings)) {
    mkdirSync(join(data, "User"), { recursive: true });
    writeFileSync(settings, JSON.stringify(personSettings, undefined, 2));
  }
  const own = ["--user-data-dir", data, "--extensions-dir", join(stateFolder, "desktop-extensions")];
  // VS Code refuses to start as root unless told that this is meant.
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const code = (/** @type {string[]} */ args) =>
    process.platform === "win32"
      ? run("cmd.exe", ["/c", program, ...own, ...args])
      : run(program, [...own, ...root, ...args]);
  const installed = await code(["--install-extension", vsix, "--force"]);
  if (installed.code !== 0)
    throw new PlainError(`VS Code did not install the extension:\n${tail(installed.output)}`);
  say(`Opening your VS Code (${program}) with settings and extensions of its own; close its window to end.`);
  say(`Using a desktop VS Code is untried by our tests. If it fails: npm start -- --serve`);
  say(`In it click the 0G Compute icon on the left, and "Try the sandbox".`);
  const opened = await code(["--new-window", "--wait", project]);
  if (opened.code !== 0) throw new PlainError(`VS Code ended with an error:\n${tail(opened.output)}`);
  return 0;
}

// The browser of the tests: found on the machine, or installed by apt on Debian as root.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PlainError, canInstallWithApt, run, say, tail } from "./tools.mjs";

const knownPlaces = {
  linux: [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/microsoft-edge",
  ],
  // Untried here: macOS and Windows.
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ],
  win32: [
    join(process.env.PROGRAMFILES ?? "C:\\Program Files", "Google\\Chrome\\Application\\chrome.exe"),
    join(
      process.env["PROGRAMFILES(X86)"] ?? "C:\\Program Files (x86)",
      "Microsoft\\Edge\\Application\\msedge.exe",
    ),
  ],
};

/** Where Chromium is, or undefined. CHROMIUM_PATH names one that is somewhere else. */
function findChromium() {
  const places = knownPlaces[/** @type {keyof typeof knownPlaces} */ (process.platform)] ?? [];
  return [process.env.CHROMIUM_PATH, ...places].find((path) => path && existsSync(path));
}

/** Installs Chromium when it is missing and can be installed. Returns where it is. */
export async function installChromium() {
  const found = findChromium();
  if (found) return found;
  if (!canInstallWithApt())
    throw new PlainError(
      "The tests need Chromium (or Chrome), and only on Debian as root can it be installed from here: install it, or set CHROMIUM_PATH.",
    );
  say("Installing Chromium (apt-get install chromium) ...");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const update = await run("apt-get", ["update", "-qq"], { env });
  if (update.code !== 0)
    throw new PlainError(`apt-get update failed; is the network up?\n${tail(update.output)}`);
  const install = await run("apt-get", ["install", "-y", "-qq", "chromium"], { env });
  const installed = findChromium();
  if (install.code !== 0 || !installed)
    throw new PlainError(`Chromium could not be installed:\n${tail(install.output)}`);
  return installed;
}

/** Options for playwright-core's `chromium.launch`. */
export function chromiumLaunchOptions() {
  return {
    executablePath: findChromium(),
    args: [
      // Chromium refuses its sandbox as root, which is what a container usually is.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  };
}

/** Options for `browser.newContext` where VS Code is shown. */
export const workbenchContextOptions = {
  locale: "en-US",
  permissions: ["clipboard-read", "clipboard-write"],
  viewport: { width: 1400, height: 900 },
};

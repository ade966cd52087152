// Captures the real theme variables of VS Code's webviews into test/fixtures/themes, one file for each kind of
// theme. Run by hand when the pinned VS Code changes:  npx tsx test/webview/harnessCapture.ts
import { chromium } from "playwright-core";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumLaunchOptions } from "../editor/chromium.mjs";
import { repositoryRoot, run } from "../editor/tools.mjs";
import { Editor } from "../e2e/harness.js";
import type { ThemeKind } from "../e2e/workbench.js";

const kinds: ThemeKind[] = ["dark", "light", "highContrast", "highContrastLight"];
const main = `
const vscode = require("vscode");
exports.activate = () => {
  vscode.window.createWebviewPanel("empty", "Empty", 1, {}).webview.html = "<html><body><i id='captured'>x</i></body></html>";
};`;

/** An extension with an empty webview: whatever is set on its page comes from VS Code. */
async function packEmptyWebview(folder: string): Promise<string> {
  const manifest = { name: "empty", publisher: "test", version: "0.0.1", engines: { vscode: "^1.100.0" } };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ ...manifest, main: "./main.js", activationEvents: ["onStartupFinished"] }),
  );
  writeFileSync(join(folder, "main.js"), main);
  writeFileSync(join(folder, "README.md"), "Empty.");
  const vsce = join(repositoryRoot, "node_modules", "@vscode", "vsce", "vsce");
  const flags = ["--allow-missing-repository", "--skip-license", "--no-dependencies", "--out", "empty.vsix"];
  const { code, output } = await run(process.execPath, [vsce, "package", ...flags], { cwd: folder });
  if (code !== 0) throw new Error(output);
  return join(folder, "empty.vsix");
}

async function capture(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "zg-capture-"));
  const target = join(repositoryRoot, "test", "fixtures", "themes");
  mkdirSync(target, { recursive: true });
  const browser = await chromium.launch(chromiumLaunchOptions());
  const editor = new Editor({ vsix: [await packEmptyWebview(folder)] });
  try {
    await editor.start(browser);
    for (const kind of kinds) {
      await editor.workbench.setTheme(kind);
      const frame = await editor.workbench.webviewFrame("#captured");
      const variables = await frame.evaluate<Record<string, string>>(
        `Object.fromEntries([...document.documentElement.style].filter((name) => name.startsWith("--vscode-"))
          .sort().map((name) => [name, document.documentElement.style.getPropertyValue(name)]))`,
      );
      const body = await frame.evaluate<Record<string, string>>("({ ...document.body.dataset })");
      const bodyClass = await frame.evaluate<string>("document.body.className");
      writeFileSync(
        join(target, `${kind}.json`),
        `${JSON.stringify({ bodyClass, body, variables }, undefined, 1)}\n`,
      );
      process.stdout.write(`${kind}: ${Object.keys(variables).length} variables, ${bodyClass}\n`);
    }
  } finally {
    await editor.stop();
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

void capture();

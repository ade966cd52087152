// Every command once, in our folder, where the extension hands out its parts. Inputs are dismissed as by Escape;
// modal dialogs are refused by VS Code under test. What a command may end with is a sentence, never a bug.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { App } from "../../../src/vscode/app.js";
import { ourExtension, ourManifest } from "../extension.js";

const perCommandMs = 30_000;

describe("every command, run once and dismissed", () => {
  const shown: unknown[] = [];
  let app: App;

  before(async () => {
    ({ app } = (await ourExtension().activate()) as { app: App });
    app.errors.show = (error) => void shown.push(error);
  });

  beforeEach(() => {
    shown.length = 0;
  });

  for (const { command } of ourManifest().contributes.commands) {
    it(`${command} ends without a bug`, async function () {
      this.timeout(perCommandMs + 5_000);
      await dismissUntilDone(command);
      assert.deepEqual(shown.filter(isBug).map(String), []);
    });
  }
});

/** Runs a command and closes whatever input it opens, until it has come to its end. */
async function dismissUntilDone(command: string): Promise<void> {
  let done = false;
  const run = Promise.resolve(vscode.commands.executeCommand(command)).finally(() => (done = true));
  const deadline = Date.now() + perCommandMs;
  while (!done) {
    if (Date.now() > deadline) throw new Error(`${command} waits for something that nobody has to answer.`);
    await vscode.commands.executeCommand("workbench.action.closeQuickOpen");
    await Promise.race([run, new Promise((wake) => setTimeout(wake, 100))]);
  }
  await run;
}

/** Neither one of our errors with a code of its own, nor VS Code's refusal to show a modal dialog in a test. */
function isBug(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (/refused to show dialog/i.test(String(message))) return false;
  return typeof code !== "string" || code === "internal";
}

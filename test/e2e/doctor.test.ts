// The doctor by keyboard: what is wrong first, Enter mends it and looks again; and the support bundle, read before it is saved.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { useEditor } from "./harness.js";
import { until } from "./until.js";
import type { ThemeKind } from "./workbench.js";

describe("the doctor", function () {
  this.timeout(4 * 60_000);
  const rpc = "https://u5er:p4ssw0rd@rpc.example.org/s3cretK3y";
  const editor = useEditor({
    settings: { "zgCompute.rpcUrls": { testnet: [rpc] }, "zgCompute.limits.perDay": "a lot" },
  });
  const row = (text: string) => editor.workbench.quickPickRows().filter({ hasText: text }).first();
  const isDone = () =>
    until("all is checked", async () => {
      const summary = await editor.workbench.quickInput().locator("input").last().getAttribute("placeholder");
      return /^\d+ broken/.test(summary ?? "");
    });

  for (const kind of ["dark", "light", "highContrast"] as const satisfies ThemeKind[])
    it(`lists what is wrong first, and Enter starts the sandbox and looks again, in ${kind}`, async () => {
      const { workbench } = editor;
      const { keyboard } = workbench.page;
      await workbench.setTheme(kind);
      await workbench.active();
      await workbench.runCommand("0G Compute: Doctor");
      await isDone();
      await workbench.screenshot(`doctor-list-${kind}`);
      const first = (await workbench.quickPickRows().first().getAttribute("aria-label")) ?? "";
      assert.match(first, /Settings.*broken.*Open settings.*zgCompute\.limits\.perDay/);
      await keyboard.type("It is stopped");
      await row("It is stopped").waitFor();
      await keyboard.press("Enter");
      await row("It runs.").waitFor({ timeout: 60_000 });
      await isDone();
      await workbench.screenshot(`doctor-again-${kind}`);
      await keyboard.type("support bundle");
      await keyboard.press("Enter");
      await workbench.dialog().waitFor();
      await workbench.screenshot(`doctor-bundle-asked-${kind}`);
      await workbench.clickDialog("Show it first");
      const saving = workbench.notification("Nothing is saved yet");
      await saving.waitFor();
      await workbench.screenshot(`doctor-bundle-shown-${kind}`);
      await saving.getByRole("button", { name: "Save…" }).click();
      const file = join(editor.workspace, "bundle.md");
      await workbench.quickInput().waitFor();
      await workbench.fileDialog(file);
      const text = await until("it is saved", async () => readFileSync(file, "utf8"));
      for (const part of [
        "## Doctor",
        "broken · Settings",
        "rpc.example.org",
        "Command zgCompute.startSandbox",
      ])
        assert.ok(text.includes(part), `${part} in\n${text}`);
      for (const secret of ["u5er", "p4ssw0rd", "s3cretK3y", "a lot", editor.workspace, editor.dataFolder])
        assert.ok(!text.includes(secret), secret);
    });
});

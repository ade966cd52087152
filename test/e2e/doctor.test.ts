// The doctor by keyboard: what is wrong first, Enter mends it and looks again; and the support bundle, read before it is saved.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Editor, useEditor } from "./harness.js";
import { until } from "./until.js";
import type { ThemeKind } from "./workbench.js";

describe("the doctor", function () {
  this.timeout(4 * 60_000);
  const rpc = "https://u5er:p4ssw0rd@rpc.example.org/s3cretK3y";
  const editor = useEditor({
    settings: { "zgCompute.rpcUrls": { testnet: [rpc] }, "zgCompute.limits.perDay": "a lot" },
  });
  const row = (text: string) => editor.workbench.quickPickRows().filter({ hasText: text }).first();
  for (const kind of ["dark", "light", "highContrast"] as const satisfies ThemeKind[])
    it(`lists what is wrong first, and Enter starts the sandbox and looks again, in ${kind}`, async () => {
      const { workbench } = editor;
      const { keyboard } = workbench.page;
      await workbench.setTheme(kind);
      await workbench.active();
      await workbench.runCommand("0G Compute: Doctor");
      await isDone(editor);
      await workbench.screenshot(`doctor-list-${kind}`);
      const first = (await workbench.quickPickRows().first().getAttribute("aria-label")) ?? "";
      assert.match(first, /Settings.*broken.*Open settings.*zgCompute\.limits\.perDay/);
      await keyboard.type("It is stopped");
      await row("It is stopped").waitFor();
      await keyboard.press("Enter");
      await row("It runs.").waitFor({ timeout: 60_000 });
      await isDone(editor);
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

  it("saves the support bundle elsewhere where a place takes no files", async function () {
    if (process.platform !== "linux") {
      console.log("      skipped: only Linux has a place that is closed to everybody");
      return this.skip();
    }
    const { workbench } = editor;
    await workbench.active();
    await workbench.runCommand("0G Compute: Save support bundle");
    await workbench.clickDialog("Save…");
    await workbench.quickInput().waitFor();
    await workbench.fileDialog("/sys/bundle.md");
    const said = workbench.notification(
      "/sys/bundle.md could not be written: it may not be read or written.",
    );
    await said.waitFor();
    await workbench.screenshot("save-refused");
    await said.getByRole("button", { name: "Choose another place…" }).click();
    const file = join(editor.workspace, "elsewhere.md");
    await workbench.quickInput().waitFor();
    await workbench.fileDialog(file);
    const text = await until("it is saved", async () => readFileSync(file, "utf8"));
    assert.match(text, /## Doctor/);
  });
});

describe("the doctor, of a live network", function () {
  this.timeout(4 * 60_000);
  const settings: Record<string, unknown> = { "zgCompute.network": "testnet" };
  let early: Server;
  before(async () => {
    early = await blocksOfTomorrow();
    const { port } = early.address() as AddressInfo;
    const urls = ["https://rpc.example.org", `http://127.0.0.1:${port}`];
    Object.assign(settings, { "zgCompute.rpcUrls": { testnet: urls }, "zgCompute.limits.perDay": "a lot" });
  });
  after(() => early.close());
  const editor = useEditor({ settings });
  const row = (text: string) => editor.workbench.quickPickRows().filter({ hasText: text }).first();

  it("leads to the help where the clock is off, and shows what takes room", async () => {
    const { workbench } = editor;
    const { keyboard } = workbench.page;
    await workbench.active();
    await workbench.runCommand("0G Compute: Doctor");
    await isDone(editor);
    await workbench.screenshot("doctor-live");
    const clock = (await row("behind the network's").getAttribute("aria-label")) ?? "";
    assert.match(clock, /Clock.*broken.*Enter: How to set it.*at least 24 h/);
    await keyboard.type("behind the network's");
    await keyboard.press("Enter");
    await workbench.editorTab(/Preview readme\.md/i).waitFor();
    await until("the page is at what helps", async () => {
      for (const frame of workbench.page.frames()) {
        const heading = frame.getByRole("heading", { name: "When the clock is off" });
        const isThere = (await heading.count().catch(() => 0)) === 1;
        const box = isThere ? await heading.boundingBox() : null;
        if (box && box.y > 0 && box.y < (workbench.page.viewportSize()?.height ?? 0)) return true;
      }
      return false;
    });
    await workbench.screenshot("doctor-help");
    await workbench.runCommand("0G Compute: What takes room on this machine");
    await row("Our folder").waitFor();
    await workbench.screenshot("doctor-room");
    await keyboard.type("Our folder");
    await keyboard.press("Enter");
    await workbench.notification("The path is copied").waitFor();
  });
});

function isDone({ workbench }: Editor): Promise<unknown> {
  return until("all is checked", async () => {
    const summary = await workbench.quickInput().locator("input").last().getAttribute("placeholder");
    return /^\d+ broken/.test(summary ?? "");
  });
}

/** A node of the testnet whose blocks are a day ahead of this machine, and which knows nothing else. */
async function blocksOfTomorrow(): Promise<Server> {
  const hex = (value: number) => `0x${value.toString(16)}`;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const { id, method } = JSON.parse(body) as { id: number; method: string };
      const block = { number: hex(1_000), timestamp: hex(Math.floor(Date.now() / 1000) + 86_460) };
      const result = { eth_chainId: hex(16602), eth_getBlockByNumber: block }[method];
      const answer = result === undefined ? { error: { code: -32000, message: "not here" } } : { result };
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

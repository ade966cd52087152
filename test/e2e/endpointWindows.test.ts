// The local endpoint over reloads, in two windows, and when another program has its port.
import OpenAI from "openai";
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { ChatPage } from "./chatPage.js";
import { createKey } from "./endpointKey.js";
import { useEditor } from "./harness.js";
import { until } from "./until.js";
import type { Workbench } from "./workbench.js";

const portOf = async (workbench: Workbench) =>
  Number(/:(\d+)$/.exec(await workbench.statusBarText("endpoint"))?.[1]);
const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/v1/models`).then(
    ({ status }) => status === 401,
    () => false,
  );

describe("The local endpoint of a user", function () {
  this.timeout(8 * 60_000);
  const editor = useEditor({ settings: { "remote.autoForwardPorts": false } });

  it("runs again after a reload, is the same in a second window, which takes it over, and is stopped by any", async () => {
    await ChatPage.inSandbox(editor);
    const first = editor.workbench;
    await first.runCommand("0G Compute: Start local endpoint");
    await first.clickNotification(/The local endpoint runs at http/, "Create key");
    const apiKey = await createKey(editor, "Continue");
    const port = await portOf(first);
    const baseURL = `http://127.0.0.1:${port}/v1`;
    const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
    const lists = async () => (await client.models.list()).data.some(({ id }) => id === "sandbox-chat");

    await first.reloadWindow();
    await first.active("endpoint");
    await until("a program reaches it after the reload", lists, 60_000);
    assert.equal(await portOf(first), port);
    assert.deepEqual(await first.notificationTexts(), []);
    assert.equal(await first.dialog().count(), 0);

    const second = await editor.anotherWindow(); // for which the first one is loaded anew
    await second.active("endpoint");
    await until("the second window tells of it", async () =>
      ((await second.statusBar("endpoint").locator("a").getAttribute("aria-label")) ?? "").includes(
        "in another window",
      ),
    );
    assert.equal(await portOf(second), port);
    await second.screenshot("endpoint-elsewhere");
    await second.runCommand("0G Compute: Start local endpoint");
    await second.clickNotification(
      new RegExp(`runs already, in another window, at ${baseURL}`),
      "Copy configuration",
    );
    await second.quickPick("OpenAI SDK, Python");
    await until("the model or the key is asked for", async () => (await second.quickPickRows().count()) > 1);
    if ((await second.quickPickRows().allTextContents()).some((one) => one.includes("sandbox-chat")))
      await second.quickPick("sandbox-chat");
    await second.quickPick("With a placeholder");
    await until("the configuration names the one endpoint", async () =>
      (await second.clipboard()).includes(baseURL),
    );

    await first.page.goto("about:blank");
    await until(
      "the second window serves",
      async () =>
        ((await second.statusBar("endpoint").locator("a").getAttribute("aria-label")) ?? "").includes(
          `endpoint, port ${port}`,
        ) && (await answers(port)),
      60_000,
    );
    await until("the program goes on", lists);

    await second.runCommand("0G Compute: Stop local endpoint");
    await second.statusBar("endpoint").waitFor({ state: "detached" });
    assert.ok(!(await answers(port)));
    await second.reloadWindow();
    await second.active();
    await second.runCommand("0G Compute: Show local endpoint");
    await second.quickPickRows().filter({ hasText: "Start local endpoint" }).waitFor();
    assert.ok(!(await answers(port)), "stopped is stopped");
  });

  it("says in the status bar that its port is taken, and runs as soon as it is free", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.runCommand("0G Compute: Start local endpoint");
    await workbench.active("endpoint");
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as { port: number };
    try {
      await workbench.setSettings({ "zgCompute.endpoint.port": port });
      await until("it says that it is off", async () =>
        (await workbench.statusBarText("endpoint")).includes("0G endpoint off"),
      );
      await workbench.screenshot("endpoint-blocked");
      assert.deepEqual(await workbench.notificationTexts(), []);
      await workbench.clickStatusBar("endpoint");
      for (const row of ["Start local endpoint", "Open settings", "Stop local endpoint"])
        await workbench.quickPickRows().filter({ hasText: row }).waitFor();
      await workbench.screenshot("endpoint-blocked-list");
      await workbench.page.keyboard.press("Escape");
    } finally {
      await new Promise((closed) => server.close(closed));
    }
    await until("it runs", async () => (await portOf(workbench)) === port && (await answers(port)));
  });
});

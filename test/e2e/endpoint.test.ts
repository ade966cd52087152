// The local endpoint as a user sets it up, and as the official `openai` package then uses it.
import OpenAI from "openai";
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { createKey } from "./endpointKey.js";
import { useEditor } from "./harness.js";
import { until } from "./until.js";

describe("The status bar's entry, when it is pointed at", function () {
  this.timeout(2 * 60_000);
  const editor = useEditor({ settings: { "workbench.hover.delay": 100 } });

  it("leads to the local endpoint", async () => {
    const { workbench } = editor;
    await workbench.statusBar().hover();
    await workbench.hover("Local endpoint").waitFor();
    await workbench.screenshot("status-bar-hover");
    await workbench.hover("Local endpoint").click();
    await workbench.quickPickRows().filter({ hasText: "Start local endpoint" }).waitFor();
  });
});

describe("The local endpoint", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor({ settings: { "workbench.hover.delay": 100 } });

  it("is started, given a key, asked by another program, looked at and stopped", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await workbench.statusBar().hover();
    await workbench.hover("Local endpoint").click();
    await workbench.quickPick("Start local endpoint");
    await workbench.notification(/The local endpoint runs at http:\/\/127\.0\.0\.1:\d+\/v1/).waitFor();
    const [, port] = /:(\d+)$/.exec((await workbench.statusBarText("endpoint")).trim())!;
    const baseURL = `http://127.0.0.1:${port}/v1`;
    assert.equal((await fetch(`${baseURL}/models`)).status, 401);
    await workbench.screenshot("endpoint-started");

    await workbench.clickNotification(/The local endpoint runs/, "Create key");
    const apiKey = await createKey(editor, "Continue");
    const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
    const { data: models } = await client.models.list();
    assert.ok(models.some(({ id }) => id === "sandbox-chat"));
    const stream = await client.chat.completions.create({
      model: "sandbox-chat",
      messages: [{ role: "user", content: "What is 0G Compute?" }],
      stream: true,
    });
    let [id, text] = ["", ""];
    for await (const chunk of stream) {
      id = chunk.id;
      text += chunk.choices[0]?.delta.content ?? "";
    }
    assert.ok(text.length > 20, text);
    const verdict = await fetch(`${baseURL}/verify/${id}`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    assert.equal(((await verdict.json()) as { verdict: string }).verdict, "verified");

    await chat.fault("wrong-key", undefined, 1);
    await client.chat.completions.create({
      model: "sandbox-chat",
      messages: [{ role: "user", content: "Who?" }],
    });
    const alarm =
      /An answer of sandbox-chat at 0x\S+ to a program with the key “Continue” failed its check\./;
    await workbench.notification(alarm).waitFor();
    await workbench.screenshot("endpoint-alarm");

    await workbench.clickStatusBar("endpoint");
    await until("the key is listed", async () => (await workbench.quickPickRows().count()) > 3);
    const [row = ""] = await workbench.quickPickRows().allTextContents();
    assert.match(row, /Continue/);
    assert.match(row, /of 0\.5 0G · 2 requests · \d+ tokens/);
    await workbench.screenshot("endpoint-keys");
    await workbench.quickPick("Copy configuration");
    await workbench.quickPick("OpenAI SDK, Python");
    await until(
      "the model or the key is asked for",
      async () => (await workbench.quickPickRows().count()) > 1,
    );
    if ((await workbench.quickPickRows().allTextContents()).some((one) => one.includes("sandbox-chat")))
      await workbench.quickPick("sandbox-chat");
    await workbench.screenshot("endpoint-configuration");
    await workbench.quickPick("With a placeholder");
    await until("the configuration is in the clipboard", async () => {
      const copied = await workbench.clipboard();
      return copied.includes(baseURL) && copied.includes("YOUR_ZG_LOCAL_KEY") && !copied.includes(apiKey);
    });

    await workbench.runCommand("0G Compute: Show local endpoint");
    await workbench.quickPick("Continue");
    await until("the use of its model is listed", async () =>
      (await workbench.quickPickRows().allTextContents()).some((row) =>
        /sandbox-chat.*2 requests · \d+ tokens.*1 failed · 1 verified/.test(row),
      ),
    );
    await workbench.screenshot("endpoint-key-use");
    await workbench.quickPick("Revoke key");
    await workbench.clickDialog("Revoke key");
    await until("the key is refused", () =>
      client.models.list().then(
        () => false,
        () => true,
      ),
    );
    const isGone = async () => {
      await until("nobody listens", () =>
        fetch(`${baseURL}/models`).then(
          () => false,
          () => true,
        ),
      );
      await workbench.statusBar("endpoint").waitFor({ state: "detached" });
    };
    await workbench.clickStatusBar("endpoint");
    await workbench.quickPick("Stop local endpoint");
    await isGone();
    await workbench.runCommand("0G Compute: Start local endpoint");
    await workbench.statusBar("endpoint").waitFor();
    assert.equal((await fetch(`${baseURL}/models`)).status, 401, "on the same port");
    await workbench.runCommand("0G Compute: Create key for local endpoint");
    const bound = new OpenAI({
      baseURL,
      apiKey: await createKey(editor, "aider", "sandbox-lm"),
      maxRetries: 0,
    });
    assert.deepEqual(
      (await bound.models.list()).data.map(({ id }) => id),
      ["sandbox-lm"],
    );
    await workbench.runCommand("0G Compute: Stop local endpoint");
    await isGone();
    assert.deepEqual(await workbench.dialog().count(), 0, "no request opened a dialog");
  });
});

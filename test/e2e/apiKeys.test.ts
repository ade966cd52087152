// API keys by palette and tree: made, copied, used by a program that knows nothing of us, revoked, refused.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ChatPage } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";
import { SandboxSight } from "./sandboxSight.js";
import { until } from "./until.js";

describe("API keys", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  it("are created, copied, used with fetch, revoked, and then refused", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await showAccounts(editor);
    await workbench.treeItem("Accounts", /API keys/).waitFor();
    await workbench.runCommand("0G Compute: Create API key");
    const key = await createKey(editor, "Build server");
    assert.equal(await ask(editor, key), 200);

    await workbench.treeItem("Accounts", /Build server/).waitFor();
    await until("it is active", () => has(editor, /Build server.*active · 7 days left/));
    await workbench.screenshot("api-keys-tree");
    assert.deepEqual(filesWith(editor.dataFolder, key.slice(7, 60)), [], "no trace of it on disk");
    assert.deepEqual(filesWith(editor.workspace, key.slice(7, 60)), []);

    await workbench.contextMenu(workbench.treeItem("Accounts", /Build server/), "Show how to use an API key");
    await workbench.quickPick("JavaScript");
    await until("the example is open", async () =>
      (await workbench.editorText()).replace(/\u00a0/g, " ").includes("process.env.ZG_API_KEY"),
    );
    await workbench.screenshot("api-keys-snippet");

    await workbench.reloadWindow();
    await workbench.active();
    await showAccounts(editor);
    await workbench.treeItem("Accounts", /Build server/).waitFor();
    await workbench.clickInlineAction("Accounts", /Build server/, "Copy API key");
    await until("the key is in the clipboard again", async () => (await workbench.clipboard()) === key);

    await workbench.contextMenu(workbench.treeItem("Accounts", /Build server/), "Revoke API key");
    await workbench.dialog().waitFor();
    const text = (await workbench.dialog().textContent()) ?? "";
    for (const part of ["Revoke the API key “Build server”?", "refused", "Fee: at most", "Wallet"])
      assert.ok(text.includes(part), `${part} in ${text}`);
    await workbench.screenshot("api-keys-revoke");
    await workbench.clickDialog("Revoke key");
    await workbench.notification("“Build server” is revoked. Transaction 0x").waitFor();
    assert.equal(await ask(editor, key), 400);
    await until("the row says so", () => has(editor, /Build server.*revoked/));
    await workbench.screenshot("api-keys-revoked");
  });

  it("leave the list and are added to it again, and are all revoked at once with the keyboard alone", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await showAccounts(editor);
    await workbench.runCommand("0G Compute: Create API key");
    const key = await createKey(editor, "Notebook");
    assert.equal(await ask(editor, key), 200);
    const row = workbench.treeItem("Accounts", /Notebook/);
    await workbench.contextMenu(row, "Remove API key from the list");
    await workbench.clickDialog("Remove from the list");
    await until("it is gone", async () => !(await has(editor, /Notebook/)));
    assert.equal(await ask(editor, key), 200, "as the question said");
    await workbench.runCommand("0G Compute: Add API key made elsewhere");
    await workbench.inputBox(key.replace("a", "b"));
    await workbench.notification("That is not an API key").waitFor();
    await workbench.runCommand("0G Compute: Add API key made elsewhere");
    await workbench.inputBox(`Bearer ${key}`);
    await until("a name is asked for", async () =>
      ((await workbench.inputMessage().textContent()) ?? "").includes("what uses it"),
    );
    await workbench.inputBox("Notebook");
    await workbench.notification(/“Notebook” is in the list: active/).waitFor();
    await until("it is back", () => has(editor, /Notebook.*made elsewhere/));
    await workbench.runCommand("0G Compute: Revoke all API keys of a provider");
    await until("the provider is asked for", async () => (await workbench.quickPickRows().count()) > 0);
    await workbench.page.keyboard.press("Enter");
    await workbench.dialog().waitFor();
    assert.match((await workbench.dialog().textContent()) ?? "", /every running session/);
    await workbench.screenshot("api-keys-revoke-all");
    await workbench.page.keyboard.press("Enter");
    await workbench.notification("are revoked. Transaction 0x").waitFor();
    assert.equal(await ask(editor, key), 400);
    await until("the row says so", () => has(editor, /Notebook.*revoked with all keys/));
    await workbench.contextMenu(row, "Remove API key from the list");
    await until("it is gone", async () => !(await has(editor, /Notebook/)));
  });
});

describe("API keys in the theme kinds", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  it("read well in each", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.inEveryTheme(async (kind) => {
      const picture = (name: string) => workbench.screenshot(`api-keys-${kind}-${name}`);
      const row = new RegExp(`Server of ${kind}.*active`);
      await showAccounts(editor);
      await workbench.clickInlineAction("Accounts", /API keys/, "Create API key");
      await createKey(editor, `Server of ${kind}`, picture);
      await until("it is active", () => has(editor, row));
      await workbench.contextMenu(workbench.treeItem("Accounts", row), "Revoke API key");
      await workbench.dialog().waitFor();
      await picture("revoke");
      await workbench.clickDialog("Revoke key");
      await until("it is not active", async () => !(await has(editor, row)));
      await picture("tree");
    });
  });
});

/** With room for all rows: those out of sight are not there. */
async function showAccounts({ workbench }: Editor): Promise<void> {
  await workbench.openContainer("0G Compute");
  const header = workbench.view("Providers").locator(".pane-header");
  if ((await header.getAttribute("aria-expanded")) === "true") await header.click();
}

/** Answers the questions; the key, as the clipboard has it. */
async function createKey(
  { workbench }: Editor,
  label: string,
  picture: (name: string) => Promise<void> = async () => undefined,
): Promise<string> {
  await until("the provider is asked for", async () => (await workbench.quickPickRows().count()) > 0);
  await picture("provider");
  await workbench.quickPick("sandbox-chat");
  await until("the end is asked for", async () => (await workbench.quickInputTitle()).includes("2/3"));
  await picture("end");
  await workbench.quickPick("7 days");
  await until("the name is asked for", async () => (await workbench.quickInputTitle()).includes("3/3"));
  await workbench.inputBox(label);
  await workbench.dialog().waitFor();
  const text = (await workbench.dialog().textContent()) ?? "";
  for (const part of [
    label,
    "Whoever has this key can use this provider in your name and spend",
    "It is good for 7 days",
  ])
    assert.ok(text.includes(part), `${part} in ${text}`);
  await picture("confirm");
  await workbench.clickDialog("Create key");
  await until("the key is shown", async () =>
    ((await workbench.dialog().textContent()) ?? "").includes("app-sk-"),
  );
  await picture("once");
  await workbench.clickDialog("Copy key");
  await workbench.notification("The API key is in the clipboard for one minute").waitFor();
  return until("the key is in the clipboard", async () => {
    const copied = await workbench.clipboard();
    return copied.startsWith("app-sk-") ? copied : undefined;
  });
}

/** The status of an answer to a request that a program makes with the key. */
async function ask(editor: Editor, key: string): Promise<number> {
  const { provider } = JSON.parse(
    Buffer.from(key.slice("app-sk-".length), "base64").toString().split("|")[0]!,
  ) as { provider: string };
  const { url, model } = new SandboxSight(editor).ready.providers.find(
    ({ address, serviceType }) => address === provider && serviceType === "chatbot",
  )!;
  const response = await fetch(`${url}/v1/proxy/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "What is a key?" }] }),
  });
  await response.text();
  return response.status;
}

async function has({ workbench }: Editor, text: RegExp): Promise<boolean> {
  return (await workbench.treeTexts("Accounts")).some((row) => text.test(row));
}

/** Files below a folder that hold the text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

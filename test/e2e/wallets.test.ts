// Wallets by palette and dialogs: made, imported, exported, removed; wrong input; never on disk in clear.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.js";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";

/** A key made for this test alone; it never held anything. */
const key = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
const address = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23";
/** First account of the public test mnemonic. */
const developmentKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

describe("leaving", () => {
  const editor = useEditor();

  it("removes wallets, conversations and the sandbox's state, after a question", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a ledger?", "Verified");
    const storage = join(editor.dataFolder, "data", "User", "globalStorage");
    const ours = () =>
      readdirSync(storage, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.includes("zerog-compute"),
      );
    assert.ok(ours().length > 3);
    await workbench.runCommand("0G Compute: Remove wallets and all data");
    await workbench.clickDialog("Remove everything");
    await workbench.notification("on this machine is removed").waitFor();
    assert.deepEqual(ours(), []);
    await until("no wallet is left", async () =>
      /no wallet/i.test((await workbench.statusBar().getAttribute("aria-label")) ?? ""),
    );
  });
});

describe("wallets on a live network", () => {
  const editor = useEditor({ settings: { "zgCompute.network": "testnet" } });

  const importKey = async (text: string, name: string) => {
    const { workbench } = editor;
    await workbench.runCommand("0G Compute: Import wallet");
    await workbench.quickPick("Private key");
    await workbench.inputBox(name);
    await until("the key is asked for", async () => (await workbench.quickInputTitle()) === "Private key");
    await workbench.inputBox(text);
  };

  it("imports a key, keeps it over a reload, exports it behind a question, and writes it nowhere in clear", async () => {
    const { workbench } = editor;
    await workbench.active();
    await importKey(key, "Savings");
    await workbench.notification(address).waitFor();
    await workbench.reloadWindow();
    await workbench.active();
    await workbench.runCommand("0G Compute: Export private key");
    assert.match((await workbench.dialog().textContent()) ?? "", /Savings/);
    await workbench.clickDialog("Copy private key");
    await until("the key is in the clipboard", async () => (await workbench.clipboard()) === key);
    assert.deepEqual(filesWith(editor.dataFolder, key.slice(2)), []);
    assert.deepEqual(filesWith(editor.workspace, key.slice(2)), []);
    await workbench.runCommand("0G Compute: Remove wallet");
    await workbench.clickDialog("Remove wallet");
    await until("no wallet is left", async () =>
      /no wallet/i.test((await workbench.statusBar().getAttribute("aria-label")) ?? ""),
    );
  });

  it("says in one sentence what is wrong with a key, and refuses a test key", async () => {
    const { workbench } = editor;
    await workbench.active();
    await importKey("0x1234", "Wrong");
    await workbench.notification("That is not a private key").waitFor();
    await importKey(developmentKey, "Test");
    await workbench.notification("It can be used in the sandbox only").waitFor();
    assert.deepEqual(
      (await workbench.notificationTexts()).filter((text) => text.includes("ac0974")),
      [],
    );
  });

  it("says that a file is no keystore before it asks for the password", async () => {
    const { workbench } = editor;
    await workbench.active();
    await workbench.runCommand("0G Compute: Import wallet");
    await workbench.quickPick("Keystore file");
    await workbench.inputBox("From a file");
    await until("a file is asked for", async () => (await workbench.quickInputTitle()) === "Keystore file");
    await workbench.fileDialog(join(editor.workspace, "training", "config.json"));
    await workbench.notification("That is not a keystore file").waitFor();
    assert.equal(await workbench.quickInput().count(), 0, "nothing more is asked");
  });

  it("creates a wallet and shows its twelve words once", async () => {
    const { workbench } = editor;
    await workbench.active();
    await workbench.runCommand("0G Compute: Create wallet");
    await workbench.inputBox("Mine");
    await workbench.dialog().waitFor();
    const text = (await workbench.dialog().textContent()) ?? "";
    assert.match(text, /12\. [a-z]+/);
    await workbench.screenshot("wallet-words");
    await workbench.clickDialog("I wrote them down");
    await workbench.notification("Mine is ready").waitFor();
  });

  it("says that the network does not answer, in the views, and offers to try again", async () => {
    const { workbench } = editor;
    await workbench.active();
    await workbench.openContainer("0G Compute");
    await until(
      "the failure is said in the view",
      async () => ((await workbench.view("Providers").textContent()) ?? "").includes("evmrpc-testnet.0g.ai"),
      60_000,
    );
    await workbench.treeItem("Providers", "Retry").waitFor();
    await workbench.screenshot("network-down");
    assert.deepEqual(await workbench.notificationTexts(), []);
  });
});

/** Files below a folder that hold the text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

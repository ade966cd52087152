// The chat panel driven like a user: answers, code, history, stopping, faults, reload.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.js";
import { ChatPage } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";

describe("the chat", () => {
  const editor = useEditor();

  it("keeps conversation, panel, wallet and draft over a window reload", async () => {
    const { workbench } = editor;
    const before = await ChatPage.inSandbox(editor);
    await before.askUntil("What is a sub-account?", "Verified");
    const address = (await workbench.statusBar().getAttribute("aria-label")) ?? "";
    await before.input().fill("a draft");
    await workbench.reloadWindow();
    await workbench.editorTab("What is a sub-account?").waitFor();
    const chat = await ChatPage.shown(editor);
    await chat.badge("Verified");
    assert.equal(await chat.input().inputValue(), "a draft");
    await chat.askUntil("How is an answer verified?", "Verified");
    assert.deepEqual(await chat.badges(), ["Verified", "Verified"]);
    const wallet = /0x[0-9a-fA-F]{4}…[0-9a-fA-F]{4}/.exec(address)?.[0];
    assert.ok(wallet, address);
    await until("the wallet is the same", async () =>
      ((await workbench.statusBar().getAttribute("aria-label")) ?? "").includes(wallet),
    );
  });

  it("shows what arrived, its cost and a word when the window is reloaded in the middle of an answer", async () => {
    const { workbench } = editor;
    const before = await ChatPage.inSandbox(editor);
    await before.fault("slow-stream", 400);
    await before.ask("How is an answer verified?");
    await until(
      "text arrives",
      async () => ((await before.last().locator(".markdown").textContent()) ?? "").length > 5,
    );
    await workbench.reloadWindow();
    const chat = await ChatPage.shown(editor);
    await chat.badge("Not proven");
    assert.match((await chat.last().locator(".meter").textContent()) ?? "", /tokens · at least .* 0G/);
    assert.match((await chat.last().locator(".verdict-sentence").textContent()) ?? "", /window was closed/);
    await workbench.screenshot("chat-reloaded");
  });

  it("stands where the reader was after a window reload: at the end, or in the middle", async () => {
    const { workbench } = editor;
    await workbench.page.setViewportSize({ width: 1200, height: 480 });
    let chat = await ChatPage.inSandbox(editor);
    for (let count = 0; count < 5; count++) await chat.askUntil("How is an answer verified?", "Verified");
    const isAtEnd = () =>
      chat.frame.evaluate<boolean>(
        "{ const s = document.querySelector('.scroller'); s.scrollTop > 500 && s.scrollHeight - s.scrollTop - s.clientHeight < 2 }",
      );
    const third = () => chat.frame.locator("article.turn").nth(2);
    const isAtThird = () =>
      third().evaluate(
        (turn) =>
          Math.abs(
            turn.getBoundingClientRect().top - turn.closest(".scroller")!.getBoundingClientRect().top,
          ) < 4,
      );
    await until("the end is shown", isAtEnd);
    await workbench.reloadWindow();
    chat = await ChatPage.shown(editor);
    await until("the end is shown again", isAtEnd);
    const kept = await chat.keptState();
    await third().evaluate((turn) => turn.scrollIntoView());
    await chat.frame.getByRole("button", { name: "Jump to latest" }).waitFor();
    await until("the third turn is on top", isAtThird);
    await until("the panel has handed over its place", async () => (await kept())?.place !== undefined);
    await workbench.reloadWindow();
    chat = await ChatPage.shown(editor);
    await until("the third turn is on top again", isAtThird);
    await workbench.screenshot("chat-place");
  });

  it("comes back as it was after the window was closed", async () => {
    const before = await ChatPage.inSandbox(editor);
    await before.askUntil("What is a sub-account?", "Verified");
    await editor.reopenWindow();
    await editor.workbench.editorTab("What is a sub-account?").waitFor();
    const chat = await ChatPage.shown(editor);
    await chat.badge("Verified");
    await chat.askUntil("What is a ledger?", "Verified");
  });

  it("says once that a chat cannot be saved, and saves it with the button", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a sub-account?", "Verified");
    const folder = conversationsFolder(editor);
    renameSync(folder, `${folder}-away`);
    writeFileSync(folder, "a file where the folder was: nothing can be written");
    await chat.askUntil("What is a ledger?", "Verified");
    const notification = workbench.notification(/Your chat is not saved\..*it is no folder/);
    await notification.waitFor();
    await workbench.screenshot("chat-unsaved");
    assert.equal(await notification.count(), 1);
    rmSync(folder);
    renameSync(`${folder}-away`, folder);
    await notification.getByRole("button", { name: "Retry" }).click();
    await until("it is saved", () =>
      readdirSync(folder).some((name) =>
        readFileSync(join(folder, name), "utf8").includes("What is a ledger?"),
      ),
    );
  });

  it("says Failed when a provider's answer is not what was signed, and keeps the answer", async () => {
    const chat = await ChatPage.inSandbox(editor);
    for (const fault of ["tamper-text", "wrong-key", "other-bytes"]) {
      await chat.control("DELETE", "/faults");
      await chat.fault(fault);
      await chat.askUntil("What is a ledger?", "Failed");
      assert.ok(((await chat.last().textContent()) ?? "").length > 60, `${fault}: the answer is shown`);
    }
    await editor.workbench.screenshot("chat-failed");
    await chat.control("DELETE", "/faults");
    await chat.askUntil("What is a ledger?", "Verified");
  });

  it("says Not proven when there is no signature, and why", async () => {
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("no-signature");
    await chat.askUntil("What is a ledger?", "Not proven");
    await editor.workbench.screenshot("chat-not-proven");
    assert.match((await chat.last().locator(".verdict-sentence").textContent()) ?? "", /signature/);
  });

  it("stops at once, keeps what arrived, and says it is not proven", async () => {
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("slow-stream", 400);
    await chat.ask("How is an answer verified?");
    await until(
      "text arrives",
      async () => ((await chat.last().locator(".markdown").textContent()) ?? "").length > 5,
    );
    await chat.input().press("Escape");
    await chat.badge("Not proven");
    assert.match((await chat.last().textContent()) ?? "", /Stopped/);
  });

  it("warns of a question that alone is longer than the model reads, and sends nothing of it", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a ledger?", "Verified");
    await chat.input().fill("word ".repeat(9_000));
    const note = chat.frame.locator(".note.is-blocked");
    await note.getByText(/is longer than the model reads: about 9\d\d\d tokens of 7168\./).waitFor();
    await workbench.screenshot("chat-too-long");
    await chat.input().press("Enter");
    await chat
      .last()
      .getByText(/tokens at least, and “.*” reads 8192 at most: nothing was sent/)
      .waitFor();
    await workbench.screenshot("chat-too-long-refused");
    assert.deepEqual(await chat.badges(), ["Verified"]);
    await chat.askUntil("What is a sub-account?", "Verified");
  });

  it("shows a row with one button when the provider refuses, and asks again with it", async () => {
    const chat = await ChatPage.inSandbox(editor);
    await chat.fault("status", 503);
    await chat.ask("What is a ledger?");
    const retry = chat.last().getByRole("button", { name: "Retry" });
    await retry.waitFor();
    await editor.workbench.screenshot("chat-error");
    await chat.control("DELETE", "/faults");
    await retry.click();
    await chat.badge("Verified");
  });

  it("copies, inserts and opens code by the block's number", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("How do I connect Ollama to the sandbox?", "Verified");
    const block = chat.last().locator("figure.code").first();
    const text = (await block.locator("code").textContent()) ?? "";
    assert.ok(text.length > 3);
    await block.getByRole("button", { name: "Copy" }).click();
    await until(
      "the code is in the clipboard",
      async () => (await workbench.clipboard()).trim() === text.trim(),
    );
    await block.getByRole("button", { name: "New file" }).click();
    await until("a file with the code opens", async () =>
      (await workbench.editorText()).includes(text.trim().split("\n")[0]!),
    );
  });

  it("says that a read-only file takes no code, and opens a new one with it", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("How do I connect Ollama to the sandbox?", "Verified");
    const text = (await chat.last().locator("figure.code code").first().textContent()) ?? "";
    await workbench.openFile("data/support.jsonl");
    await workbench.runCommand("File: Set Active Editor Read-only in Session");
    await workbench.runCommand("View: Move Editor into Next Group"); // both are in sight
    const block = (await ChatPage.shown(editor)).last().locator("figure.code").first();
    await block.getByRole("button", { name: "Insert" }).click();
    await workbench.clickNotification(/Nothing was inserted: support\.jsonl is read-only/, "New file");
    await until("a file with the code opens", async () =>
      (await workbench.editorText()).includes(text.trim().split("\n")[0]!),
    );
  });

  it("edits a question, asks again, finds and deletes conversations", async () => {
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a ledger?", "Verified");
    await chat.replaced(() => chat.last().getByRole("button", { name: "Ask again" }).click(), "Verified");
    await chat.last().getByRole("button", { name: "Edit question" }).click();
    const edit = chat.last().getByRole("textbox").first();
    await edit.fill("What is a neuron?");
    await chat.last().getByRole("button", { name: "Ask this instead" }).click();
    await until("the new question stands", async () =>
      ((await chat.last().textContent()) ?? "").includes("What is a neuron?"),
    );
    await chat.badge("Verified");
    await until("it stands alone", async () => (await chat.frame.locator("article.turn").count()) === 1);
    await chat.frame.getByRole("button", { name: "New conversation" }).click();
    await until("it is empty", async () => (await chat.frame.locator("article.turn").count()) === 0);
    await chat.askUntil("What is the sandbox?", "Verified");
    await chat.frame.getByRole("button", { name: "Conversations" }).click();
    await chat.frame.getByRole("searchbox").fill("neuron");
    const row = chat.frame.locator(".history-list li");
    await until("one is found", async () => (await row.count()) === 1);
    await editor.workbench.screenshot("chat-history");
    await row.getByRole("button", { name: "Delete conversation" }).click();
    await row
      .getByRole("button", { name: /delete/i })
      .first()
      .click();
    await until("it is gone", async () => (await row.count()) === 0);
  });

  it("works in the side bar, beside the trees", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.runCommand("View: Close All Editors");
    await workbench.openContainer("0G Compute");
    await workbench.expandView("Chat");
    const chat = await ChatPage.shown(editor);
    await chat.askUntil("What is a ledger?", "Verified");
    // Unfolded among the others it has the least height VS Code gives a view.
    const [send, transcript, window] = await Promise.all([
      chat.frame.getByRole("button", { name: "Send" }).boundingBox(),
      chat.frame.locator(".scroller").boundingBox(),
      workbench.view("Chat").boundingBox(),
    ]);
    assert.ok(send && transcript && window && send.y + send.height <= window.y + window.height);
    assert.ok(transcript.height >= 36, `${transcript.height} to read in`);
    await workbench.screenshot("chat-side-bar");
  });
});

function conversationsFolder({ dataFolder }: Editor): string {
  const storage = join(dataFolder, "data", "User", "globalStorage");
  const names = readdirSync(storage).map((name) => join(storage, name, "conversations"));
  const folder = names.find((path) => existsSync(path));
  assert.ok(folder, "conversations are kept");
  return folder;
}

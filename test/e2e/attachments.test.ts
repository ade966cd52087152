// What is asked about, taken along like a user does: from the editor's menu, the Explorer, and with the paperclip.
import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { until } from "./until.js";

describe("what a question is about", () => {
  const editor = useEditor();
  const chips = (chat: ChatPage) => chat.frame.locator(".chip");
  const texts = (chat: ChatPage) => chips(chat).allTextContents();
  const shows = (chat: ChatPage, what: readonly RegExp[]) =>
    until(`the chips are ${what.join(", ")}`, async () => {
      const found = await texts(chat);
      return found.length === what.length && found.every((text, index) => what[index]!.test(text));
    });
  const line = (text: string): Locator =>
    editor.workbench.page.locator(".view-line").filter({ hasText: text }).first();

  it("goes from the editor's menu into the chat with its question, which the user sends; files come by the button and go by a key", async () => {
    const { workbench } = editor;
    const { page } = workbench;
    await ChatPage.inSandbox(editor);
    await workbench.openFile("src/triage.ts");
    await line("export interface Ticket").click();
    await page.keyboard.press("Home");
    for (let row = 0; row < 5; row++) await page.keyboard.press("Shift+ArrowDown");
    await workbench.contextSubmenu(line("readonly text: string"), "0G Compute", /^Explain selection/);

    // The question and its price are there to be looked at; nothing is sent yet.
    let chat = await ChatPage.shown(editor);
    await until("the question is written", async () =>
      (await chat.input().inputValue()).startsWith("Explain"),
    );
    await shows(chat, [/^triage\.ts.*lines 5–9 · about \d+ tokens$/]);
    assert.equal(await chat.frame.locator("article.turn").count(), 0);
    await until("its price is said", async () => /0G/.test(await chat.frame.locator(".note").innerText()));
    await workbench.screenshot("attachments-explain");
    await chat.input().press("Enter");
    await chat.badge("Verified");
    await shows(chat, []);
    await chat.last().locator(".sent-attachment > summary").click();
    await until("what was sent is there to be read", async () =>
      /^export interface Ticket \{\n[^]*\n\}$/.test(
        (await chat.last().locator(".sent-text").textContent()) ?? "",
      ),
    );
    await workbench.screenshot("attachments-sent");

    // With the paperclip: the file in front, and one from a dialog; twice is once.
    const isBack = () =>
      until("the field has the focus again", () => chat.input().evaluate((field) => field.matches(":focus")));
    const attach = chat.frame.getByRole("button", { name: "Attach selection, files or pictures" });
    await attach.click();
    await workbench.quickPick("This file");
    await shows(chat, [/^triage\.ts/]);
    await isBack();
    for (let time = 0; time < 2; time++) {
      await attach.click();
      await workbench.quickPick("Choose files…");
      await page.getByRole("button", { name: "Attach", exact: true }).waitFor(); // the dialog, not the end of the pick
      await workbench.fileDialog(join(editor.workspace, "README.md"));
      await isBack();
    }
    await shows(chat, [/^triage\.ts/, /^README\.md/]);
    writeFileSync(join(editor.workspace, "README.md"), "# Another text\n");
    await chat.input().fill("What is this?");
    await shows(chat, [/^triage\.ts/, /^README\.md.*changed since/]);
    await workbench.screenshot("attachments-chips");

    // They are part of the draft, and go by keyboard.
    await workbench.reloadWindow();
    await workbench.editorTab("Explain what this code does.").click();
    chat = await ChatPage.shown(editor);
    await shows(chat, [/^triage\.ts/, /^README\.md.*changed since/]);
    assert.equal(await chat.input().inputValue(), "What is this?");
    await chat.frame.getByRole("button", { name: "Remove src/triage.ts" }).focus();
    await page.keyboard.press("Delete");
    await shows(chat, [/^README\.md/]);
    await page.keyboard.press("Enter");
    await shows(chat, []);
    await until("the field has the focus", () => chat.input().evaluate((field) => field.matches(":focus")));
    await chat.askUntil("What is a ledger?", "Verified");
    assert.equal(await chat.last().locator(".sent-attachment").count(), 0);
  });

  it("comes from the Explorer too, with what is not saved, and keeps the question back when it is gone", async () => {
    const { workbench } = editor;
    const { page } = workbench;
    await ChatPage.inSandbox(editor);
    await workbench.openFile("src/triage.ts");
    await workbench.contextMenu(await workbench.revealFile("training/config.json"), /^Add to 0G chat/);
    let chat = await ChatPage.shown(editor);
    await shows(chat, [/^config\.json/]);
    symlinkSync(join(editor.dataFolder, "data/User/settings.json"), join(editor.workspace, "data/linked.md"));
    await workbench.contextMenu(await workbench.revealFile("data/linked.md"), /^Add to 0G chat/);
    await workbench.notification("linked.md is not attached: it is a link that leads out").waitFor();
    await shows(chat, [/^config\.json/]);
    await workbench.editorTab("triage.ts").click();
    await line("Decides which team").click();
    await page.keyboard.press("Home");
    await page.keyboard.type("// a line nobody saved");
    await page.keyboard.press("Enter");
    await workbench.runCommand("0G Compute: Add to 0G chat");
    chat = await ChatPage.shown(editor);
    await shows(chat, [/^config\.json/, /^triage\.ts/]);
    writeFileSync(join(editor.workspace, "training", "config.json"), new Uint8Array([0xff, 0xfe, 0x00]));
    await chat.ask("What is this?");
    await workbench.notification("Nothing was sent. config.json").waitFor();
    await until("the words are back", async () => (await chat.input().inputValue()) === "What is this?");
    await chat.frame.getByRole("button", { name: "Remove training/config.json" }).click();
    await shows(chat, [/^triage\.ts/]);
    await chat.askUntil("What is this?", "Verified");
    await chat.last().locator(".sent-attachment > summary").click();
    await until("what was sent is what was on screen", async () =>
      ((await chat.last().locator(".sent-text").textContent()) ?? "").startsWith("// a line nobody saved\n"),
    );
  });

  it("is a document without a file, too, also after a reload", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.runCommand("File: New Untitled Text File");
    await workbench.page.keyboard.type("a plan that is in no file");
    await workbench.runCommand("0G Compute: Add to 0G chat");
    await shows(await ChatPage.shown(editor), [/^Untitled-1about \d+ tokens$/]);
    await workbench.reloadWindow();
    await workbench.active();
    await ChatPage.shown(editor);
    await workbench.editorTab(/Untitled-1/).click();
    await line("a plan that is in no file").waitFor();
    await workbench.editorTab(/^New conversation/).click();
    await shows(await ChatPage.shown(editor), [/^Untitled-1about \d+ tokens$/]);
  });

  it("takes files of the workspace that are dropped on it, by either of their names, and no others", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    const drop = (...uris: readonly string[]) =>
      chat.frame.locator(".composer-field").evaluate((field, list) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.setData("application/vnd.code.uri-list", list);
        field.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      }, uris.join("\r\n"));
    const remote = `vscode-remote://${new URL(workbench.page.url()).host}`;
    await drop(
      "file:///etc/passwd",
      `${remote}/etc/passwd`,
      `${remote}${editor.workspace}/../../etc/passwd`,
      `file://${editor.workspace}/%2e%2e/%2e%2e/etc/passwd`,
      "https://example.com/README.md",
    );
    await workbench.notification("Only files of the workspace can be dropped here").waitFor();
    await shows(chat, []);
    await drop(`${remote}${editor.workspace}/src/triage.ts`);
    await shows(chat, [/^triage\.ts/]);
    await drop(`file://${editor.workspace}/README.md`, `file://${editor.workspace}/src/triage.ts`);
    await shows(chat, [/^triage\.ts/, /^README\.md/]);
    await workbench.screenshot("attachments-dropped");
    await drop(`file://${editor.workspace}/src`);
    await workbench.notification("src is not attached: it is a folder, and only files").waitFor();
    const many = Array.from({ length: 30 }, (_, index) => `many-${index}.txt`);
    for (const name of many) writeFileSync(join(editor.workspace, name), name);
    await drop(...many.map((name) => `${remote}${editor.workspace}/${name}`));
    await workbench.notification(/more could not be attached/).waitFor();
    await until("as many as can go along do", async () => (await chips(chat).count()) === 20);
  });
});

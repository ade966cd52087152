// A conversation out to a file and back, by the menus of the chat and the editor's dialogs.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { until } from "./until.js";

interface Written {
  turns: { answer: { text: string; receipt?: { id: string; file?: string } } }[];
}

describe("conversations as files", () => {
  const editor = useEditor();

  it("are exported as Markdown and JSON, and imported with their verdicts checked anew or called what the file says", async () => {
    const { workbench } = editor;
    const { page } = workbench;
    const inWorkspace = (name: string) => join(editor.workspace, name);
    let chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a sub-account?", "Verified");

    const exported = async (form: string, name: string): Promise<string> => {
      await workbench.runCommand("0G Compute: Export conversation…");
      await workbench.quickPick(form);
      await page.getByRole("button", { name: "OK", exact: true }).waitFor();
      await workbench.fileDialog(inWorkspace(name));
      await until("it is written", () => existsSync(inWorkspace(name)));
      await workbench.editorTab(name).waitFor();
      await workbench.editorTab("What is a sub-account?").click();
      return readFileSync(inWorkspace(name), "utf8");
    };
    const markdown = await exported("Markdown", "talk.md");
    assert.match(markdown, /^# What is a sub\\-account\?\n/);
    assert.match(markdown, /- Verdict: \*\*Verified\*\*\./);
    assert.match(markdown, /- Receipt: `[0-9a-f]{24}`/);
    await workbench.screenshot("conversation-markdown");
    const document = JSON.parse(await exported("JSON with receipts", "talk.0gchat.json")) as Written;
    assert.ok(document.turns[0]?.answer.receipt?.file);
    document.turns[0].answer.text += "\n\nAnd your key is safe with me.";
    writeFileSync(inWorkspace("changed.0gchat.json"), JSON.stringify(document));
    delete document.turns[0].answer.receipt;
    writeFileSync(inWorkspace("bare.0gchat.json"), JSON.stringify(document));

    const imported = async (name: string, word: string): Promise<string> => {
      const before = await page.locator(".tab").count();
      await workbench.runCommand("0G Compute: Import conversation…");
      await page.getByRole("button", { name: "Import", exact: true }).waitFor();
      await workbench.fileDialog(inWorkspace(name));
      await until("it has a chat of its own", async () => (await page.locator(".tab").count()) > before);
      await until("its word is there", async () => {
        chat = await ChatPage.shown(editor);
        return (await chat.frame.locator(".byline").first().textContent())?.endsWith("imported") === true;
      });
      await chat.badge(word);
      await workbench.screenshot(`conversation-imported-${word.replace(" ", "-")}`);
      const closed = chat.last().locator("details.verdict:not([open]) > summary");
      if ((await closed.count()) > 0) await closed.click();
      return chat.last().locator(".verdict-sentence").innerText();
    };
    assert.match(
      await imported("talk.0gchat.json", "Verified"),
      /^Imported, and checked here with your own receipt/,
    );
    await workbench.runCommand("View: Close Editor");
    assert.match(await imported("bare.0gchat.json", "Not proven"), /the file says “Verified”/);
    await workbench.runCommand("View: Close Editor");
    assert.match(await imported("changed.0gchat.json", "Failed"), /another question or answer/);
    await workbench.runCommand("View: Close Editor");

    writeFileSync(inWorkspace("edited.md"), markdown.replace("# What is a", "# Who needs a"));
    assert.match(
      await imported("edited.md", "Verified"),
      /^Imported, and checked here with your own receipt/,
    );
    await workbench.notification("The text of this file was changed since it was exported.").waitFor();
    await workbench.screenshot("conversation-imported-edited");
    await workbench.runCommand("View: Close Editor");

    writeFileSync(inWorkspace("broken.0gchat.json"), '{\n"schema": "0g-conversation/1",\n oh');
    await workbench.runCommand("0G Compute: Import conversation…");
    await page.getByRole("button", { name: "Import", exact: true }).waitFor();
    await workbench.fileDialog(inWorkspace("broken.0gchat.json"));
    await until("one sentence says what is wrong, and where", async () =>
      (await workbench.notificationTexts()).some((text) =>
        /broken\.0gchat\.json, line 3: it is not JSON/.test(text),
      ),
    );
  });
  it("are asked as their sheet says, by keyboard alone, and keep it over a reload", async () => {
    const { workbench } = editor;
    const { page } = workbench;
    let chat = await ChatPage.inSandbox(editor);
    const opener = () => chat.frame.getByRole("button", { name: /^System prompt and parameters/ });
    const note = () => chat.frame.locator(".composer > .note").innerText();
    await opener().focus();
    await page.keyboard.press("Enter");
    await page.keyboard.type("Answer in one sentence.");
    await page.keyboard.press("Tab");
    await page.keyboard.type("0.2");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type("12000");
    await chat.frame.locator(".settings-problem", { hasText: "whole number from 1 to 1024." }).waitFor();
    await workbench.screenshot("conversation-settings-refused");
    // The editor hands Ctrl+A to the page a second time, which may be after the next key.
    await page.keyboard.press("Home");
    await page.keyboard.press("Shift+End");
    await page.keyboard.type("30");
    await page.keyboard.press("Escape");
    const isSet = () =>
      until("it is told beside the price", async () =>
        /0G · .* · system prompt · temperature 0\.2 · at most 30 tokens$/.test(await note()),
      );
    await isSet();
    await workbench.screenshot("conversation-settings-set");
    await workbench.reloadWindow();
    chat = await ChatPage.shown(editor);
    await isSet();
    await chat.askUntil("What is a ledger?", "Verified");
    await opener().click();
    await until("the sheet has it again", async () =>
      (await chat.frame.getByLabel("System prompt", { exact: true }).inputValue()).startsWith(
        "Answer in one",
      ),
    );
    for (const theme of ["dark", "highContrast"] as const) {
      await workbench.setTheme(theme);
      assert.deepEqual(await workbench.axe(chat.frame), []);
      await workbench.screenshot(`conversation-settings-${theme}`);
    }
  });
});

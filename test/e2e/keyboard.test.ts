// Without a mouse: from the palette to an answer and into its checks. And what the log says of it: nothing said in private.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.js";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { stageMs, TuningPage } from "./tuningPage.js";

describe("with the keyboard alone", function () {
  this.timeout(3 * 60_000);
  const editor = useEditor();

  it("asks, reads the verdict and its checks, and leaves no question, token or key in any log", async () => {
    const { workbench } = editor;
    const { keyboard } = workbench.page;
    /** What is typed before the palette is there would go elsewhere. */
    const runByKeyboard = async (title: string) => {
      await until("the palette opens", async () => {
        await keyboard.press("F1");
        await workbench.quickInput().waitFor({ timeout: 2000 });
        return true;
      });
      await keyboard.type(title);
      await workbench.quickPickRows().first().filter({ hasText: title }).waitFor();
      await keyboard.press("Enter");
    };
    await workbench.active();
    await runByKeyboard("0G Compute: Try the sandbox");
    const chat = await ChatPage.shown(editor);
    await until("the question has the focus", () =>
      chat.frame.evaluate("document.activeElement?.tagName === 'VSCODE-TEXT-AREA'"),
    );
    await keyboard.type("What is a ledger");
    await keyboard.press("Shift+Enter");
    await keyboard.type("in this marmalade network?");
    await keyboard.press("Enter");
    await chat.badge("Verified");
    await runByKeyboard("0G Compute: Focus last answer");
    await until("the answer has the focus", () =>
      chat.frame.evaluate("document.activeElement?.closest('article.turn') !== null"),
    );
    const isBadge = () =>
      chat.frame.evaluate<boolean>("document.activeElement?.matches('.verdict summary') ?? false");
    for (let presses = 0; presses < 10 && !(await isBadge()); presses++) await keyboard.press("Tab");
    await keyboard.press("Enter");
    await chat.last().locator(".check").first().waitFor();
    const logs = allText(join(editor.dataFolder, "data", "logs"));
    assert.match(logs, /0G Compute|zgCompute/);
    for (const secret of ["marmalade", "app-sk-"])
      assert.ok(!logs.includes(secret), `a log holds "${secret}"`);
  });

  it("writes into a chat that was behind another file as soon as a command shows it", async () => {
    const { workbench } = editor;
    const { keyboard } = workbench.page;
    await ChatPage.inSandbox(editor);
    /** What is typed once the chat is shown again is in its question. */
    const isWritten = async (command: string, words: string) => {
      await workbench.openFile("data/support.jsonl");
      await until("the chat's page is gone", async () => {
        const composers = workbench.page.frames().map((frame) => frame.locator(".composer").count());
        return (await Promise.all(composers.map((count) => count.catch(() => 0)))).every(
          (count) => count === 0,
        );
      });
      await workbench.runCommand(command);
      const chat = await ChatPage.shown(editor);
      await until("the question has the focus", () =>
        chat.frame.evaluate("document.activeElement?.tagName === 'VSCODE-TEXT-AREA'"),
      );
      await keyboard.type(words);
      await until("the words are in the question", async () =>
        (await chat.input().inputValue()).endsWith(words),
      );
    };
    await isWritten("0G Compute: Open chat", "What is a ledger?");
    await isWritten("0G Compute: Add to 0G chat", " In one sentence.");
  });

  it("tunes a model on a file of the Explorer, and pays for it", async () => {
    const { workbench } = editor;
    const { keyboard } = workbench.page;
    const tuning = new TuningPage(editor);
    await ChatPage.inSandbox(editor);
    const focusedRow = workbench.page.locator(".explorer-folders-view .monaco-list-row.focused");
    // The Explorer, just shown, may put the focus on its first row once more: a lost key is pressed again.
    const walk = (key: string, to: string) =>
      until(`${to} has the focus`, async () => {
        await keyboard.press(key);
        await focusedRow.filter({ hasText: to }).waitFor({ timeout: 2_000 });
        return true;
      });
    await workbench.runCommand("File: Focus on Files Explorer");
    await walk("Home", "audio");
    await walk("ArrowDown", "data");
    await keyboard.press("ArrowRight");
    await workbench.explorerItem("support.jsonl").waitFor();
    await walk("ArrowDown", "support.jsonl");
    await keyboard.press("Shift+F10");
    const entry = workbench.page.getByRole("menuitem", { name: /^Fine-tune with 0G/ });
    await entry.waitFor();
    await until("the entry has the focus", async () => {
      await keyboard.press("ArrowDown");
      return entry.evaluate((element) => element.contains(element.ownerDocument.activeElement));
    });
    await workbench.screenshot("keyboard-menu");
    await keyboard.press("Enter");
    for (const answer of ["sandbox-lm", "Quick", "To the provider's enclave", "Start…"]) {
      await workbench.quickPickRows().filter({ hasText: answer }).first().waitFor({ timeout: stageMs });
      await workbench.screenshot(`keyboard-${answer.replace(/\W+/g, "-")}`);
      await keyboard.press("Enter");
    }
    for (const button of ["Start", "Deposit", "Transfer"]) {
      const focused = workbench
        .dialog()
        .getByRole("button", { name: button })
        .and(workbench.page.locator(":focus"));
      await focused.waitFor({ timeout: stageMs });
      await keyboard.press("Enter");
    }
    await tuning.stageIs("Delivered");
    const panel = await tuning.panel();
    // The guardian fetches the file by itself; with it the button's name changes.
    await tuning.button(/^Acknowledge$/);
    const isButton = () => panel.evaluate<boolean>("document.activeElement?.textContent === 'Acknowledge'");
    await until("the button has the focus", async () => {
      await keyboard.press("Tab");
      return isButton();
    });
    await workbench.screenshot("keyboard-panel");
    await keyboard.press("Enter");
    await workbench
      .dialog()
      .getByRole("button", { name: "Acknowledge" })
      .and(workbench.page.locator(":focus"))
      .waitFor();
    await keyboard.press("Enter");
    await tuning.stageIs("Finished");
  });
});

function allText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

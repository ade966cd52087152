// Without a mouse: from the palette to an answer and into its checks. And what the log says of it: nothing said in private.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.js";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";

describe("with the keyboard alone", () => {
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
});

function allText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

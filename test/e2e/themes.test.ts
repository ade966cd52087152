// How it looks: every theme kind, with axe over the chat. The pictures are for a person's eyes: test/out/screenshots.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";

describe("the chat in the four theme kinds", () => {
  const editor = useEditor();

  it("reads well in each", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    await chat.askUntil("How is an answer verified?", "Verified");
    await chat.askUntil("What does a verdict of Not proven mean?", "Verified");
    await chat.last().locator(".verdict summary").click();
    await workbench.inEveryTheme(async (kind) => {
      await workbench.screenshot(`theme-${kind}`);
      assert.deepEqual(await workbench.axe(chat.frame), []);
    });
  });
});

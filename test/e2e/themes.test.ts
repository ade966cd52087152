// How it looks: every theme kind, with axe over the chat. The pictures are for a person's eyes: test/out/screenshots.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import type { ThemeKind } from "./workbench.js";

describe("the four theme kinds", () => {
  const editor = useEditor();

  for (const kind of ["dark", "light", "highContrast", "highContrastLight"] as const satisfies ThemeKind[]) {
    it(`reads well in ${kind}`, async () => {
      const { workbench } = editor;
      await workbench.setTheme(kind);
      const chat = await ChatPage.inSandbox(editor);
      await workbench.openContainer("0G Compute");
      await chat.askUntil("How is an answer verified?", "Verified");
      await chat.askUntil("What does a verdict of Not proven mean?", "Verified");
      await chat.last().locator(".verdict summary").click();
      await workbench.screenshot(`theme-${kind}`);
      assert.deepEqual(await workbench.axe(chat.frame), []);
    });
  }
});

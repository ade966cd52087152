// The README's picture: a verified answer with its checks open, in the look VS Code has by default.
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";

describe("the README's picture", () => {
  const editor = useEditor();

  it("is taken: copy test/out/screenshots/readme.png to media/screenshot.png when the panel has changed", async () => {
    const { workbench } = editor;
    await workbench.setTheme("dark");
    const chat = await ChatPage.inSandbox(editor);
    await workbench.openContainer("0G Compute");
    await chat.askUntil("What is a sub-account?", "Verified");
    await chat.last().locator(".verdict summary").click();
    await workbench.page.mouse.move(700, 450);
    await workbench.screenshot("readme");
  });
});

// The README's first minute, in the packaged extension: from an empty profile to a verified answer.
import assert from "node:assert/strict";
import { useEditor } from "./harness.js";
import { until } from "./until.js";

describe("a newcomer without tokens", () => {
  const editor = useEditor();

  it("has a verified answer after one click and one question", async () => {
    const { workbench } = editor;
    await workbench.active();
    assert.match(await workbench.statusBarText(), /Sandbox/);
    await workbench.openContainer("0G Compute");
    await workbench.screenshot("welcome");
    const startedAt = Date.now();
    await workbench.clickWelcome("Providers", "Try the sandbox");
    const chat = await workbench.webviewFrame(".composer");
    await workbench.screenshot("chat-open");
    await chat.locator(".composer-field textarea").click();
    await workbench.page.keyboard.type("What is a sub-account?");
    await workbench.page.keyboard.press("Enter");
    await chat.locator(".badge.is-verified").waitFor({ timeout: 60_000 });
    console.log(`      verified answer ${Date.now() - startedAt} ms after the click`);
    await workbench.screenshot("chat-verified");
    await chat.locator(".verdict summary").first().click();
    await workbench.screenshot("chat-verdict-open");
    await until("providers are listed", async () => (await workbench.treeTexts("Providers")).length > 3);
    await workbench.screenshot("providers");
  });
});

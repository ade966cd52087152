// The provider table in the sandbox: priced for what is typed, measured by hand and by answers that came anyway, and again after a reload.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";
import { until } from "./until.js";

async function shown(editor: Editor) {
  const frame = await editor.workbench.webviewFrame(".providers");
  await frame.locator(".services tbody tr").first().waitFor({ timeout: 60_000 });
  return frame;
}

describe("the provider table", function () {
  this.timeout(4 * 60_000);
  const editor = useEditor();

  it("shows what an answer of the chat measured, prices a prompt, and measures another provider when asked", async () => {
    const { workbench } = editor;
    const chat = await ChatPage.inSandbox(editor);
    await chat.askUntil("What is a sub-account?", "Verified");
    await workbench.openContainer("0G Compute");
    await workbench.clickViewAction("Providers", "Compare providers");
    const frame = await shown(editor);
    const rows = frame.locator(".services tbody tr");
    assert.ok((await rows.count()) >= 6, "chat, pictures and speech");
    const measured = () => frame.locator("td.column-uptime .figure:not(.is-unknown)").count();
    await until("the chat's answer is measured", async () => (await measured()) === 1);
    await frame.locator("textarea").fill("Why is the sky blue? Explain it in two sentences.");
    await frame.getByText(/^Prices for about 16 tokens sent and 400 answered/).waitFor();
    await frame.getByRole("columnheader", { name: "Your prompt" }).getByRole("button").click();
    await until("rows are priced", async () =>
      /0G|free/.test((await frame.locator("td.column-price .figure").first().textContent()) ?? ""),
    );
    await workbench.screenshot("providers-editor");
    const chats = rows.filter({
      has: frame.locator("td.column-uptime .is-unknown", { hasText: "not measured" }),
    });
    await chats
      .first()
      .getByRole("button", { name: /^Measure / })
      .click();
    await until("what is missing is offered, or it is measured", async () => {
      const isAsked =
        (await workbench.page.locator(".notifications-toasts .notification-list-item").count()) > 0;
      return isAsked || (await measured()) === 2;
    });
    await workbench.screenshot("providers-measured");
    await frame.locator("td.column-uptime .figure:not(.is-unknown)").first().waitFor();
    const own = rows.filter({ has: frame.locator("td.column-uptime .figure:not(.is-unknown)") }).first();
    await own.getByRole("button", { name: /^Measure / }).click();
    await until("it has two answers", async () =>
      /2 of 2/.test((await own.locator("td.column-uptime").textContent()) ?? ""),
    );
    assert.deepEqual(editor.policyViolations(), []);
    await workbench.reloadWindow();
    const again = await shown(editor);
    await until("figures and prompt are back", async () => {
      const figures = await again.locator("td.column-uptime .figure:not(.is-unknown)").count();
      return figures >= 1 && /sky blue/.test(await again.locator("textarea").inputValue());
    });
  });

  it("reads well in every theme kind", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.inEveryTheme(async (kind) => {
      await workbench.runCommand("0G Compute: Compare providers");
      const frame = await shown(editor);
      await workbench.screenshot(`providers-editor-${kind}`);
      assert.deepEqual(await workbench.axe(frame), []);
    });
    assert.deepEqual(editor.policyViolations(), []);
  });
});

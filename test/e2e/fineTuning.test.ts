// From a right-click on a training file to a tuned model that answers, in the packaged extension over the sandbox.
import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { until } from "../until.js";
import { ChatPage } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";

const stageMs = 90_000;

describe("fine-tuning", function () {
  this.timeout(6 * 60_000);
  const editor = useEditor();

  it("goes from a right-click on the sample dataset to a tuned model that answers from it", async () => {
    const { workbench } = editor;
    await ChatPage.inSandbox(editor);
    await workbench.contextMenu(await workbench.revealFile("data/support.jsonl"), /^Fine-tune with 0G/);
    await workbench.quickPick("sandbox-lm");
    await workbench.quickPick("Thorough");
    await workbench.quickPick("To the provider's enclave");
    await workbench.quickPickRows().filter({ hasText: "Start…" }).waitFor({ timeout: 30_000 });
    await workbench.screenshot("fine-tuning-summary");
    await workbench.quickPick("Start…");
    await workbench.clickDialog("Start");
    const task = await agreeUntilShown(editor);
    await stageIs(task, "Delivered");
    await workbench.screenshot("fine-tuning-delivered");
    await task.getByRole("button", { name: "Download, check and acknowledge" }).click();
    await workbench.dialog().waitFor({ timeout: 30_000 });
    await workbench.clickDialog("Acknowledge");
    await stageIs(task, "Finished");
    assert.ok((await task.locator("polyline.curve").count()) > 0, "the curve of the training is drawn");

    await task.getByRole("button", { name: "Decrypt model" }).click();
    await acceptFolder(editor);
    await workbench.notification(/The model is in/).waitFor({ timeout: stageMs });
    await task.getByRole("button", { name: "Deploy adapter" }).click();
    await workbench.notification(/is deployed/).waitFor({ timeout: stageMs });
    await workbench.screenshot("fine-tuning-deployed");
    await workbench.clickNotification(/is deployed/, "Chat with adapter");

    const chat = await ChatPage.shown(editor);
    await chat.ask("How do I cancel the monthly pass?");
    // Training and chatting are paid from accounts of their own: the one for answers is empty yet.
    await chat.last().getByRole("button", { name: "Top up" }).click();
    await workbench.inputBox("2");
    await agreeUntil(editor, () => chat.last().locator(".badge-word", { hasText: "Verified" }).isVisible());
    const answer = (await chat.last().locator(".markdown").textContent()) ?? "";
    assert.match(answer, /Profile|Pass|renew/, answer);
    await workbench.screenshot("fine-tuning-answer");
  });
});

/** Each transaction asks by itself; a panel opens when the task is there. */
async function agreeUntilShown(editor: Editor): Promise<Frame> {
  const { workbench } = editor;
  await agreeUntil(editor, () => workbench.editorTab("sandbox-lm").isVisible());
  return workbench.webviewFrame(".timeline");
}

async function agreeUntil(editor: Editor, isDone: () => Promise<boolean>): Promise<void> {
  const confirm = editor.workbench
    .dialog()
    .getByRole("button", { name: /^(Deposit|Transfer|Acknowledge|Chat)$/ });
  await until(
    "everything asked is agreed to and done",
    async () => {
      if (await confirm.isVisible()) await confirm.click();
      return isDone();
    },
    stageMs,
  );
}

async function stageIs(task: Frame, name: string): Promise<void> {
  await task.locator(".status .stage", { hasText: name }).waitFor({ timeout: stageMs });
}

/** The folder dialog of a served editor is a quick input; its suggestion is the workspace. */
async function acceptFolder(editor: Editor): Promise<void> {
  const { workbench } = editor;
  const button = workbench.quickInput().getByRole("button", { name: "Unpack here" });
  await button.waitFor({ timeout: stageMs });
  await button.click();
}

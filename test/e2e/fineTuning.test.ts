// From a right-click on a training file to a tuned model that answers, in the packaged extension over the sandbox.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { TuningPage } from "./tuningPage.js";

describe("fine-tuning", function () {
  this.timeout(6 * 60_000);
  const editor = useEditor();

  it("goes from a right-click on the sample dataset to a tuned model that answers from it", async () => {
    const { workbench } = editor;
    const tuning = new TuningPage(editor);
    await ChatPage.inSandbox(editor);
    await tuning.start("data/support.jsonl");
    await tuning.stageIs("Delivered");
    await tuning.acknowledge();
    await tuning.stageIs("Finished");
    const panel = await tuning.panel();
    assert.ok((await panel.locator("polyline.curve").count()) > 0, "the curve of the training is drawn");
    await tuning.decrypt();
    await tuning.press("Show receipt");
    const receipt = await workbench.webviewFrame("main.proof");
    await receipt.locator(".sentence", { hasText: "signed this encrypted model" }).waitFor();
    await workbench.screenshot("fine-tuning-receipt");
    await workbench.editorTab("sandbox-lm").click();
    await tuning.deploy();
    await workbench.screenshot("fine-tuning-deployed");
    await workbench.clickNotification(/is deployed/, "Chat with adapter");
    await tuning.answers();
    await workbench.screenshot("fine-tuning-answer");
    await tuning.isPicked();
    await tuning.isListedElsewhere();
  });
});

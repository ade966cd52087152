// From a right-click on a training file to a tuned model that answers, in the packaged extension over the sandbox.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { MenuDesk } from "./menuDesk.js";
import { SandboxSight } from "./sandboxSight.js";
import { stageMs, TuningPage } from "./tuningPage.js";

describe("fine-tuning", function () {
  this.timeout(8 * 60_000);
  const editor = useEditor();

  it("goes from a right-click on the sample dataset to a tuned model that answers from it", async () => {
    const { workbench } = editor;
    const tuning = new TuningPage(editor);
    const sandbox = new SandboxSight(editor);
    const menus = new MenuDesk(editor, "fineTuning.test.ts", "goes from a right-click on the sample dataset");
    const task = (stage: string) =>
      workbench.treeItem("Tasks", new RegExp(`^\\s*${stage}.*sandbox-lm`)).first();
    await ChatPage.inSandbox(editor);
    await sandbox.stopAt("Init");
    await menus.ofFile("fineTune", "data/support.jsonl");
    await menus.asks(/sandbox-lm/);
    await tuning.start("data/support.jsonl");

    // What is done by the panel's buttons here and elsewhere, by the menus of its row as well.
    await workbench.openContainer("0G Compute");
    await workbench.expandView("Providers", false);
    await workbench.expandView("Accounts", false);
    await workbench.expandView("Tasks");
    await workbench.expandView("Models");
    await menus.ofTask("cancelTask", task("Created"));
    await menus.confirms(/Cancel this task/);
    await workbench.editorTab("New conversation").click();
    await menus.ofTask("viewTaskLog", task("Created"), "task");
    await (await tuning.panel()).locator(".log-lines:focus").waitFor();
    await sandbox.stopAt();
    await tuning.stageIs("Delivered");
    await tuning.button(/^Acknowledge$/); // the guardian has fetched the file, and the row is drawn anew no more
    await menus.ofTask("saveCalendar", task("Delivered"));
    await menus.asks(/Save deadline to calendar/);
    await menus.ofTask("acknowledgeDeliverable", task("Delivered"));
    await menus.confirms(/file/);
    await sandbox.stopAt("UserAcknowledged");
    await menus.ofTask("acknowledgeModel", task("Delivered"));
    await workbench.dialog().waitFor({ timeout: stageMs });
    await workbench.clickDialog("Acknowledge");
    await tuning.stageIs("Acknowledged");
    const model = workbench.treeItem("Models", /sandbox-lm/).first();
    await menus.ofTask("decryptModel", model);
    await menus.tells(/has not settled the task yet/);
    await sandbox.stopAt();
    await tuning.stageIs("Finished");
    const panel = await tuning.panel();
    assert.ok((await panel.locator("polyline.curve").count()) > 0, "the curve of the training is drawn");
    await tuning.button("Unpack model"); // decrypted by itself
    await menus.ofTask("unpackModel", task("Finished"));
    await menus.asks(/unpacked/);
    await tuning.decrypt();
    await menus.ofTask("revealModel", task("Finished"));
    await menus.tells(/The path is copied/);
    await menus.ofTask("exportModel", task("Finished"));
    await menus.asks(/README-0G\.md/);
    await menus.ofTask("showReceipts", task("Finished"), "showReceipt");
    const receipt = await workbench.webviewFrame("main.proof");
    await receipt.locator(".sentence", { hasText: "signed this encrypted model" }).waitFor();
    await workbench.screenshot("fine-tuning-receipt");
    await menus.ofTask("deployAdapter", task("Finished"));
    await workbench.notification(/is deployed/).waitFor({ timeout: stageMs });
    await menus.tells(/is deployed/);
    await workbench.editorTab("sandbox-lm").click();
    await workbench.screenshot("fine-tuning-deployed");
    await menus.ofTask("chatWithAdapter", task("Finished"));
    menus.assertAll();
    await tuning.answers();
    await workbench.screenshot("fine-tuning-answer");
    await tuning.isPicked();
    await tuning.isListedElsewhere();
  });
});

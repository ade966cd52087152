// How fine-tuning looks, in every theme kind, with axe over the task's panel. The pictures are for a person's eyes: test/out/screenshots.
import assert from "node:assert/strict";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { SandboxSight } from "./sandboxSight.js";
import { TuningPage } from "./tuningPage.js";
import { until } from "./until.js";

describe("fine-tuning in the four theme kinds", function () {
  this.timeout(6 * 60_000);
  const editor = useEditor();

  it("reads well in each, and breaks no rule of its page", async () => {
    const { workbench } = editor;
    const tuning = new TuningPage(editor);
    const sandbox = new SandboxSight(editor);
    await ChatPage.inSandbox(editor);
    await sandbox.stopAt("Training");
    await workbench.inEveryTheme(async (kind) => {
      const picture = (name: string) => workbench.screenshot(`tuning-${kind}-${name}`);
      await workbench.contextMenu(await workbench.revealFile("data/support.jsonl"), "Preview training rows");
      await until("the two sides are shown", async () =>
        (await workbench.editorText()).includes("### Instruction"),
      );
      await picture("preview");
      await workbench.openContainer("0G Compute");
      await workbench.expandView("Tasks");
      await workbench.expandView("Models");
      await picture("trees-empty");
      await tuning.askToStart("data/support.jsonl", "Thorough", picture);
      await picture("confirm");
      await workbench.clickDialog("Cancel");
    });

    await tuning.start("data/support.jsonl");
    await tuning.stageIs("Training");
    await workbench.inEveryTheme(async (kind) => {
      await tuning.stageIs("Training");
      await workbench.openContainer("0G Compute");
      await workbench.treeItem("Tasks", /Training.*sandbox-lm/).waitFor();
      await workbench.screenshot(`tuning-${kind}-training`);
      assert.deepEqual(await workbench.axe(await tuning.panel()), []);
    });

    await sandbox.stopAt();
    await tuning.stageIs("Delivered");
    await tuning.acknowledge();
    await tuning.stageIs("Finished");
    await workbench.inEveryTheme(async (kind) => {
      await tuning.button(/^(Decrypt|Unpack) model$/);
      await workbench.treeItem("Tasks", /Finished.*sandbox-lm/).waitFor();
      await workbench
        .treeItem("Models", /sandbox-lm/)
        .first()
        .waitFor();
      await workbench.screenshot(`tuning-${kind}-finished`);
      assert.deepEqual(await workbench.axe(await tuning.panel()), []);
    });
    assert.deepEqual(editor.policyViolations(), []);
  });
});

// What cannot be trained on is refused while nothing has cost anything: said with its rule and line, and the chain stands still.
import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChatPage } from "./chatPage.js";
import { useEditor } from "./harness.js";
import { SandboxSight } from "./sandboxSight.js";
import { TuningPage } from "./tuningPage.js";

describe("refused before money moves", () => {
  const editor = useEditor();

  /** From a sandbox whose chain is at rest; what is returned says that it still is. */
  const chainAtRest = async () => {
    await ChatPage.inSandbox(editor);
    const sandbox = new SandboxSight(editor);
    const user = await sandbox.user();
    const before = [await sandbox.purse(user), await sandbox.head()];
    return async () => assert.deepEqual([await sandbox.purse(user), await sandbox.head()], before);
  };
  const fineTune = async (name: string) =>
    editor.workbench.contextMenu(await editor.workbench.revealFile(`data/${name}`), /^Fine-tune with 0G/);

  it("a file that is no JSONL, with the rule and the line", async () => {
    const { workbench } = editor;
    writeFileSync(join(editor.workspace, "data", "table.jsonl"), "question,answer\nHow?,So.\n");
    const assertAtRest = await chainAtRest();
    await fineTune("table.jsonl");
    await workbench.clickNotification(/table\.jsonl cannot be trained on/, "Show problems");
    await workbench.problem(/OG005.*Ln 1/).waitFor();
    await workbench.screenshot("problems-no-jsonl");
    assert.equal(await workbench.quickInput().count(), 0, "nothing more is asked");
    await assertAtRest();
  });

  it("an empty file", async () => {
    const { workbench } = editor;
    writeFileSync(join(editor.workspace, "data", "empty.jsonl"), "");
    const assertAtRest = await chainAtRest();
    await fineTune("empty.jsonl");
    await workbench.clickNotification(/empty\.jsonl cannot be trained on: one problem/, "Show problems");
    await workbench.problem(/OG00\d.*Ln 1/).waitFor();
    assert.equal(await workbench.quickInput().count(), 0, "nothing more is asked");
    await assertAtRest();
  });

  it("a row that the provider's parser refuses, in its line", async () => {
    const { workbench } = editor;
    appendFileSync(join(editor.workspace, "data", "support.jsonl"), '{"messages": [}\n');
    const assertAtRest = await chainAtRest();
    await fineTune("support.jsonl");
    await workbench.notification(/cannot be trained on: one problem, in line 41/).waitFor();
    await workbench.clickNotification(/cannot be trained on/, "Show problems");
    await workbench.problem(/OG010.*Ln 41/).waitFor();
    await assertAtRest();
  });

  it("a configuration with a key that providers do not allow, while it is written", async () => {
    const { workbench } = editor;
    const config = { num_train_epochs: 1, learning_rate: 0.0002, max_steps: -1, fp16: true };
    writeFileSync(join(editor.workspace, "training", "config.json"), JSON.stringify(config, undefined, 2));
    await workbench.active();
    await workbench.openFile("training/config.json");
    await workbench.runCommand("Problems: Focus on Problems View");
    await workbench.problem(/does not allow "fp16".*OC02.*Ln 5/).waitFor();
    await workbench.problem(/Missing: neftune_noise_alpha.*OC01.*Ln 1/).waitFor();
    await workbench.screenshot("problems-config");
  });

  it("a file that changed between the check and the last word", async () => {
    const { workbench } = editor;
    const assertAtRest = await chainAtRest();
    await new TuningPage(editor).askToStart("data/support.jsonl");
    appendFileSync(
      join(editor.workspace, "data", "support.jsonl"),
      '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b c d"}]}\n',
    );
    await workbench.clickDialog("Start");
    await workbench.notification(/support\.jsonl cannot be used: it changed since it was checked/).waitFor();
    await workbench.screenshot("refused-changed");
    assert.equal(await workbench.dialog().count(), 0, "no transaction is asked for");
    await assertAtRest();
  });
});

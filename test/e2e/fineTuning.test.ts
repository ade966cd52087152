// From a right-click on a training file to a tuned model that answers, in the packaged extension over the sandbox.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ChatPage } from "./chatPage.js";
import { useEditor, type Editor } from "./harness.js";
import { SandboxSight, type Purse } from "./sandboxSight.js";
import { stageMs, TuningPage } from "./tuningPage.js";
import { until } from "./until.js";

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
    await tuning.deploy();
    await workbench.screenshot("fine-tuning-deployed");
    await workbench.clickNotification(/is deployed/, "Chat with adapter");
    await answersFromTheFile(editor, tuning);
    await workbench.screenshot("fine-tuning-answer");
  });

  it("arrives though the window is reloaded in every stage, and does everything once", async () => {
    const { workbench } = editor;
    const { tuning, sandbox, before } = await untilTransferIsAsked(editor);
    await workbench.cutOff();
    await resume(editor);
    await tuning.agreeUntilShown();

    await sandbox.reached("Training");
    await tuning.stageIs("Training");
    await workbench.reloadWindow();
    await tuning.stageIs("Training");
    await sandbox.stopAt();

    await tuning.stageIs("Delivered");
    await workbench.reloadWindow();
    await tuning.stageIs("Delivered");
    await sandbox.stopAt("UserAcknowledged");
    await tuning.acknowledge();

    await sandbox.reached("UserAcknowledged");
    await tuning.stageIs("Acknowledged");
    await workbench.reloadWindow();
    await tuning.stageIs("Acknowledged");
    await sandbox.stopAt();

    await tuning.stageIs("Finished");
    await workbench.reloadWindow();
    await tuning.decrypt();

    await workbench.reloadWindow();
    await tuning.deploy();
    await assertOnce(sandbox, before);
    await workbench.clickNotification(/is deployed/, "Chat with adapter");
    await answersFromTheFile(editor, tuning);
  });

  it("goes on after kill -9 of the extension host in the upload, in training and after the delivery, and does everything once", async () => {
    const { workbench } = editor;
    const { tuning, sandbox, before } = await untilTransferIsAsked(editor);
    // From here on no request is answered: what is killed is in the middle of the upload.
    await sandbox.fault("hang");
    await workbench.clickDialog("Transfer");
    await until("the upload has begun", () => journal(editor).includes(`"step":"upload"`), stageMs);
    assert.ok(!journal(editor).includes("createTask"));
    await kill(editor);

    await workbench.openContainer("0G Compute");
    await workbench.expandView("Tasks");
    await workbench.treeItem("Tasks", /Training.*sandbox-lm/).waitFor({ timeout: stageMs });
    await workbench.clickTreeItem("Tasks", /Training.*sandbox-lm/);
    await tuning.stageIs("Training");
    await kill(editor);

    await workbench.clickTreeItem("Tasks", /Training.*sandbox-lm/);
    await tuning.stageIs("Training");
    await sandbox.stopAt();
    await tuning.stageIs("Delivered");
    await kill(editor);

    await workbench.clickTreeItem("Tasks", /Delivered.*sandbox-lm/);
    await tuning.stageIs("Delivered");
    await tuning.acknowledge();
    await tuning.stageIs("Finished");
    await tuning.decrypt();
    await tuning.deploy();
    await assertOnce(sandbox, before);
    await workbench.clickNotification(/is deployed/, "Chat with adapter");
    await answersFromTheFile(editor, tuning);
  });
});

/** The extension's process is gone between two instructions; VS Code starts another, from the third time on when it is asked to. */
async function kill(editor: Editor): Promise<void> {
  const { workbench } = editor;
  const pid = editor.extensionHost();
  assert.ok(pid, "there is an extension host");
  process.kill(pid, "SIGKILL");
  const restart = workbench.notification(/terminated unexpectedly/).getByRole("button", { name: /^Restart/ });
  await until(
    "there is another extension host",
    async () => {
      if (await restart.isVisible()) await restart.click();
      const now = editor.extensionHost();
      return now !== undefined && now !== pid;
    },
    stageMs,
  );
  await workbench.active();
  // What the dead one showed stays on screen, and answers nothing.
  await workbench.runCommand("View: Close All Editors");
}

/** What the runs wrote down. */
function journal(editor: Editor): string {
  const storage = join(editor.dataFolder, "data", "User", "globalStorage");
  return readdirSync(storage, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => readFileSync(join(storage, name), "utf8"))
    .join("\n");
}

/** A run that was cut off before its task: the row in the tree is the way on. */
async function resume({ workbench }: Editor): Promise<void> {
  await workbench.openContainer("0G Compute");
  await workbench.expandView("Tasks");
  await workbench.treeItem("Tasks", /Interrupted.*sandbox-lm/).waitFor({ timeout: stageMs });
  await workbench.clickInlineAction("Tasks", "sandbox-lm", "Resume fine-tuning");
}

/** A task begun, its training held: the deposit is agreed to and mined, and the transfer is asked for. */
async function untilTransferIsAsked(
  editor: Editor,
): Promise<{ readonly tuning: TuningPage; readonly sandbox: SandboxSight; readonly before: Purse }> {
  const { workbench } = editor;
  const tuning = new TuningPage(editor);
  const sandbox = new SandboxSight(editor);
  await ChatPage.inSandbox(editor);
  const before = await sandbox.purse(await sandbox.user());
  await sandbox.stopAt("Training");
  await tuning.askToStart("data/support.jsonl");
  await workbench.clickDialog("Start");
  await workbench.clickDialog("Deposit");
  await workbench.dialog().getByRole("button", { name: "Transfer" }).waitFor({ timeout: stageMs });
  return { tuning, sandbox, before };
}

async function answersFromTheFile(editor: Editor, tuning: TuningPage): Promise<void> {
  const chat = await ChatPage.shown(editor);
  await chat.ask("How do I cancel the monthly pass?");
  // Training and chatting are paid from accounts of their own: the one for answers is empty yet.
  await chat.last().getByRole("button", { name: "Top up" }).click();
  await editor.workbench.inputBox("2");
  await tuning.agreeUntil(() => chat.last().locator(".badge-word", { hasText: "Verified" }).isVisible());
  const answer = (await chat.last().locator(".markdown").textContent()) ?? "";
  assert.match(answer, /Profile|Pass|renew/, answer);
}

const oneOg = 10n ** 18n;

/** One task, one model, one word for it, and every amount moved once: told by the sandbox, not by us. */
async function assertOnce(sandbox: SandboxSight, before: Purse): Promise<void> {
  const tasks = await sandbox.tasks();
  const [task] = tasks;
  assert.ok(task);
  const { id, userAddress, fee, progress } = task;
  assert.deepEqual([tasks.length, progress], [1, "Finished"]);
  const told = (await sandbox.events()).map(({ name, task: about }) => [name, about]);
  assert.deepEqual(told, [
    ["DeliverableAdded", id],
    ["DeliverableAcknowledged", id],
    ["FeesSettled", id],
  ]);
  const after = await sandbox.purse(await sandbox.user());
  assert.equal(userAddress.toLowerCase(), (await sandbox.user()).toLowerCase());
  assert.ok(BigInt(fee) > 0n);
  assert.deepEqual(after, {
    // Deposit, transfer, acknowledgement.
    sent: before.sent + 3,
    ledgerTotal: before.ledgerTotal + oneOg - BigInt(fee),
    ledgerFree: before.ledgerFree,
    chat: before.chat,
    tuning: oneOg - BigInt(fee),
  });
}

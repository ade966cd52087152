// A fine-tuning in all its stages, each held: what has to happen until it is in the middle of one, how it shows after something came in
// between, and what the chain and the provider know of it then.
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import type { TaskStage } from "../../src/domain/fineTuning.js";
import type { RunStepName } from "../../src/services/fineTuning/types.js";
import { ChatPage } from "./chatPage.js";
import type { Editor } from "./harness.js";
import { SandboxSight, type Purse } from "./sandboxSight.js";
import { stageMs, TuningPage } from "./tuningPage.js";
import { until } from "./until.js";

/** What comes in between: afterwards there is another extension host, and with it another sandbox. */
export interface Interruption {
  readonly happen: (editor: Editor) => Promise<void>;
  /** Panels are there again by themselves. */
  readonly keepsPanels: boolean;
}

export interface Stop {
  readonly name: string;
  /** Until it is in the middle of that stage, and stays there. */
  readonly enter: () => Promise<void>;
  /** After the interruption, until it is there again; what was held by the sandbox's process goes on. */
  readonly back: () => Promise<void>;
  /** Tasks, transactions, acknowledgements, settlements: told by the sandbox, not by us. */
  readonly counts: Counts;
}

export type Counts = readonly [tasks: number, sent: number, acknowledged: number, settled: number];

const oneOg = 10n ** 18n;

export class TuningJourney {
  readonly tuning: TuningPage;
  readonly sandbox: SandboxSight;
  private before: Purse | undefined;

  constructor(
    private readonly editor: Editor,
    private readonly interruption: Interruption,
  ) {
    this.tuning = new TuningPage(editor);
    this.sandbox = new SandboxSight(editor);
  }

  /** Up to the first question about money. */
  async begin(): Promise<void> {
    const { editor, sandbox, tuning } = this;
    await ChatPage.inSandbox(editor);
    this.before = await sandbox.purse(await sandbox.user());
    await tuning.askToStart("data/support.jsonl");
    await editor.workbench.clickDialog("Start");
  }

  /** In their order. */
  stops(): readonly Stop[] {
    const { sandbox, tuning } = this;
    return [
      {
        name: "deposit",
        enter: () => this.send("Deposit", 1),
        back: () => this.isMined([0, 1, 0, 0]),
        counts: [0, 1, 0, 0],
      },
      {
        name: "transfer",
        enter: async () => {
          await this.resume();
          await sandbox.stopAt("Init", "POST /dataset");
          await this.send("Transfer", 2);
        },
        back: () => this.isMined([0, 2, 0, 0]),
        counts: [0, 2, 0, 0],
      },
      {
        name: "upload",
        enter: () => this.noted("intent", "upload"),
        back: () => this.noted("intent", "upload", 2),
        counts: [0, 2, 0, 0],
      },
      {
        name: "createTask",
        enter: async () => {
          await sandbox.stopAt("Init", "POST /task");
          await this.noted("intent", "createTask");
        },
        back: () => this.noted("intent", "createTask", 2),
        counts: [0, 2, 0, 0],
      },
      {
        ...this.stage("Init", "Created"),
        enter: async () => {
          await sandbox.stopAt("Init");
          await this.open("Created");
        },
      },
      this.stage("SettingUp", "Setting up"),
      this.stage("SetUp", "Set up"),
      this.stage("Training", "Training"),
      this.stage("Trained", "Trained"),
      this.stage("Delivering", "Delivering"),
      {
        name: "download",
        enter: async () => {
          await sandbox.fault("node-down");
          await sandbox.stopAt("Delivered", "POST /lora");
          await this.noted("intent", "download");
        },
        back: () => this.noted("result", "download"),
        counts: [1, 2, 0, 0],
      },
      { ...this.stage("Delivered", "Delivered"), enter: () => this.open("Delivered") },
      {
        name: "acknowledge",
        enter: async () => {
          await sandbox.stopAt("UserAcknowledged");
          await sandbox.fault("no-mining");
          await tuning.acknowledge();
          await this.isOut(3);
        },
        back: () => this.isMined([1, 3, 1, 0]),
        counts: [1, 3, 1, 0],
      },
      {
        ...this.stage("UserAcknowledged", "Acknowledged", [1, 3, 1, 0]),
        enter: () => this.open("Acknowledged"),
      },
      {
        ...this.stage("Finished", "Finished", [1, 3, 1, 1]),
        enter: async () => {
          await sandbox.stopAt();
          await tuning.stageIs("Finished");
          await this.noted("result", "decrypt");
        },
      },
      {
        // By itself it comes and goes: this is of a file that was lost, and whose key has to be read from the chain again.
        name: "decrypt",
        enter: async () => {
          rmSync(tuning.kept("model.zip"));
          await sandbox.fault("rpc-timeout-before", "eth_call");
          await tuning.askToDecrypt();
          await this.noted("intent", "decrypt", 2);
        },
        back: () => this.noted("result", "extract"),
        counts: [1, 3, 1, 1],
      },
      {
        name: "deploy",
        enter: async () => {
          await this.open("Finished");
          await tuning.button("Deploy adapter");
          await sandbox.fault("hang", "/v1/lora");
          await tuning.press("Deploy adapter");
          await this.noted("intent", "deploy");
        },
        back: () => this.noted("result", "deploy"),
        counts: [1, 3, 1, 1],
      },
    ];
  }

  /** One after the other; a line for each. */
  async through(stops: readonly Stop[], tell: (line: string) => void): Promise<void> {
    for (const { name, enter, back, counts } of stops) {
      await enter();
      const { token } = this.sandbox.ready.control;
      await this.interruption.happen(this.editor);
      await until("another sandbox runs", () => this.sandbox.ready.control.token !== token, stageMs);
      await back();
      const found = await this.counts();
      tell(`${name.padEnd(16)} | ${found.map((count) => String(count).padStart(3)).join(" ")}`);
      assert.deepEqual(found, counts, name);
    }
  }

  /** One task, one model, one word for it, and every amount moved once. */
  async assertOnce(): Promise<void> {
    const { sandbox } = this;
    const before = this.purseBefore();
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

  /** The tuned model, asked by the panel's own button. */
  async answers(): Promise<void> {
    await this.open("Finished");
    await this.tuning.press("Chat with adapter");
    await this.tuning.answers();
  }

  /** A stage of the provider's, held there. */
  private stage(stage: TaskStage, label: string, counts: Counts = [1, 2, 0, 0]): Stop {
    return {
      name: stage,
      enter: async () => {
        await this.sandbox.stopAt(stage);
        await this.tuning.stageIs(label);
      },
      back: () => this.open(label),
      counts,
    };
  }

  /** The task's panel: where it is not there by itself, from its row. */
  private async open(label: string): Promise<void> {
    const { workbench } = this.editor;
    const isThere = await workbench.editorTab("sandbox-lm").isVisible();
    if (!isThere && !(this.interruption.keepsPanels && label !== "Created")) {
      await workbench.openContainer("0G Compute");
      await workbench.expandView("Tasks");
      const row = new RegExp(`${label}.*sandbox-lm`);
      await workbench.treeItem("Tasks", row).waitFor({ timeout: stageMs });
      await workbench.clickTreeItem("Tasks", row);
    }
    await this.tuning.stageIs(label);
  }

  /** A run that was cut off before its task: the row in the tree is the way on. */
  private async resume(): Promise<void> {
    const { workbench } = this.editor;
    await workbench.openContainer("0G Compute");
    await workbench.expandView("Tasks");
    await workbench.treeItem("Tasks", /Interrupted.*sandbox-lm/).waitFor({ timeout: stageMs });
    await workbench.clickInlineAction("Tasks", "sandbox-lm", "Resume fine-tuning");
  }

  /** Agrees to a transaction that no block takes. */
  private async send(button: string, sent: number): Promise<void> {
    const { workbench } = this.editor;
    await workbench.dialog().getByRole("button", { name: button }).waitFor({ timeout: stageMs });
    await this.sandbox.fault("no-mining");
    await workbench.clickDialog(button);
    await this.isOut(sent);
  }

  /** The node has it: cut off before, it would not have been sent, and be asked about again. */
  private async isOut(sent: number): Promise<void> {
    await until(`${sent} transactions are out`, async () => (await this.counts())[1] === sent, stageMs);
  }

  /** Blocks are mined again, and the chain has come to this. */
  private async isMined(counts: Counts): Promise<void> {
    await this.sandbox.clearFaults();
    await until(
      `the chain tells ${counts.join(" ")}`,
      async () => assert.deepEqual(await this.counts(), counts) === undefined,
      stageMs,
    );
  }

  /** Until the journal has such a record of a step, for the nth time. */
  private async noted(kind: "intent" | "result", step: RunStepName, times = 1): Promise<void> {
    const record = `{"kind":"${kind}","step":"${step}"`;
    await until(
      `${record} ${times} times in the journal`,
      () => this.journal().split(record).length > times,
      stageMs,
    );
  }

  private journal(): string {
    return this.tuning
      .files(".jsonl")
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
  }

  private async counts(): Promise<Counts> {
    const { sandbox } = this;
    const [tasks, sent, events] = await Promise.all([
      sandbox.tasks(),
      sandbox.user().then((user) => sandbox.sent(user)),
      sandbox.events(),
    ]);
    const told = (name: string) => events.filter((event) => event.name === name).length;
    return [
      tasks.length,
      sent - this.purseBefore().sent,
      told("DeliverableAcknowledged"),
      told("FeesSettled"),
    ];
  }

  private purseBefore(): Purse {
    assert.ok(this.before, "the journey has begun");
    return this.before;
  }
}

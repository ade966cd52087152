// One task webview: hands the panel what to show, and does what its messages ask. The task itself is the services'.
import * as vscode from "vscode";
import { DisposableList, type Disposable } from "../../domain/event.js";
import type { TaskActionId, ToTaskHost, ToTaskPanel } from "../../protocol.js";
import { problemOf } from "../../view/fineTuning/taskFacts.js";
import { taskActions } from "../../view/fineTuning/taskActions.js";
import type { App } from "../app.js";
import { parseMessage, type MessageShape } from "../panelMessages.js";
import type { TaskRef } from "../rowArguments.js";
import { t } from "../translate.js";
import { TaskContent } from "./taskContent.js";

/** The commands behind the buttons; a panel names an action of this list, never a command. */
const commands: Readonly<Record<TaskActionId, `zgCompute.${string}`>> = {
  acknowledgeModel: "zgCompute.acknowledgeModel",
  decryptModel: "zgCompute.decryptModel",
  unpackModel: "zgCompute.unpackModel",
  deployAdapter: "zgCompute.deployAdapter",
  chatWithAdapter: "zgCompute.chatWithAdapter",
  revealModel: "zgCompute.revealModel",
  exportModel: "zgCompute.exportModel",
  showReceipt: "zgCompute.showReceipts",
  saveCalendar: "zgCompute.saveCalendar",
  acknowledgeDeliverable: "zgCompute.acknowledgeDeliverable",
  cancelTask: "zgCompute.cancelTask",
  recover: "zgCompute.recover",
};

const shapes: { readonly [K in ToTaskHost["kind"]]: MessageShape } = {
  ready: {},
  action: { action: Object.keys(commands) },
  mend: {},
  copy: { fact: "number" },
  openLog: {},
};

export class TaskHost implements Disposable {
  private readonly owned = new DisposableList();
  private readonly content: TaskContent;
  private isReady = false;
  private focusesLog = false;

  constructor(
    private readonly app: App,
    private readonly webview: vscode.Webview,
    readonly shown: TaskRef,
    private readonly onTitle: (title: string) => void,
  ) {
    this.content = new TaskContent(app, shown);
    const { owned } = this;
    const { fineTuning } = app;
    const update = () => this.update();
    owned.add(webview.onDidReceiveMessage((raw) => this.receive(raw)));
    owned.add(fineTuning.onDidChangeTasks(update));
    owned.add(fineTuning.onDidChange(update));
    owned.add(fineTuning.onDidChangeLog(() => this.readLog()));
    owned.add(app.ticker.onDidTick(update));
    owned.add(app.watch.taskOpened());
    this.readLog();
  }

  /** A page behind another is made anew when it comes to the front: it has yet to say that it is ready. */
  focusLog(isShown: boolean): void {
    if (this.isReady && isShown) this.post({ kind: "focusLog" });
    else this.focusesLog = true;
  }

  dispose(): void {
    this.owned.dispose();
  }

  private receive(raw: unknown): void {
    const message = parseMessage<ToTaskHost>(raw, shapes);
    if (!message) return this.app.log.warn("A task panel sent a message of no known form");
    this.handle(message).catch((error: unknown) => this.app.errors.show(error));
  }

  private async handle(message: ToTaskHost): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.ready();
      case "action":
        return this.act(message.action);
      case "mend":
        return this.app.errors.act(problemOf(this.content.facts()), () => this.actNext());
      case "copy": {
        const fact = this.content.task().facts[message.fact];
        if (fact?.isCopyable) await vscode.env.clipboard.writeText(fact.value);
        return;
      }
      case "openLog":
        return this.app.documents.show(t("Training log"), this.content.logText, "log");
    }
  }

  private ready(): void {
    this.isReady = true;
    this.snapshot();
    if (this.focusesLog) this.focusLog(true);
    this.focusesLog = false;
  }

  /** Only what fits the state of this moment: the panel may be a moment behind. */
  private async act(action: TaskActionId): Promise<void> {
    const facts = this.content.facts();
    if (!taskActions(facts).includes(action)) return this.update();
    const { provider, id, run, stuck } = facts.item;
    const subject = { provider, address: provider, task: id, run: run?.id, stuck };
    await vscode.commands.executeCommand(commands[action], { subject });
  }

  private actNext(): void {
    const [next] = taskActions(this.content.facts());
    if (next) void this.act(next);
  }

  private readLog(): void {
    const { log } = this.app.fineTuning;
    if (!log || log.id !== this.shown.id || log.provider !== this.shown.provider) return;
    const view = this.content.takeLog(log.text);
    if (!view) return this.snapshot();
    if (view.lines.length === 0) return;
    this.post({ kind: "log", log: view });
    this.update(); // the curve is read from it
  }

  private snapshot(): void {
    const state = this.content.state();
    this.onTitle(state.task.title);
    this.post({ kind: "snapshot", state });
  }

  private update(): void {
    const task = this.content.task();
    this.onTitle(task.title);
    this.post({ kind: "task", task });
  }

  private post(message: ToTaskPanel): void {
    if (this.isReady) void this.webview.postMessage(message);
  }
}

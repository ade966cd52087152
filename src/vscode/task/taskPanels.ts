// Where tasks are shown: one editor panel a task. The log that is read is that of the panel in front.
import * as vscode from "vscode";
import type { ProviderId, TaskId } from "../../domain/ids.js";
import type { App } from "../app.js";
import type { TaskRef } from "../rowArguments.js";
import { t } from "../translate.js";
import { watchClosing, webviewHtml, webviewOptions } from "../webviewHtml.js";
import type { TaskHost } from "./taskHost.js";

const panelType = "zgCompute.task";
const bundle = "webview-task";

/** A chunk of its own, with all that a task shows. */
const loadHost = async () => (await import("./taskHost.js")).TaskHost;

export class TaskPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly panels = new Map<vscode.WebviewPanel, TaskHost>();
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly app: () => App,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.registration = vscode.window.registerWebviewPanelSerializer(panelType, this);
  }

  async show(task: TaskRef, what: "task" | "log" = "task"): Promise<void> {
    const Host = await loadHost(); // first: two clicks at once open one panel
    const open = [...this.panels].find(
      ([, { shown }]) => shown.id === task.id && shown.provider === task.provider,
    );
    const isShown = open?.[0].visible === true;
    if (open) open[0].reveal();
    const host = open?.[1] ?? this.create(Host, task);
    if (what === "log") host.focusLog(isShown);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const task = parseTask(state);
    if (!task) {
      panel.dispose();
      return;
    }
    const isClosed = watchClosing(panel);
    const Host = await loadHost();
    if (!isClosed()) this.adopt(Host, panel, task);
  }

  dispose(): void {
    for (const [panel, host] of this.panels) {
      host.dispose();
      panel.dispose();
    }
    this.registration.dispose();
  }

  private create(Host: typeof TaskHost, task: TaskRef): TaskHost {
    const panel = vscode.window.createWebviewPanel(panelType, t("Fine-tuning"), vscode.ViewColumn.Active);
    return this.adopt(Host, panel, task);
  }

  private adopt(Host: typeof TaskHost, panel: vscode.WebviewPanel, task: TaskRef): TaskHost {
    panel.webview.options = webviewOptions(this.extensionUri);
    const host = new Host(this.app(), panel.webview, task, (title) => {
      if (panel.title !== title) panel.title = title;
    });
    this.panels.set(panel, host);
    panel.onDidChangeViewState(() => this.look());
    panel.onDidDispose(() => {
      host.dispose();
      this.panels.delete(panel);
      this.look();
    });
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri, bundle, t("Fine-tuning"));
    this.look();
    return host;
  }

  private look(): void {
    const visible = [...this.panels].filter(([panel]) => panel.visible);
    const front = visible.find(([panel]) => panel.active) ?? visible[0];
    this.app().fineTuning.lookAt(front?.[1].shown);
  }
}

function parseTask(state: unknown): TaskRef | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { provider, id } = state as Record<string, unknown>;
  return typeof provider === "string" && typeof id === "string"
    ? { provider: provider as ProviderId, id: id as TaskId }
    : undefined;
}

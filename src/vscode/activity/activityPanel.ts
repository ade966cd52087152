// Where the activity is shown: one editor panel, whose content is loaded with it.
import * as vscode from "vscode";
import type { App } from "../app.js";
import { t } from "../translate.js";
import { watchClosing, webviewHtml, webviewOptions } from "../webviewHtml.js";

const panelType = "zgCompute.activity";
const bundle = "webview-activity";

export class ActivityPanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private panel: vscode.WebviewPanel | undefined;
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly app: () => App,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.registration = vscode.window.registerWebviewPanelSerializer(panelType, this);
  }

  async show(): Promise<void> {
    if (this.panel) return this.panel.reveal();
    await this.adopt(vscode.window.createWebviewPanel(panelType, t("Activity"), vscode.ViewColumn.Active));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    await this.adopt(panel);
  }

  dispose(): void {
    this.panel?.dispose();
    this.registration.dispose();
  }

  private async adopt(panel: vscode.WebviewPanel): Promise<void> {
    this.panel = panel;
    const isClosed = watchClosing(panel);
    panel.onDidDispose(() => {
      if (this.panel === panel) this.panel = undefined;
    });
    panel.webview.options = webviewOptions(this.extensionUri);
    const { ActivityHost } = await import("./activityHost.js");
    if (isClosed()) return;
    const host = new ActivityHost(this.app(), panel);
    panel.onDidDispose(() => host.dispose());
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri, bundle, t("Activity"));
  }
}

// Pages in editor panels, each at most once: what they are called, and what is behind them.
import * as vscode from "vscode";
import { ActivityHost } from "../activity/activityHost.js";
import type { App } from "../app.js";
import { ComparisonHost } from "../comparison/comparisonHost.js";
import { openProviderTable } from "../providerTable/providerTableHost.js";
import { t } from "../translate.js";
import { watchClosing, webviewHtml, webviewOptions } from "../webviewHtml.js";
import type { Page } from "./page.js";
import type { PageName } from "./pageNames.js";

interface PageKind {
  readonly title: () => string;
  readonly bundle: string;
  /** `about`: what it was asked for, or what it kept before the window was closed. */
  readonly open: (app: App, panel: vscode.WebviewPanel, about: unknown) => Promise<Page>;
}

const kinds: Readonly<Record<PageName, PageKind>> = {
  activity: {
    title: () => t("Activity"),
    bundle: "webview-tables",
    open: async (app, panel) => new ActivityHost(app, panel),
  },
  providerTable: {
    title: () => t("Providers compared"),
    bundle: "webview-tables",
    open: openProviderTable,
  },
  comparison: {
    title: () => t("Answers compared"),
    bundle: "webview-chat",
    open: async (...of) => new ComparisonHost(...of),
  },
};

interface Opened {
  readonly panel: vscode.WebviewPanel;
  page?: Page;
}

export class PageDesk implements vscode.Disposable {
  private readonly opened = new Map<PageName, Opened>();

  constructor(
    private readonly app: App,
    private readonly extensionUri: vscode.Uri,
  ) {}

  async show(name: PageName, about: unknown): Promise<void> {
    const opened = this.opened.get(name);
    if (!opened) {
      const { Active } = vscode.ViewColumn;
      return this.adopt(
        name,
        vscode.window.createWebviewPanel(`zgCompute.${name}`, kinds[name].title(), Active),
        about,
      );
    }
    opened.panel.reveal();
    if (about !== undefined) opened.page?.about?.(about);
  }

  async adopt(name: PageName, panel: vscode.WebviewPanel, about: unknown): Promise<void> {
    const opened: Opened = { panel };
    this.opened.set(name, opened);
    const isClosed = watchClosing(panel);
    panel.onDidDispose(() => {
      if (this.opened.get(name) === opened) this.opened.delete(name);
    });
    const { bundle, title, open } = kinds[name];
    panel.webview.options = webviewOptions(this.extensionUri);
    const page = await open(this.app, panel, about);
    if (isClosed()) return page.dispose();
    opened.page = page;
    panel.onDidDispose(() => page.dispose());
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri, bundle, title(), { page: name });
  }

  dispose(): void {
    for (const { panel } of this.opened.values()) panel.dispose();
  }
}

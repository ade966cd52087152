// Where chats are shown: editor panels (one per conversation) and the view in the side bar. Both hold a ChatHost.
import * as vscode from "vscode";
import type { Disposable } from "../../domain/event.js";
import type { ConversationId } from "../../domain/ids.js";
import type { App } from "../app.js";
import { t } from "../translate.js";
import { watchClosing, webviewHtml, webviewOptions } from "../webviewHtml.js";
import type { CodeTask } from "../../view/chat/attachmentView.js";
import type { ChatHost } from "./chatHost.js";
import type { PanelMemory } from "./panelMemory.js";

const panelType = "zgCompute.chat";
const viewType = "zgCompute.chatView";
const bundle = "webview-chat";
const page = { showsPictures: true };

/** A chunk of its own, with all that a chat shows: not every start has one open. */
const loadHost = async () => (await import("./chatHost.js")).ChatHost;

export class ChatPanels
  implements vscode.Disposable, vscode.WebviewViewProvider, vscode.WebviewPanelSerializer
{
  private readonly panels = new Map<vscode.WebviewPanel, ChatHost>();
  private view: { readonly webview: vscode.WebviewView; readonly host: ChatHost } | undefined;
  private readonly registrations: vscode.Disposable;
  private saving: Disposable | undefined;

  constructor(
    private readonly app: () => App,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.registrations = vscode.Disposable.from(
      vscode.window.registerWebviewPanelSerializer(panelType, this),
      vscode.window.registerWebviewViewProvider(viewType, this),
    );
  }

  /** Shows that conversation, or the last one used, in an editor; reveals the panel that shows it already. */
  async show(conversation?: ConversationId): Promise<void> {
    const Host = await loadHost();
    const open = [...this.panels].find(
      ([, host]) => conversation === undefined || host.conversation === conversation,
    );
    if (open) {
      open[0].reveal();
      open[1].focus("input");
      return;
    }
    this.createPanel(Host, conversation ?? (await this.latest())).focus("input");
  }

  /** A fresh conversation: in the chat that has the focus, else in a new editor. */
  async showNew(): Promise<void> {
    const active = this.activeHost();
    if (active) active.startNew();
    else this.createPanel(await loadHost(), undefined).focus("input");
  }

  /** Takes what a command is about, and the question of a task, into the chat at hand, or into a new one beside the code. */
  async prepare(about: readonly unknown[], task?: CodeTask): Promise<void> {
    const Host = await loadHost();
    const places = Host.places(about, task);
    const host =
      this.anyHost() ??
      [...this.panels.values()][0] ??
      this.createPanel(Host, await this.latest(), vscode.ViewColumn.Beside);
    host.reveal();
    await host.prepare(places, task);
  }

  /** The conversation in front. */
  current(): ConversationId | undefined {
    return this.anyHost()?.conversation;
  }

  focusLastAnswer(): void {
    this.anyHost()?.focus("lastAnswer");
  }

  stopAnswer(): void {
    this.anyHost()?.stop();
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const isClosed = watchClosing(panel);
    const Host = await loadHost();
    if (isClosed()) return;
    this.adopt(Host, panel, state);
  }

  async resolveWebviewView(
    webview: vscode.WebviewView,
    { state }: vscode.WebviewViewResolveContext,
  ): Promise<void> {
    this.watchSaving();
    webview.webview.options = webviewOptions(this.extensionUri);
    const isClosed = watchClosing(webview);
    const Host = await loadHost();
    if (isClosed()) return;
    const host = new Host(this.app(), webview, state);
    this.view = { webview, host };
    webview.onDidDispose(() => {
      host.dispose();
      this.view = undefined;
    });
    webview.webview.html = webviewHtml(webview.webview, this.extensionUri, bundle, t("Chat"), page);
  }

  dispose(): void {
    for (const [panel, host] of this.panels) {
      host.dispose();
      panel.dispose();
    }
    this.view?.host.dispose();
    this.saving?.dispose();
    this.registrations.dispose();
  }

  /** A full disk is nothing that a chat shows by itself. */
  private watchSaving(): void {
    const { chat, errors } = this.app();
    this.saving ??= chat.onDidChange((change) => {
      if (change.kind !== "unsaved") return;
      errors.show(change.error, () => void chat.saveAgain(), t("Your chat is not saved."));
    });
  }

  private createPanel(
    Host: typeof ChatHost,
    conversation: ConversationId | undefined,
    column = vscode.ViewColumn.Active,
  ): ChatHost {
    const panel = vscode.window.createWebviewPanel(panelType, t("0G Chat"), column);
    return this.adopt(Host, panel, { conversation } satisfies PanelMemory);
  }

  private adopt(Host: typeof ChatHost, panel: vscode.WebviewPanel, memory: unknown): ChatHost {
    this.watchSaving();
    panel.webview.options = webviewOptions(this.extensionUri);
    const icon = (theme: string) => vscode.Uri.joinPath(this.extensionUri, "media", `chat-${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    const host = new Host(this.app(), panel, memory);
    this.panels.set(panel, host);
    panel.onDidDispose(() => {
      host.dispose();
      this.panels.delete(panel);
    });
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri, bundle, t("Chat"), page);
    return host;
  }

  private async latest(): Promise<ConversationId | undefined> {
    return (await this.app().chat.list())[0]?.id;
  }

  private activeHost(): ChatHost | undefined {
    const panel = [...this.panels].find(([candidate]) => candidate.active)?.[1];
    return panel ?? (this.view?.webview.visible && this.panels.size === 0 ? this.view.host : undefined);
  }

  private anyHost(): ChatHost | undefined {
    const visible = [...this.panels].find(([panel]) => panel.visible)?.[1];
    return this.activeHost() ?? visible ?? this.view?.host;
  }
}

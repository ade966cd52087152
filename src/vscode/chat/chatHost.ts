// One chat webview: hands the panel what to show, and does what its messages ask. The chat itself is ChatService's.
import * as vscode from "vscode";
import { isPicture } from "../../domain/attachment.js";
import type { ConversationSummary, Turn } from "../../domain/chat.js";
import { DisposableList, type Disposable } from "../../domain/event.js";
import type { ConversationId, TurnId } from "../../domain/ids.js";
import type { FromPanel, ToPanel } from "../../protocol.js";
import type { ChatChange } from "../../services/chat/chat.js";
import type { App } from "../app.js";
import { showInformation } from "../notices.js";
import type { AttachmentPlace } from "../../services/chat/draftAttachments.js";
import { taskQuestion, type CodeTask } from "../../view/chat/attachmentView.js";
import { t } from "../translate.js";
import { withTyped, type TypedSetting, type TypedSettings } from "./askedSettings.js";
import { Asking } from "./asking.js";
import { ChatAttachments, placesOf, placesSelected } from "./attachments.js";
import { CodeActions, copyValue } from "./codeActions.js";
import { DeltaBatch } from "./deltas.js";
import { LastEditor } from "./lastEditor.js";
import { parseToHost } from "./messages.js";
import { PanelContent } from "./panelContent.js";
import { remembered } from "./panelMemory.js";

/** From so many tokens on it matters how much the model reads. */
const longPrompt = 2_000;

export class ChatHost implements Disposable {
  /** Read while the editor that a command is about is in front. */
  static readonly places = (about: readonly unknown[], task?: CodeTask): readonly AttachmentPlace[] =>
    task ? placesSelected() : placesOf(about);

  private readonly owned = new DisposableList();
  private readonly editor = this.owned.add(new LastEditor());
  private readonly deltas = new DeltaBatch((message) => this.post(message));
  private readonly content: PanelContent;
  private readonly attached: ChatAttachments;
  private readonly asking: Asking;
  private current: ConversationId | undefined;
  /** What began in the page that shows none. */
  private begun: ConversationId | undefined;
  /** Once a page was there: what is shown in its tab is kept up to date while it is hidden, too. */
  private isReady = false;
  /** A hidden page is thrown away; the next one says when it is ready. */
  private isHearing = false;
  /** The panel shows less than is true now. */
  private isStale = false;
  private snapshots: Promise<void> | undefined;
  /** For the next page. */
  private readonly waiting: ToPanel[] = [];
  /** What the history is narrowed to. */
  private query = "";
  /** What was typed as a setting and is none. */
  private refused: TypedSettings["refused"] = {};
  /** Settings that were typed and are being taken: nothing is asked before they are. */
  private setting: Promise<unknown> = Promise.resolve();
  /** As the panel last said it. */
  private draft = "";
  /** A question that the panel has not shown yet: one that is hidden hears nothing. */
  private suggestion: string | undefined;

  constructor(
    private readonly app: App,
    private readonly shown: vscode.WebviewPanel | vscode.WebviewView,
    memory: unknown,
  ) {
    const { webview } = shown;
    const { conversation, attached } = remembered(memory);
    this.current = conversation;
    this.content = new PanelContent(app);
    this.attached = new ChatAttachments(app, this.editor, attached, () => this.postAttached());
    const { owned, content } = this;
    const giveBack = (text: string) => this.post({ kind: "draft", text });
    const settled = () => this.setting;
    const isShown = (id = this.current) => this.isHearing && id === this.current;
    this.asking = new Asking({ app, content, attached: this.attached, settled, isShown, giveBack });
    owned.add(this.attached);
    owned.add(webview.onDidReceiveMessage((raw) => this.receive(raw)));
    owned.add(app.chat.onDidChange((change) => this.changed(change)));
    owned.add(app.providers.onDidChange(() => this.refreshAround()));
    owned.add(app.fineTuning.onDidChange(() => this.refreshAround()));
    owned.add(app.accounts.onDidChange(() => this.refreshAround()));
    owned.add(app.session.onDidChange(() => void this.snapshot()));
    owned.add(app.sandbox.onDidChange(() => void this.snapshot()));
    owned.add(app.watch.chatOpened());
    const look = () => (this.isHearing &&= shown.visible);
    owned.add("reveal" in shown ? shown.onDidChangeViewState(look) : shown.onDidChangeVisibility(look));
  }

  get conversation(): ConversationId | undefined {
    return this.current;
  }

  /** Brings it to the front. */
  reveal(): void {
    if ("reveal" in this.shown) this.shown.reveal();
    else this.shown.show();
  }

  focus(what: "input" | "lastAnswer"): void {
    this.hand({ kind: "focus", what });
  }

  /** What is asked about goes along with the question; a task writes that, too. Sending is the user's. */
  async prepare(places: readonly AttachmentPlace[], task?: CodeTask): Promise<void> {
    if (places.length === 0)
      return void showInformation(
        task ? t("Select the code first.") : t("Open a file or select one in the Explorer first."),
      );
    if (!(await this.attached.add(places)) || !task) return this.focus("input");
    this.suggestion = taskQuestion(task, t);
    this.postSuggestion();
  }

  startNew(): void {
    this.show(undefined);
    void this.snapshot().then(() => this.focus("input"));
  }

  stop(): void {
    if (this.current) this.app.chat.stop(this.current);
  }

  dispose(): void {
    this.isHearing = false;
    this.owned.dispose();
  }

  private receive(raw: unknown): void {
    const message = parseToHost(raw);
    if (!message) return this.app.log.warn("A chat panel sent a message of no known form");
    this.handle(message).catch((error: unknown) => this.app.errors.show(error));
  }

  private async handle(message: FromPanel): Promise<void> {
    const { chat } = this.app;
    switch (message.kind) {
      case "ready":
        return this.ready();
      case "start":
        await vscode.commands.executeCommand(this.content.startCommand());
        return;
      case "newConversation":
        return this.startNew();
      case "openConversation":
        this.show(message.id);
        await chat.refresh(message.id);
        return this.snapshot();
      case "deleteConversation":
        return chat.delete(message.id);
      case "searchHistory":
        this.query = message.query;
        return this.postHistory();
      case "estimate":
        return this.drafted(message.text);
      case "attach":
        await this.attached.pick();
        return this.focus("input");
      case "drop":
        return this.attached.drop(message.uris);
      case "takePicture":
        return this.attached.takePicture(message.name, message);
      case "readPicture":
        return this.postPicture(message.conversation, message.picture);
      case "detach":
        return this.attached.remove(message.attachment);
      case "settings":
        await this.content.learn(this.current);
        return this.postSettings();
      case "setting":
        await this.set(this.meant(message), message);
        await this.content.learn(this.current);
        return this.postSettings();
      case "pickModel":
        return chat.pick(this.meant(message), message.provider, message.model);
      case "send":
        return this.asking.send(this.meant(message), message.text);
      default:
        return this.handleTurn(message);
    }
  }

  private set(id: ConversationId, typed: TypedSetting): Promise<void> {
    const set = this.setNow(id, typed);
    this.setting = Promise.allSettled([this.setting, set]);
    return set;
  }

  /** At once, for the next question; how long an answer may be is its provider's to say. */
  private async setNow(id: ConversationId, typed: TypedSetting): Promise<void> {
    if (typed.name === "maxTokens") await this.content.learn(id);
    const isShown = id === this.current;
    const before = { settings: this.app.chat.get(id)?.settings, refused: isShown ? this.refused : {} };
    const { settings, refused } = withTyped(before, typed, [this.content.asked(id)]);
    if (isShown) this.refused = refused;
    if (refused[typed.name] === undefined) await this.app.chat.configure(id, settings);
  }

  private async drafted(text: string): Promise<void> {
    this.draft = text;
    if (this.suggestion !== undefined && text.includes(this.suggestion)) this.suggestion = undefined;
    await this.attached.look(); // what it comes to is said with the price
  }

  /** Messages about a turn. */
  private async handleTurn(message: Extract<FromPanel, { turn: TurnId }>): Promise<void> {
    const id = message.conversation;
    const isAboutPlace = message.kind === "stop" || message.kind === "regenerate" || message.kind === "edit";
    const named = isAboutPlace ? this.app.chat.standsFor(message.turn) : message.turn;
    const turn = id && this.app.chat.get(id)?.turns.find((candidate) => candidate.id === named);
    if (!id || !turn) {
      if (id && message.kind === "edit") await this.asking.giveBack(id, message.text); // replaced in another window
      return this.app.log.warn("A chat panel named a turn that is not there");
    }
    const code = new CodeActions(turn, this.editor);
    switch (message.kind) {
      case "stop":
        return this.app.chat.stop(id, turn.id);
      case "regenerate":
        return this.asking.again(id, turn);
      case "edit":
        return this.asking.again(id, turn, message.text);
      case "code":
        return code.run(message.action, message.block);
      case "readAttachment":
        return this.postSent(turn, message.attachment);
      case "copyAnswer":
        return code.copyAnswer();
      case "openLink":
        return code.openLink(message.link);
      case "showReceipt":
        return this.app.proofs.receiptOf(turn);
      case "verifyProvider":
        return this.app.proofs.ofAnswer(id, turn);
      case "copyValue":
        return copyValue(this.content.turn(turn), message.check, message.side);
      case "action":
        return this.act(id, turn);
    }
  }

  private async act(id: ConversationId, turn: Turn): Promise<void> {
    const { error, network } = turn.answer;
    const isHere = network === this.app.session.tryNetwork()?.id;
    return this.app.errors.act(error, () => void this.asking.again(id, turn), isHere);
  }

  private async ready(): Promise<void> {
    this.isReady = this.isHearing = true;
    await this.snapshot();
    for (const message of this.waiting.splice(0)) this.post(message);
    this.postSuggestion();
  }

  /** In a page that shows none, a new one begins. */
  private meant({ conversation }: FromPanel): ConversationId {
    if (conversation) return conversation;
    this.begun ??= this.app.chat.create().id;
    this.current ??= this.begun;
    return this.begun;
  }

  private changed(change: ChatChange): void {
    switch (change.kind) {
      case "conversation":
        if (change.conversation.id === this.current) void this.snapshot();
        return;
      case "turn":
        if (change.conversation !== this.current) return;
        this.deltas.drop(change.turn.id);
        this.post({ kind: "turn", turn: this.content.turn(change.turn) });
        return this.postHeader();
      case "delta":
        if (change.conversation === this.current) this.deltas.add(change.turn, change.channel, change.text);
        return;
      case "deleted":
        this.asking.forget(change.conversation).catch((error: unknown) => this.app.errors.show(error));
        if (change.conversation === this.current) this.forgetCurrent(change.isElsewhere === true);
        return void this.snapshot();
      case "list":
        return void this.postHistory();
      case "unsaved":
        return; // of all chats: said once, by ChatPanels
    }
  }

  private show(id: ConversationId | undefined): void {
    this.current = id;
    if (id === undefined) this.begun = undefined;
    this.refused = {};
  }

  private forgetCurrent(isElsewhere: boolean): void {
    this.show(undefined);
    if (isElsewhere) void showInformation(t("This conversation was deleted in another window."));
  }

  /** Resolves once the panel has one that is no older than this call. */
  private snapshot(): Promise<void> {
    if (!this.isReady) return Promise.resolve();
    this.isStale = true;
    return (this.snapshots ??= this.postSnapshots().finally(() => (this.snapshots = undefined)));
  }

  private async postSnapshots(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      const { current, query } = this;
      const isThere = current === undefined || (await this.app.chat.open(current)) !== undefined;
      const listed = await this.content.listed(query);
      if (current === this.current && !isThere) this.show(undefined);
      if (current === this.current && query === this.query) this.postSnapshot(listed);
      else this.isStale = true;
    }
  }

  /** Put together and posted at once: what changes meanwhile would be told before it, and undone by it. */
  private postSnapshot(listed: readonly ConversationSummary[]): void {
    const { draft, refused } = this;
    const state = this.content.state(this.current, { listed, draft, refused }, this.attached);
    if ("reveal" in this.shown) this.shown.title = state.title; // the view in the side bar has a name of its own
    this.deltas.clear();
    this.post({ kind: "snapshot", state });
    this.asking.show(this.current).catch((error: unknown) => this.app.errors.show(error));
    void this.learnForPictures();
  }

  private async postHistory(): Promise<void> {
    const { query } = this;
    const listed = await this.content.listed(query);
    if (query === this.query)
      this.post({ kind: "history", items: this.content.history(this.current, listed) });
  }

  private refreshAround(): void {
    this.postSettings();
    this.post({ kind: "models", models: this.content.models(this.current) });
    this.postHeader();
    if (this.attached.hasPictures) this.postAttached();
    else this.postEstimate(); // a list that has just come names the price
  }

  private postSettings(): void {
    this.post({ kind: "settings", settings: this.content.settings(this.current, this.refused) });
  }

  private postAttached(): void {
    this.post({ kind: "attached", items: this.content.attached(this.current, this.attached) });
    this.postEstimate();
    void this.learnForPictures();
  }

  private postEstimate(): void {
    const asked = { question: this.draft, attachments: this.attached.attachments };
    const { estimate: text, isTooLong, promptTokens } = this.content.estimate(this.current, asked);
    this.post({ kind: "estimate", text, isTooLong });
    if (promptTokens > longPrompt) void this.learn();
  }

  /** Whether the model takes the pictures that are attached is said as soon as both are known. */
  private async learnForPictures(): Promise<void> {
    if (this.attached.hasPictures) await this.learn();
  }

  /** How much the model reads and whether it takes pictures, which nobody asks its provider for before it matters. */
  private async learn(): Promise<void> {
    if (this.content.isKnown(this.current)) return;
    await this.content.learn(this.current);
    this.postAttached();
  }

  private postSuggestion(): void {
    if (this.suggestion !== undefined) this.post({ kind: "suggest", text: this.suggestion });
  }

  private postSent({ id, attachments = [] }: Turn, attachment: number): void {
    const asked = attachments[attachment];
    if (asked && !isPicture(asked)) this.post({ kind: "attachment", turn: id, attachment, text: asked.text });
  }

  private async postPicture(id: ConversationId | undefined, picture: string): Promise<void> {
    const shown = await this.content.picture(id, picture, this.attached.picture(picture));
    this.post({ kind: "picture", picture, shown });
  }

  private postHeader(): void {
    this.post({ kind: "header", header: this.content.header(this.current) });
  }

  /** What no page may miss. */
  private hand(message: ToPanel): void {
    if (this.isHearing) this.post(message);
    else this.waiting.push(message);
  }

  private post(message: ToPanel): void {
    if (this.isReady) void this.shown.webview.postMessage(message);
  }
}

// One chat webview: hands the panel what to show, and does what its messages ask. The chat itself is ChatService's.
import * as vscode from "vscode";
import { isPicture, picturesOf } from "../../domain/attachment.js";
import type { Turn } from "../../domain/chat.js";
import type { SettingName } from "../../domain/chatSettings.js";
import { DisposableList, type Disposable } from "../../domain/event.js";
import type { ConversationId, TurnId } from "../../domain/ids.js";
import { mediaTypeOf } from "../../domain/picture.js";
import type { ToHost, ToPanel } from "../../protocol.js";
import type { ChatChange } from "../../services/chat/chat.js";
import type { App } from "../app.js";
import { showInformation, showWarning } from "../notices.js";
import type { AttachmentPlace } from "../../services/chat/draftAttachments.js";
import { pictureGoneText, taskQuestion, type CodeTask } from "../../view/chat/attachmentView.js";
import { t } from "../translate.js";
import { withTyped, type TypedSettings } from "./askedSettings.js";
import { ChatAttachments, placesOf, placesSelected } from "./attachments.js";
import { CodeActions, copyValue } from "./codeActions.js";
import { DeltaBatch } from "./deltas.js";
import { parseToHost } from "./messages.js";
import { PanelContent } from "./panelContent.js";

/** From so many tokens on it matters how much the model reads. */
const longPrompt = 2_000;

/** What a page keeps across a reload: which conversation it showed, and what was attached to its draft. */
export interface PanelMemory {
  readonly conversation?: ConversationId;
  readonly attached?: string;
}

export class ChatHost implements Disposable {
  /** Read while the editor that a command is about is in front. */
  static readonly places = (about: readonly unknown[], task?: CodeTask): readonly AttachmentPlace[] =>
    task ? placesSelected() : placesOf(about);

  private readonly owned = new DisposableList();
  private readonly deltas = new DeltaBatch((message) => this.post(message));
  private readonly content: PanelContent;
  private readonly attached: ChatAttachments;
  private current: ConversationId | undefined;
  /** Once a page was there: what is shown in its tab is kept up to date while it is hidden, too. */
  private isReady = false;
  /** A hidden page is thrown away; the next one says when it is ready. */
  private isHearing = false;
  /** For the next page. */
  private readonly waiting: ToPanel[] = [];
  /** What the history is narrowed to. */
  private query = "";
  /** What was typed as a setting and is none. */
  private refused: TypedSettings["refused"] = {};
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
    this.attached = new ChatAttachments(app, attached, () => this.postAttached());
    const { owned } = this;
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
    this.owned.dispose();
  }

  private receive(raw: unknown): void {
    const message = parseToHost(raw);
    if (!message) return this.app.log.warn("A chat panel sent a message of no known form");
    this.handle(message).catch((error: unknown) => this.app.errors.show(error));
  }

  private async handle(message: ToHost): Promise<void> {
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
        return this.postPicture(message.picture);
      case "detach":
        return this.attached.remove(message.attachment);
      case "settings":
        await this.content.learn(this.current);
        return this.postSettings();
      case "setting":
        return this.set(message);
      case "pickModel":
        return chat.pick(this.ensureConversation(), message.provider, message.model);
      case "send":
        return this.send(message.text);
      default:
        return this.handleTurn(message);
    }
  }

  /** Not asked without what it was about, said or attached: then all goes back to where it was. */
  private async send(text: string): Promise<void> {
    const isSent = await this.sent(text).catch((error: unknown) => void this.app.errors.show(error));
    if (!isSent) this.hand({ kind: "draft", text });
  }

  private async sent(text: string): Promise<boolean> {
    if (this.attached.hasPictures && !(await this.areTaken())) return false;
    const taken = await this.attached.take();
    if (!taken) return false;
    const { attachments, pictures } = taken;
    const isAsked = await this.app.chat.send(this.ensureConversation(), text, attachments, pictures);
    await (isAsked ? this.attached.settle() : this.attached.putBack());
    return isAsked;
  }

  /** Pictures, by the model of the next question; says it where they are not. */
  private async areTaken(): Promise<boolean> {
    const refusal = await this.content.blindness(this.current);
    if (refusal !== undefined) void showWarning(refusal);
    return refusal === undefined;
  }

  /** An answer that is there is not given up for a question that its model does not take. */
  private async again(id: ConversationId, { id: turn, attachments }: Turn, question?: string): Promise<void> {
    if (picturesOf(attachments).length > 0 && !(await this.areTaken())) return;
    const { chat } = this.app;
    return question === undefined ? chat.regenerate(id, turn) : chat.edit(id, turn, question);
  }

  private async set(typed: { readonly name: SettingName; readonly text: string }): Promise<void> {
    const id = this.ensureConversation();
    await this.content.learn(id);
    const before = { settings: this.app.chat.get(id)?.settings, refused: this.refused };
    const { settings, refused } = withTyped(before, typed, [this.content.asked(id)]);
    this.refused = refused;
    if (refused[typed.name] === undefined)
      await this.app.chat.configure(id, settings); // and the panel is told, as of any change
    else this.postSettings();
  }

  private async drafted(text: string): Promise<void> {
    this.draft = text;
    if (this.suggestion !== undefined && text.includes(this.suggestion)) this.suggestion = undefined;
    await this.attached.look(); // what it comes to is said with the price
  }

  /** Messages about a turn of the open conversation. */
  private async handleTurn(message: Extract<ToHost, { turn: TurnId }>): Promise<void> {
    const id = this.current;
    const isAboutPlace = message.kind === "stop" || message.kind === "regenerate" || message.kind === "edit";
    const named = isAboutPlace ? this.app.chat.standsFor(message.turn) : message.turn;
    const turn = id && this.app.chat.get(id)?.turns.find((candidate) => candidate.id === named);
    if (!id || !turn) return this.app.log.warn("A chat panel named a turn that is not there");
    const code = new CodeActions(turn);
    switch (message.kind) {
      case "stop":
        return this.app.chat.stop(id, turn.id);
      case "regenerate":
        return this.again(id, turn);
      case "edit":
        return this.again(id, turn, message.text);
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
    return this.app.errors.act(error, () => void this.again(id, turn), isHere);
  }

  private async ready(): Promise<void> {
    this.isReady = this.isHearing = true;
    await this.snapshot();
    for (const message of this.waiting.splice(0)) this.post(message);
    this.postSuggestion();
  }

  private ensureConversation(): ConversationId {
    this.current ??= this.app.chat.create().id;
    return this.current;
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
    this.refused = {};
  }

  private forgetCurrent(isElsewhere: boolean): void {
    this.show(undefined);
    if (isElsewhere) void showInformation(t("This conversation was deleted in another window."));
  }

  private async snapshot(): Promise<void> {
    if (!this.isReady) return;
    if (this.current && !(await this.app.chat.open(this.current))) this.current = undefined;
    const { query, draft, refused } = this;
    const state = await this.content.state(this.current, { query, draft, refused }, this.attached);
    if ("reveal" in this.shown) this.shown.title = state.title; // the view in the side bar has a name of its own
    this.post({ kind: "snapshot", state });
    void this.learnForPictures();
  }

  private async postHistory(): Promise<void> {
    this.post({ kind: "history", items: await this.content.history(this.current, this.query) });
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

  /** One that goes along with the draft or went with a question of this conversation; no other, and whoever asks hears of it. */
  private async postPicture(named: string): Promise<void> {
    const { chat } = this.app;
    const draft = this.attached.picture(named);
    const turns = (this.current && chat.get(this.current)?.turns) || [];
    const sent = turns.flatMap(({ attachments }) => picturesOf(attachments));
    const picture = draft?.picture ?? sent.find(({ sha256 }) => sha256 === named);
    const bytes = draft?.bytes ?? (picture && (await chat.pictures.read(picture)));
    const shown =
      picture && bytes
        ? { source: `data:${mediaTypeOf(picture)};base64,${Buffer.from(bytes).toString("base64")}` }
        : { problem: pictureGoneText(t) };
    this.post({ kind: "picture", picture: named, shown });
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

function remembered(memory: unknown): PanelMemory {
  const { conversation, attached } = (memory ?? {}) as Partial<Record<keyof PanelMemory, unknown>>;
  return {
    ...(typeof conversation === "string" ? { conversation: conversation as ConversationId } : {}),
    ...(typeof attached === "string" ? { attached } : {}),
  };
}

// The whole panel: takes the host's messages apart and hands each to the part it is for.
import type { ConversationId } from "../../src/domain/ids.js";
import type { FromPanel, PanelState, ToHost, ToPanel } from "../../src/protocol.js";
import { Announcer } from "./announcer.js";
import { Composer } from "./composer.js";
import type { ChatContext } from "./context.js";
import { el } from "../dom.js";
import { Header } from "./header.js";
import { History } from "./history.js";
import { Transcript } from "./transcript.js";
import { Pictures } from "./pictures.js";
import { ViewState, type StateStore } from "./viewState.js";
import { Welcome } from "./welcome.js";

export interface EditorApi extends StateStore {
  postMessage(message: FromPanel): void;
}

export class Panel {
  private readonly root: HTMLElement;
  private readonly post: (message: ToHost) => void;
  private readonly viewState: ViewState;
  private readonly announcer = new Announcer();
  /** Built with the first snapshot: the words of the controls come with it. */
  private parts: Parts | undefined;

  constructor(root: HTMLElement, api: EditorApi) {
    this.root = root;
    const viewState = new ViewState(api);
    this.viewState = viewState;
    this.post = (message) => {
      const shown = viewState.conversation as ConversationId | "";
      api.postMessage({ ...message, ...(shown === "" ? {} : { conversation: shown }) });
    };
  }

  /** Takes any value; what is no message of the protocol is ignored. */
  receive(message: unknown): void {
    if (typeof message !== "object" || message === null || !("kind" in message)) return;
    const known = message as ToPanel;
    if (known.kind === "snapshot") {
      this.parts ??= this.build(known.state);
      this.parts.snapshot(known.state);
    } else this.parts?.receive(known, this.announcer);
  }

  private build(state: PanelState): Parts {
    const { post, viewState } = this;
    const { strings } = state;
    const announce = (text: string) => this.announcer.say(text);
    const pictures = new Pictures(post);
    const parts = new Parts({ post, strings, viewState, pictures, announce });
    this.root.replaceChildren(...parts.elements, this.announcer.element);
    return parts;
  }
}

class Parts {
  private readonly context: ChatContext;
  private readonly header: Header;
  private readonly history: History;
  private readonly welcome: Welcome;
  private readonly transcript: Transcript;
  private readonly composer: Composer;
  private readonly stage = el("div", { class: "stage" });
  private conversation: string | undefined;

  constructor(context: ChatContext) {
    this.context = context;
    this.header = new Header(context, () => this.setHistoryOpen(this.history.element.hidden, true));
    this.history = new History(context, () => this.setHistoryOpen(false, true));
    this.welcome = new Welcome(context, (text) => {
      this.composer.setDraft(text);
      this.composer.focus();
    });
    this.transcript = new Transcript(context);
    this.composer = new Composer(context);
    this.stage.append(this.welcome.element, this.transcript.element, this.composer.element);
    this.setHistoryOpen(context.viewState.isHistoryOpen, false);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.composer.stop();
    });
  }

  get elements(): readonly HTMLElement[] {
    return [this.header.element, el("main", { class: "content" }, this.history.element, this.stage)];
  }

  snapshot(state: PanelState): void {
    const conversation = state.conversation ?? "";
    const isFirst = this.conversation === undefined;
    const isOther = !isFirst && this.conversation !== conversation;
    // A conversation that begins with what was typed is no other one.
    const isOtherOfTwo = isOther && this.conversation !== "";
    if (isOther) this.composer.leave();
    this.conversation = conversation;
    this.context.viewState.setConversation(conversation);
    this.header.show(state.header);
    this.header.showTitle(state.title);
    this.history.show(state.history);
    this.composer.showHeader(state.header);
    this.composer.showModels(state.models);
    this.composer.showAttached(state.attached.items);
    this.composer.showEstimate(state.estimate, state.isTooLong);
    this.composer.showSettings(state.settings, isOtherOfTwo);
    this.context.viewState.setAttached(state.attached.draft);
    if (state.welcome) this.welcome.show(state.welcome);
    this.welcome.element.hidden = state.turns.length > 0 || !state.welcome;
    this.transcript.element.hidden = !this.welcome.element.hidden;
    this.transcript.show(conversation, state.title, state.turns);
    if (isFirst) this.composer.resume(state.turns.at(-1));
    if (isOther) this.composer.taken();
    this.composer.showRunning(this.transcript.running?.id);
    if (isOther && !this.composer.isSettingUp) this.composer.focus();
  }

  receive(message: ToPanel, announcer: Announcer): void {
    switch (message.kind) {
      case "delta":
        return this.transcript.delta(message);
      case "turn":
        this.welcome.element.hidden = true;
        this.transcript.element.hidden = false;
        this.transcript.turn(message.turn);
        this.composer.taken();
        this.composer.showRunning(this.transcript.running?.id);
        return announcer.follow(message.turn, this.context.strings);
      case "header":
        this.header.show(message.header);
        return this.composer.showHeader(message.header);
      case "models":
        return this.composer.showModels(message.models);
      case "estimate":
        return this.composer.showEstimate(message.text, message.isTooLong);
      case "settings":
        return this.composer.showSettings(message.settings);
      case "history":
        return this.history.show(message.items);
      case "draft":
        this.composer.giveBack(message.text);
        return this.composer.focus();
      case "suggest":
        this.composer.suggest(message.text);
        return this.composer.focus();
      case "attached":
        return this.composer.showAttached(message.items);
      case "attachment":
        return this.transcript.attachment(message.turn, message.attachment, message.text);
      case "picture":
        return this.context.pictures.receive(message);
      case "focus":
        if (message.what === "input") this.composer.focus();
        else this.transcript.focusLastAnswer();
        return;
      case "snapshot":
        return this.snapshot(message.state);
    }
  }

  private setHistoryOpen(isOpen: boolean, isAsked: boolean): void {
    this.history.setOpen(isOpen);
    this.stage.hidden = isOpen;
    this.header.showHistoryOpen(isOpen);
    this.context.viewState.setHistoryOpen(isOpen);
    if (!isAsked) return;
    if (isOpen) this.history.focus();
    else this.header.focusHistory();
  }
}

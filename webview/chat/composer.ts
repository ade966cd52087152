// Where questions are written: a field that grows, the model picker, and one button that sends or stops.
import type { AttachmentView } from "../../src/protocol/attachments.js";
import type { HeaderView, ModelOption, SettingsView, TurnView } from "../../src/protocol.js";
import { button, textArea, type Button, type TextArea } from "../controls.js";
import { Attachments } from "./attachments.js";
import type { ChatContext } from "./context.js";
import { el, iconButton } from "../dom.js";
import { takeDrops, takePastes } from "./handedIn.js";
import { icon } from "../icons.js";
import { whenRested } from "../rested.js";
import { ModelPicker } from "./modelPicker.js";
import { SettingsSheet } from "./settingsSheet.js";

const estimateDelay = 300;
/** Before that, sending is told by the question that appears. */
const slowDelay = 400;

export class Composer {
  readonly element: HTMLElement;
  private readonly context: ChatContext;
  private readonly field: TextArea;
  private readonly sendButton: Button;
  private readonly stopButton: Button;
  private readonly picker: ModelPicker;
  private readonly attachments: Attachments;
  private readonly settings: SettingsSheet;
  private readonly note = el("div", { class: "note" });
  /** What it says, to leave its button alone while that stays. */
  private noteText = "";
  private running: TurnView["id"] | undefined;
  private header: HeaderView | undefined;
  private estimate = "";
  private isTooLong = false;
  /** Of the conversation's settings. */
  private summary = "";
  /** The question that a command wrote, to make room for the next one as long as nobody changed it. */
  private suggestion = "";
  private isSlow = false;
  private readonly tellSlow = whenRested(slowDelay, () => {
    this.isSlow = this.isSending;
    this.showNote();
  });
  private readonly askPrice = whenRested(estimateDelay, (text: string) =>
    this.context.post({ kind: "estimate", text }),
  );

  constructor(context: ChatContext) {
    this.context = context;
    const { strings, viewState } = context;
    this.field = textArea({
      label: strings.inputLabel,
      placeholder: strings.inputPlaceholder,
      value: viewState.draft,
      onInput: (value) => this.onInput(value),
      onKey: (event) => this.onKey(event),
    });
    this.sendButton = button({
      label: strings.send,
      appearance: "primary",
      icon: icon("send"),
      onClick: () => this.send(),
    });
    this.stopButton = button({
      label: strings.stop,
      appearance: "secondary",
      icon: icon("stop"),
      onClick: () => this.stop(),
    });
    this.picker = new ModelPicker(context);
    this.attachments = new Attachments(context, () => this.focus());
    this.settings = new SettingsSheet(context);
    const attach = iconButton(strings.attach, icon("attach"), () => context.post({ kind: "attach" }));
    const bar = el(
      "div",
      { class: "composer-bar" },
      el("span", { class: "composer-tools" }, attach, this.settings.button, this.picker.element),
      el("span", { class: "composer-action" }, this.sendButton.element, this.stopButton.element),
    );
    this.element = el(
      "form",
      { class: "composer", "aria-label": strings.inputLabel },
      this.settings.element,
      this.attachments.element,
      el("div", { class: "field composer-field" }, this.field.element, bar),
      this.note,
    );
    this.element.addEventListener("submit", (event) => event.preventDefault());
    takeDrops(this.element, context);
    takePastes(this.element, context);
    this.showButtons();
  }

  showHeader(header: HeaderView): void {
    this.header = header;
    this.showNote();
    this.showButtons();
  }

  showModels(models: readonly ModelOption[]): void {
    this.picker.show(models);
  }

  showAttached(items: readonly AttachmentView[]): void {
    this.attachments.show(items);
  }

  /** Another conversation is about to be shown: what was typed belongs to the one before. */
  leave(): void {
    this.settings.flush();
  }

  showSettings(settings: SettingsView, isOther = false): void {
    this.settings.show(settings, isOther);
    this.summary = settings.summary;
    this.showNote();
  }

  /** While somebody writes there, the focus stays. */
  get isSettingUp(): boolean {
    return this.settings.element.contains(document.activeElement);
  }

  showEstimate(text: string, isTooLong = false): void {
    this.estimate = text;
    this.isTooLong = isTooLong;
    this.showNote();
  }

  /** The turn that can be stopped, or none. */
  showRunning(turn: TurnView["id"] | undefined): void {
    if (turn === this.running) return;
    const hadFocus = this.element.querySelector(".composer-action")?.contains(document.activeElement);
    this.running = turn;
    this.showButtons();
    // The button that was pressed is gone: the focus must not be lost with it.
    if (hadFocus) this.focus();
  }

  setDraft(text: string): void {
    this.field.setValue(text);
  }

  /** What was on its way is a turn now, or another conversation's. */
  taken(): void {
    if (!this.isSending) return;
    this.context.viewState.setSending("");
    this.isSlow = false;
    this.showButtons();
    this.showNote();
  }

  /** It was not sent: nothing that was written meanwhile is lost, it comes after it. The page and the host may both have kept it. */
  giveBack(text: string): void {
    this.taken();
    const draft = this.field.getValue();
    if (!`${draft}\n`.startsWith(`${text}\n`)) this.setDraft(inTurn(text, draft));
  }

  /** In a page that was made anew: what was on its way then is the last turn by now, or it comes back. */
  resume(last: TurnView | undefined): void {
    const { sending } = this.context.viewState;
    if (this.isSending && sending !== last?.question) this.giveBack(sending);
    else this.taken();
  }

  /** Nothing that the user wrote is lost: the question comes after it. */
  suggest(text: string): void {
    const draft = this.field.getValue().trim();
    const isReplaced = draft === "" || draft === this.suggestion;
    if (!draft.endsWith(text)) this.setDraft(isReplaced ? text : inTurn(draft, text));
    this.suggestion = isReplaced ? text : "";
  }

  focus(): void {
    this.field.focus();
  }

  stop(): void {
    if (this.running) this.context.post({ kind: "stop", turn: this.running });
  }

  private send(): void {
    const text = this.field.getValue().trim();
    if (text === "" || this.running || this.isSending || !this.header?.canSend) return;
    this.context.post({ kind: "send", text });
    this.context.viewState.setSending(text);
    this.field.setValue("");
    this.tellSlow();
    this.focus();
  }

  private get isSending(): boolean {
    return this.context.viewState.sending !== "";
  }

  private onKey(event: KeyboardEvent): void {
    // During composition Enter chooses a word. Some browsers report the last key only by its number.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  }

  private onInput(value: string): void {
    this.context.viewState.setDraft(value);
    this.showButtons();
    this.askPrice(value);
  }

  private showButtons(): void {
    const isRunning = this.running !== undefined;
    this.sendButton.element.hidden = isRunning;
    this.stopButton.element.hidden = !isRunning;
    const canSend = this.header?.canSend && !this.isSending && this.field.getValue().trim() !== "";
    this.sendButton.setDisabled(!canSend);
  }

  private showNote(): void {
    const { blocked, startButton } = this.header?.canSend === false ? this.header : {};
    const progress = this.isSlow ? this.context.strings.sending : "";
    const parts = [progress, this.estimate, this.summary].filter((part) => part !== "").join(" · ");
    const warning = blocked ?? (this.isTooLong ? parts : undefined);
    const text = [warning === undefined ? "" : "!", blocked ?? parts, startButton].join("\n");
    if (text === this.noteText) return;
    this.noteText = text;
    const hadFocus = this.note.contains(document.activeElement);
    this.note.classList.toggle("is-blocked", warning !== undefined);
    this.note.replaceChildren(...(warning ? [icon("warning"), el("span", {}, warning)] : [parts]));
    if (startButton !== undefined) this.note.append(this.startButton(startButton));
    // The button that was pressed is gone: the focus must not be lost with it.
    if (hadFocus) this.focus();
  }

  private startButton(label: string): HTMLElement {
    const onClick = () => this.context.post({ kind: "start" });
    return button({ label, appearance: "secondary", onClick }).element;
  }
}

function inTurn(first: string, then: string): string {
  return [first, then].filter((text) => text.trim() !== "").join("\n");
}

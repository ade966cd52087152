// What the panel asks: a question that was written there, or one once more. Whatever is shown meanwhile, it is asked in the conversation that
// it was written in; and what was not asked comes back there.
import { picturesOf } from "../../domain/attachment.js";
import type { Turn } from "../../domain/chat.js";
import type { ConversationId } from "../../domain/ids.js";
import { replacementConfirmation } from "../../view/chat/chatView.js";
import type { App } from "../app.js";
import { showWarning } from "../notices.js";
import { t } from "../translate.js";
import type { ChatAttachments } from "./attachments.js";
import type { PanelContent } from "./panelContent.js";

export interface AskingOptions {
  readonly app: App;
  readonly content: PanelContent;
  readonly attached: ChatAttachments;
  /** Resolves when what was typed in the settings counts. */
  readonly settled: () => Promise<unknown>;
  /** The conversation in the panel. */
  readonly shown: () => ConversationId | undefined;
  /** Tells the panel of words that were not asked. */
  readonly giveBack: (text: string) => void;
}

export class Asking {
  /** Words that were not asked, of conversations that are not shown now. */
  private readonly left = new Map<ConversationId, readonly string[]>();

  constructor(private readonly options: AskingOptions) {}

  /** Not asked without what it was about, said or attached: then all goes back to where it was. */
  async send(id: ConversationId, text: string): Promise<void> {
    const { errors } = this.options.app;
    const isSent = await this.sent(id, text).catch((error: unknown) => void errors.show(error));
    if (!isSent) this.giveBack(id, text);
  }

  /** Answers that are there are not given up unasked, nor for a question that is not sent: its new words come back then. */
  async again(id: ConversationId, turn: Turn, question?: string): Promise<void> {
    const { errors } = this.options.app;
    const again = () => void this.again(id, turn);
    const isAsked = await this.askedAgain(id, turn, question).catch(
      (error: unknown) => void errors.show(error, question === undefined ? again : undefined),
    );
    if (!isAsked && question !== undefined && question !== turn.question) this.giveBack(id, question);
  }

  /** Words that were not asked, where they were written. */
  giveBack(id: ConversationId, text: string): void {
    const { app, shown, giveBack } = this.options;
    const isDeleted = app.chat.get(id) === undefined;
    if (shown() === id || (isDeleted && shown() === undefined)) giveBack(text);
    else if (!isDeleted) this.left.set(id, [...(this.left.get(id) ?? []), text]);
  }

  /** The panel shows it from now on. */
  show(id: ConversationId | undefined): void {
    const texts = (id && this.left.get(id)) ?? [];
    if (id) this.left.delete(id);
    for (const text of texts) this.options.giveBack(text);
  }

  private async sent(id: ConversationId, text: string): Promise<boolean> {
    const { app, attached, settled } = this.options;
    await settled();
    if (attached.hasPictures && !(await this.areTaken(id))) return false;
    const taken = await attached.take();
    if (!taken) return false;
    let isAsked = false;
    const asked = () => {
      isAsked = true;
      attached.asked(taken).catch((error: unknown) => app.errors.show(error));
    };
    try {
      await app.chat.send(id, text, taken.attachments, taken.pictures, asked);
    } catch (error) {
      app.errors.show(error); // of a question that is there, it is not about the question
    }
    await (isAsked ? attached.settle(taken) : attached.putBack(taken));
    return isAsked;
  }

  private async askedAgain(
    id: ConversationId,
    { id: turn, attachments }: Turn,
    question: string | undefined,
  ): Promise<boolean> {
    const { chat, dialogs } = this.options.app;
    await this.options.settled();
    const turns = chat.get(id)?.turns ?? [];
    const later = turns.length - 1 - turns.findIndex((one) => one.id === turn);
    if (later > 0 && later < turns.length && !(await dialogs.confirm(replacementConfirmation(later, t))))
      return false;
    if (picturesOf(attachments).length > 0 && !(await this.areTaken(id))) return false;
    return question === undefined ? chat.regenerate(id, turn) : chat.edit(id, turn, question);
  }

  /** Pictures, by the model of the next question; says it where they are not. */
  private async areTaken(id: ConversationId): Promise<boolean> {
    const refusal = await this.options.content.blindness(id);
    if (refusal !== undefined) void showWarning(refusal);
    return refusal === undefined;
  }
}

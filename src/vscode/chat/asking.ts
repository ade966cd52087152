// What the panel asks: a question that was written there, or one once more. Whatever is shown meanwhile, it is asked in the conversation that
// it was written in; and what was not asked comes back there.
import { picturesOf } from "../../domain/attachment.js";
import type { Turn } from "../../domain/chat.js";
import type { ConversationId } from "../../domain/ids.js";
import { replacementConfirmation } from "../../view/chat/chatView.js";
import type { Taken } from "../../services/chat/draftAttachments.js";
import type { App } from "../app.js";
import { showWarning } from "../notices.js";
import { t } from "../translate.js";
import type { ChatAttachments } from "./attachments.js";
import type { PanelContent } from "./panelContent.js";
import { UnsentQuestions } from "./unsent.js";

export interface AskingOptions {
  readonly app: App;
  readonly content: PanelContent;
  readonly attached: ChatAttachments;
  /** Resolves when what was typed in the settings counts. */
  readonly settled: () => Promise<unknown>;
  /** Whether the page shows it now and hears what it is told; any one, where none is named. */
  readonly isShown: (id: ConversationId | undefined) => boolean;
  /** Tells the panel of words that were not asked. */
  readonly giveBack: (text: string) => void;
}

export class Asking {
  private readonly unsent: UnsentQuestions;

  constructor(private readonly options: AskingOptions) {
    this.unsent = new UnsentQuestions(options.app.drafts);
  }

  /** Not asked without what it was about, said or attached: then all goes back to where it was. */
  async send(id: ConversationId, text: string): Promise<void> {
    const { errors } = this.options.app;
    const taken = await this.taken(id).catch((error: unknown) => void errors.show(error));
    if (!taken || !(await this.isAsked(id, text, taken))) await this.giveBack(id, text, taken);
  }

  /** Answers that are there are not given up unasked, nor for a question that is not sent: its new words come back then. */
  async again(id: ConversationId, turn: Turn, question?: string): Promise<void> {
    const { errors } = this.options.app;
    const again = () => void this.again(id, turn);
    const isAsked = await this.askedAgain(id, turn, question).catch(
      (error: unknown) => void errors.show(error, question === undefined ? again : undefined),
    );
    if (!isAsked && question !== undefined && question !== turn.question) await this.giveBack(id, question);
  }

  /** What was not asked, where it was written; where that is gone, in whatever is shown. */
  async giveBack(id: ConversationId, text: string, taken?: Taken): Promise<void> {
    const { app, attached, isShown, giveBack } = this.options;
    const conversation = app.chat.get(id) && id;
    if (isShown(conversation)) {
      if (taken) await attached.putBack(taken);
      giveBack(text);
    } else await this.unsent.keep({ conversation, text, places: taken ? await attached.leave(taken) : [] });
  }

  /** The page shows it from now on. */
  async show(id: ConversationId | undefined): Promise<void> {
    const { attached, isShown, giveBack } = this.options;
    if (!isShown(id)) return;
    for (const { text, places } of await this.unsent.take(id)) {
      giveBack(text);
      if (places.length > 0) await attached.add(places);
    }
  }

  /** It is deleted. */
  forget(id: ConversationId): Promise<void> {
    return this.unsent.orphan(id);
  }

  /** What goes along. Undefined: not all of it can. */
  private async taken(id: ConversationId): Promise<Taken | undefined> {
    const { attached, settled } = this.options;
    await settled();
    if (attached.hasPictures && !(await this.areTaken(id))) return undefined;
    return attached.take();
  }

  private async isAsked(id: ConversationId, text: string, taken: Taken): Promise<boolean> {
    const { app, attached } = this.options;
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
    if (isAsked) await attached.settle(taken);
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

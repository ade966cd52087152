// The conversations that are open: values replaced, never changed, with one event for each replacement, and written to disk.
import type { Answer, Conversation, Turn } from "../../domain/chat.js";
import type { Clock } from "../../domain/clock.js";
import { toComputeError, type ComputeError } from "../../domain/error.js";
import { Emitter, type Disposable, type Event } from "../../domain/event.js";
import type { ConversationId, TurnId } from "../../domain/ids.js";
import type { Log } from "../../domain/log.js";
import { mergeConversations, seenOf } from "./conversationMerge.js";
import type { ConversationStore } from "./conversations.js";

export type ChatChange =
  | { readonly kind: "conversation"; readonly conversation: Conversation } // title, picked model, which turns there are
  | { readonly kind: "turn"; readonly conversation: ConversationId; readonly turn: Turn } // complete value
  | {
      readonly kind: "delta";
      readonly conversation: ConversationId;
      readonly turn: TurnId;
      readonly channel: "text" | "reasoning";
      readonly text: string;
    }
  | {
      readonly kind: "deleted";
      readonly conversation: ConversationId;
      /** In another window: nobody here asked for it. */
      readonly isElsewhere?: boolean;
    }
  | { readonly kind: "unsaved"; readonly error: ComputeError } // told once until everything is written again
  | { readonly kind: "list" }; // what `list` answers is another than before

export interface OpenConversationsOptions {
  readonly store: ConversationStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** A question in the place of answers. Until it is out these are the conversation, on disk and for verdicts that come late. */
interface Replacement {
  readonly turn: TurnId;
  readonly before: Pick<Conversation, "title" | "network">;
  replaced: readonly Turn[];
  /** The provider may have taken it. */
  isOut: boolean;
}

const saveEveryMs = 2000;

export class OpenConversations implements Disposable {
  private readonly changed = new Emitter<ChatChange>();
  readonly onDidChange: Event<ChatChange> = this.changed.event;
  private readonly opened = new Map<ConversationId, Conversation>();
  private readonly savedAt = new Map<ConversationId, number>();
  private readonly replacements = new Map<ConversationId, Replacement>();
  /** What the disk refused, and nothing wrote since. */
  private readonly unsaved = new Set<ConversationId>();

  constructor(private readonly options: OpenConversationsOptions) {}

  get ids(): readonly ConversationId[] {
    return [...this.opened.keys()];
  }

  get all(): readonly Conversation[] {
    return [...this.opened.values()];
  }

  get(id: ConversationId): Conversation | undefined {
    return this.opened.get(id);
  }

  find(id: ConversationId, turn: TurnId): Turn | undefined {
    const isIt = (candidate: Turn) => candidate.id === turn;
    return this.opened.get(id)?.turns.find(isIt) ?? this.replacements.get(id)?.replaced.find(isIt);
  }

  /** `turn` is there now, in place of those `replaced`, which stand again at `settle` unless it went out. */
  replacing({ id, title, network }: Conversation, turn: TurnId, replaced: readonly Turn[]): void {
    this.replacements.set(id, { turn, before: { title, network }, replaced, isOut: false });
  }

  /** It is on its way to the provider; or not any more, and was surely not taken. */
  setOut(id: ConversationId, isOut: boolean): void {
    const replacement = this.replacements.get(id);
    if (replacement) replacement.isOut = isOut;
  }

  /** What would be replaced stands as long as this is so. */
  isUnsent(id: ConversationId): boolean {
    return this.replacements.get(id)?.isOut === false;
  }

  /** The end of `replacing`, either way. */
  settle(id: ConversationId): void {
    const conversation = this.opened.get(id);
    if (conversation && this.isUnsent(id)) this.replace(this.standing(conversation));
    this.replacements.delete(id);
  }

  /** Opens one without an event: nobody shows it yet. */
  add(conversation: Conversation): void {
    this.opened.set(conversation.id, conversation);
  }

  async open(id: ConversationId): Promise<Conversation | undefined> {
    const read = this.opened.get(id) ?? (await this.options.store.read(id));
    const conversation = this.opened.get(id) ?? read; // opened by somebody else meanwhile
    if (conversation) this.opened.set(id, conversation);
    return conversation;
  }

  replace(conversation: Conversation): void {
    this.opened.set(conversation.id, { ...conversation, updatedAt: this.options.clock.now() });
    this.announce(conversation.id);
  }

  announce(id: ConversationId): void {
    const conversation = this.opened.get(id);
    if (conversation) this.changed.fire({ kind: "conversation", conversation });
  }

  announceList(): void {
    this.changed.fire({ kind: "list" });
  }

  /** Replaces part of an answer; a turn that was replaced or deleted meanwhile is left alone. */
  change(id: ConversationId, turn: TurnId, part: Partial<Answer>): void {
    const made = this.put(id, turn, part);
    const isShown = made !== undefined && this.opened.get(id)?.turns.includes(made);
    if (isShown) this.changed.fire({ kind: "turn", conversation: id, turn: made });
  }

  /** Adds to an answer, with an event for the piece alone; what arrived is saved now and then. */
  append(id: ConversationId, turn: TurnId, channel: "text" | "reasoning", text: string): void {
    const answer = this.find(id, turn)?.answer;
    if (!answer) return;
    const now = this.options.clock.now();
    if (answer.state === "waiting")
      this.change(id, turn, { state: "streaming", firstTokenAt: now, waitSeconds: undefined });
    const whole = ((channel === "text" ? answer.text : answer.reasoning) ?? "") + text;
    this.put(id, turn, channel === "text" ? { text: whole } : { reasoning: whole });
    this.changed.fire({ kind: "delta", conversation: id, turn, channel, text });
    // The first piece at once: should the process be killed, nobody may say later that no answer came.
    if (answer.state === "waiting" || now - (this.savedAt.get(id) ?? 0) >= saveEveryMs) void this.save(id);
  }

  /** A disk that refuses must not end the chat: the text is on screen, the log has the reason, and the user is told once. */
  async save(id: ConversationId): Promise<void> {
    const shown = this.opened.get(id);
    if (!shown) return void this.unsaved.delete(id);
    const conversation = this.standing(shown);
    this.savedAt.set(id, this.options.clock.now());
    try {
      this.adopt(conversation, await this.options.store.save(conversation));
    } catch (error) {
      this.options.log.error("A conversation could not be written to disk", error);
      const isTold = this.unsaved.size > 0;
      this.unsaved.add(id);
      if (!isTold) this.changed.fire({ kind: "unsaved", error: toComputeError(error) });
      return;
    }
    this.unsaved.delete(id);
    const [left] = this.unsaved;
    if (left !== undefined) await this.save(left); // there is room again
  }

  /** The user asked for it, and is told again when the disk still refuses. */
  async saveAgain(): Promise<void> {
    const ids = [...this.unsaved];
    this.unsaved.clear();
    for (const id of ids) await this.save(id);
  }

  /** With what other windows did to it; undefined when it was deleted in one. A file that cannot be read is no reason to stop. */
  async refresh(id: ConversationId): Promise<Conversation | undefined> {
    const conversation = this.opened.get(id);
    if (!conversation) return undefined;
    try {
      this.adopt(conversation, await this.options.store.refresh(conversation));
    } catch (error) {
      this.options.log.error("A conversation could not be read again", error);
    }
    return this.opened.get(id);
  }

  async delete(id: ConversationId): Promise<void> {
    this.opened.delete(id);
    await this.options.store.delete(id);
    await this.options.store.sweepPictures(this.all);
    this.changed.fire({ kind: "deleted", conversation: id });
    this.announceList();
  }

  async deleteAll(): Promise<void> {
    const { ids } = this;
    this.opened.clear();
    await this.options.store.deleteAll(ids);
    for (const id of ids) this.changed.fire({ kind: "deleted", conversation: id });
    this.announceList();
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** What came back from disk for `conversation`, which may have changed here since. */
  private adopt(conversation: Conversation, renewed: Conversation | undefined): void {
    const { id } = conversation;
    const now = this.opened.get(id);
    if (!now || renewed === conversation) return;
    if (!renewed) {
      this.opened.delete(id);
      this.changed.fire({ kind: "deleted", conversation: id, isElsewhere: true });
      this.announceList();
      return;
    }
    const replacement = this.replacements.get(id);
    if (replacement)
      replacement.replaced = replacement.replaced.map(
        (turn) => renewed.turns.find((theirs) => theirs.id === turn.id) ?? turn,
      );
    const seen = seenOf(conversation, conversation);
    this.opened.set(id, mergeConversations(now, renewed, seen, (turn) => turn).shown);
    this.announce(id);
    this.announceList();
  }

  /** With what a question that is not out yet would replace. */
  private standing(conversation: Conversation): Conversation {
    const replacement = this.replacements.get(conversation.id);
    if (!replacement || replacement.isOut) return conversation;
    const { turn: id, before, replaced } = replacement;
    const turns = conversation.turns.flatMap((turn) => (turn.id === id ? replaced : [turn]));
    return { ...conversation, ...before, turns };
  }

  private put(id: ConversationId, turn: TurnId, part: Partial<Answer>): Turn | undefined {
    const conversation = this.opened.get(id);
    const old = this.find(id, turn);
    if (!conversation || !old) return undefined;
    const made = { ...old, answer: { ...old.answer, ...part } };
    const withIt = (turns: readonly Turn[]) => turns.map((one) => (one === old ? made : one));
    this.opened.set(id, { ...conversation, turns: withIt(conversation.turns) });
    const replacement = this.replacements.get(id);
    if (replacement) replacement.replaced = withIt(replacement.replaced);
    return made;
  }
}
